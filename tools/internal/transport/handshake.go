package transport

import (
	"crypto/tls"
	"net"
	"runtime"
)

// computing holds the handshakes that compute. Each takes about a millisecond, and a loop
// with sockets to read waits behind all that are ready to go on: a hundred at once kept it
// for 100 ms. So no more go on than there are processors.
var computing = make(chan struct{}, runtime.GOMAXPROCS(0))

// handshake starts TLS. A configured server name is the server's, not the proxy's.
// It runs on a goroutine of its own, whose stack grows to 16 or 32 kB: the caller's
// would stay as large.
func (e *Endpoint) handshake(l *link, name string, proxy bool) (net.Conn, error) {
	config := e.config.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	config.NextProtos = []string{"http/1.1"}
	if proxy || config.ServerName == "" {
		config.ServerName = name
	}
	secure := tls.Client(l.rw, config)
	done := make(chan error)
	go func() { done <- l.feed.shake(secure) }()
	return secure, <-done
}

// compute returns when it is a handshake's turn to compute. A goroutine that is woken by
// another goes on in its stead, in front of all that wait for the processor: so it lines
// up again.
func compute() {
	computing <- struct{}{}
	runtime.Gosched()
}

// shake computes a handshake, and lets others compute while it waits for the server.
func (f *feed) shake(secure *tls.Conn) error {
	compute()
	f.shaking = true
	defer func() {
		f.shaking = false
		<-computing
	}()
	return secure.Handshake()
}

// readShaking reads during a handshake.
func (f *feed) readShaking(p []byte) (int, error) {
	<-computing
	defer compute()
	return f.Conn.Read(p)
}
