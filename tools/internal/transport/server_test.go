package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/rawserver"
	"fastgenbench/tools/internal/stamp"
)

// question is one request that a test's server got.
type question struct {
	*http.Request
	text string // its body
	n    int    // how many came before, on all connections
	conn net.Conn
}

// accept starts a server that gives each connection to handle, and closes it then.
func accept(t testing.TB, network, address string, handle func(net.Conn)) net.Addr {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	rawserver.Accept(t, listener, handle)
	return listener.Addr()
}

// serve starts a server of raw bytes and returns its address. What answer
// writes is what goes out; when it returns false the connection is closed.
func serve(t testing.TB, answer func(q question) bool) string {
	t.Helper()
	return "http://" + accept(t, "tcp", "127.0.0.1:0", answering(answer)).String()
}

func answering(answer func(q question) bool) func(net.Conn) {
	return rawserver.Answering(func(r *http.Request, text string, n int, conn net.Conn) bool {
		return answer(question{r, text, n, conn})
	})
}

const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

// stream writes a whole answer, each part a chunk.
func stream(w io.Writer, parts ...string) bool {
	io.WriteString(w, streamHead)
	for _, part := range parts {
		chunked(w, part)
	}
	_, err := io.WriteString(w, "0\r\n\r\n")
	return err == nil
}

func chunked(w io.Writer, text string) { fmt.Fprintf(w, "%x\r\n%s\r\n", len(text), text) }

func plain(w io.Writer, status int, body string, fields ...string) bool {
	_, err := fmt.Fprintf(w, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n%s\r\n%s",
		status, http.StatusText(status), len(body), strings.Join(append(fields, ""), "\r\n"), body)
	return err == nil
}

// recorder keeps what an exchange brought.
type recorder struct {
	begins   int
	parts    []string
	arrivals []stamp.Arrival
	read     chan struct{} // told of each part; may be nil
}

func (*recorder) Warm() int { return 0 }

func (r *recorder) Begin(time.Time) { *r = recorder{begins: r.begins + 1, read: r.read} }

func (r *recorder) Body(p []byte, at stamp.Arrival) error {
	r.parts = append(r.parts, string(p))
	r.arrivals = append(r.arrivals, at)
	if r.read != nil {
		r.read <- struct{}{}
	}
	return nil
}

func (r *recorder) text() string { return strings.Join(r.parts, "") }

func address(t testing.TB, text string) Address {
	t.Helper()
	a, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func endpoint(t testing.TB, url string, change func(*Config)) *Endpoint {
	t.Helper()
	c := Config{Address: address(t, url), Loops: loops}
	if change != nil {
		change(&c)
	}
	e, err := NewEndpoint(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// post asks once for /v1/completions on a connection.
func post(t testing.TB, e *Endpoint, h *HTTP) (*recorder, Sent, error) {
	t.Helper()
	var got recorder
	sent, err := h.Exchange(background(t), e.Post(nil, "/v1/completions", "", []byte("{}")), 10*time.Second, nil, &got)
	return &got, sent, err
}

func background(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// certified returns a TLS server's configuration, for 127.0.0.1 and
// example.com, and the client's that trusts it.
func certified(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

// answeringHead answers as soon as the first line of a request is there, and
// reads the rest of it.
func answeringHead(answer func(conn io.Writer)) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			answer(conn)
			io.Copy(io.Discard, conn)
		}
	}
}
