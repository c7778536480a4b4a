// Package rawserver is a server for tests that control every byte of an answer.
package rawserver

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Accept gives each connection to handle, and closes it then. It ends with the test.
func Accept(t testing.TB, listener net.Listener, handle func(net.Conn)) {
	var running sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			running.Go(func() { defer conn.Close(); handle(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
}

// Answering handles a connection by HTTP/1.1. For each request answer gets its body
// and how many came before, on all connections, and writes to conn what goes out;
// when it returns false the connection is closed.
func Answering(answer func(r *http.Request, body string, n int, conn net.Conn) bool) func(net.Conn) {
	var mu sync.Mutex
	asked := 0
	return func(conn net.Conn) {
		for in := bufio.NewReader(conn); ; {
			request, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, err := io.ReadAll(request.Body)
			if err != nil {
				return
			}
			mu.Lock()
			n := asked
			asked++
			mu.Unlock()
			if !answer(request, string(body), n, conn) {
				return
			}
		}
	}
}

// Write writes and flushes after every so many bytes; 0 is at the end.
func Write(w http.ResponseWriter, every int, all []byte) {
	if every == 0 {
		every = max(1, len(all))
	}
	for len(all) > 0 {
		n := min(every, len(all))
		_, _ = w.Write(all[:n]) // a client that has gone is the test's affair
		w.(http.Flusher).Flush()
		all = all[n:]
	}
}
