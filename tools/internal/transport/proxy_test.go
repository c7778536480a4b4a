package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// proxy forwards whatever it is asked for to one server, when it is asked with
// the user u and the password p@ss.
func proxy(t testing.TB, server string, overTLS bool) (url string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "Basic dTpwQHNz" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if r.Method != http.MethodConnect {
			io.WriteString(w, r.RequestURI+" for "+r.Host)
			return
		}
		near, err := net.Dial("tcp", server)
		if err != nil {
			t.Error(err)
			return
		}
		defer near.Close()
		far, in, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer far.Close()
		io.WriteString(far, "HTTP/1.1 200 OK\r\n\r\n")
		go io.Copy(near, in)
		io.Copy(far, near)
	}))
	scheme := "http://"
	if overTLS {
		scheme = "https://"
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return scheme + "u:p%40ss@" + s.Listener.Addr().String()
}

// throughProxy names a proxy in the environment, and no other.
func throughProxy(t *testing.T, url string) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, "")
		t.Setenv(strings.ToLower(name), "")
	}
	t.Setenv("HTTP_PROXY", url)
	t.Setenv("HTTPS_PROXY", url)
	t.Setenv("NO_PROXY", "direct.example")
}

func trusting(config *tls.Config) func(*Config) { return func(c *Config) { c.TLS = config } }

func TestHTTPThroughAProxy(t *testing.T) {
	_, client := certified(t)
	for _, overTLS := range []bool{false, true} {
		url := proxy(t, "", overTLS)
		throughProxy(t, url)
		e := endpoint(t, "http://engine.example/gw", trusting(client))
		h := e.HTTP()
		for i := range 2 {
			got, sent, err := post(t, e, h)
			if err != nil || got.text() != "http://engine.example/gw/v1/completions for engine.example" || sent.Connected != (i == 0) {
				t.Errorf("%s: %q, %v", url, got.text(), err)
			}
		}
		h.Close()
		if via := e.Via(); via != strings.Replace(url, "u:p%40ss@", "", 1) || e.Redact("p@ss") != "***" {
			t.Errorf("via %s", via)
		}
	}
}

func TestTLSThroughAProxy(t *testing.T) {
	s := tlsServer(t)
	_, client := certified(t)
	for _, overTLS := range []bool{false, true} {
		throughProxy(t, proxy(t, s.Listener.Addr().String(), overTLS))
		e := endpoint(t, "https://example.com", trusting(client))
		h := e.HTTP()
		got, _, err := post(t, e, h)
		h.Close()
		if err != nil || got.text() != "token" {
			t.Errorf("proxy over TLS %v: %q, %v", overTLS, got.text(), err)
		}
	}
}

func TestGRPCThroughAProxy(t *testing.T) {
	url, _ := serveGRPC(t, func(c grpcCall) { c.say(0, c.read()); c.end("0", "") })
	throughProxy(t, proxy(t, strings.TrimPrefix(url, "grpc://"), false))
	g := endpoint(t, "grpc://engine.example", nil).GRPC()
	defer g.Close()
	if got, _, err := callOnce(t, g, "token"); err != nil || got.text() != "token" {
		t.Errorf("%q, %v", got.text(), err)
	}
}

func TestAProxyThatRefuses(t *testing.T) {
	url := strings.Replace(proxy(t, "", false), "p%40ss", "wrong", 1)
	throughProxy(t, url)
	e := endpoint(t, "https://engine.example", nil)
	h := e.HTTP()
	defer h.Close()
	_, _, err := post(t, e, h)
	var connecting *ConnectError
	if !errors.As(err, &connecting) || !strings.Contains(err.Error(), "refuses a tunnel: HTTP 407 Proxy Authentication Required") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v", err)
	}
	e = endpoint(t, "http://engine.example", nil)
	h = e.HTTP()
	defer h.Close()
	var status *StatusError
	if _, _, err := post(t, e, h); !errors.As(err, &status) || status.Status != 407 {
		t.Errorf("%v", err)
	}
}

// A proxy that says nothing does not hold a request longer than its limit.
func TestAProxyThatIsSilent(t *testing.T) {
	addr := accept(t, "tcp", "127.0.0.1:0", func(conn net.Conn) { io.Copy(io.Discard, conn) })
	throughProxy(t, "http://"+addr.String())
	e := endpoint(t, "https://engine.example", nil)
	h := e.HTTP()
	defer h.Close()
	_, err := h.Exchange(background(t), e.Post(nil, "", "", nil), 20*time.Millisecond, nil, new(recorder))
	if err == nil || err.Error() != "connecting: context deadline exceeded" {
		t.Errorf("%v", err)
	}
}

func TestWhichProxyIsUsed(t *testing.T) {
	for _, c := range []struct{ proxy, url, via, wrong string }{
		{"http://p:3128", "http://h", "http://p:3128", ""},
		{"p:3128", "https://h", "http://p:3128", ""},
		{"https://u:secret@p", "grpc://h", "https://p", ""},
		{"http://p", "http://direct.example", "", ""},
		{"http://p", "http://127.0.0.1", "", ""},
		{"http://p", "unix:///s", "", ""},
		{"", "http://h", "", ""},
		{"socks5://u:secret@p:1080", "http://h", "", "socks5://p:1080: SOCKS proxies are not supported"},
		{"ftp://u:secret@p", "http://h", "", "not a URL of http:// or https://"},
	} {
		throughProxy(t, c.proxy)
		e, err := NewEndpoint(Config{Address: address(t, c.url)})
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", c.proxy, err)
			}
		} else if err != nil || e.Via() != c.via {
			t.Errorf("%s by %s: %v", c.url, c.proxy, err)
		}
	}
}
