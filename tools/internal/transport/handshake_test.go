package transport

import (
	"context"
	"crypto/tls"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fastgenbench/tools/internal/rawserver"
)

// Handshakes compute in turns, and those that wait for their server leave theirs to others.
func TestHandshakesTakeTurns(t *testing.T) {
	var at, most atomic.Int64
	config := &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(tls.ConnectionState) error {
		n := at.Add(1)
		defer at.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		for range 100 {
			runtime.Gosched()
		}
		return nil
	}}
	secure := func(to *Config) { to.TLS = config }
	processors := cap(computing)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	rawserver.Accept(t, listener, func(c net.Conn) {
		c.Read(make([]byte, 1))
		asked <- struct{}{}
		c.Read(make([]byte, 4096)) // says nothing
		c.Read(make([]byte, 4096))
	})
	ctx, stop := context.WithCancel(background(t))
	var waiting sync.WaitGroup
	silent := endpoint(t, "https://"+listener.Addr().String(), secure)
	for range 2 * processors {
		waiting.Go(func() {
			h := silent.HTTP()
			defer h.Close()
			h.Exchange(ctx, nil, time.Minute, nil, new(recorder)) // in vain
		})
		<-asked
	}

	var all sync.WaitGroup
	good := endpoint(t, tlsServer(t).URL, secure)
	for range 4 * processors {
		all.Go(func() {
			h := good.HTTP()
			defer h.Close()
			if got, _, err := post(t, good, h); err != nil || got.text() != "token" {
				t.Error(err)
			}
		})
	}
	all.Wait()
	stop()
	waiting.Wait()
	if n := int(most.Load()); n == 0 || n > processors {
		t.Errorf("%d computed at once on %d processors", n, processors)
	}
}
