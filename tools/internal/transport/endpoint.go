package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// maxDials limits how many connections are made at a time: ten thousand at
// once would overflow the server's backlog, and those that it drops are tried
// again seconds later.
const maxDials = 128

// Config says how to reach a server and what every request to it carries.
type Config struct {
	Address Address
	// Key is the API key; empty is none.
	Key string
	// KeyHeader names the header field that carries the key alone, such as
	// x-api-key; empty is "Authorization: Bearer KEY".
	KeyHeader string
	// Header holds further fields of every request. They replace the defaults,
	// Host, User-Agent and Authorization among them.
	Header http.Header
	// Secrets are further texts for Redact.
	Secrets []string
	// TLS is used for https; nil trusts the system's roots.
	TLS *tls.Config
	// Silence is how long the server may send nothing; 0 is without limit.
	Silence time.Duration
	// Lockstep is for requests in a simulated server's virtual time. None is sent a
	// second time, and hold is called only when there is a connection: whoever
	// holds counts what the server gets. A hang-up is noticed at once.
	Lockstep bool
	// Loops read the HTTP connections over TCP; nil lets each be read by the
	// goroutine that asks.
	Loops *stamp.Loops
}

// Endpoint is a server that can be asked. It is safe for concurrent use; each
// of its HTTP and GRPC connections is for one goroutine.
type Endpoint struct {
	config Config
	dials  chan struct{}
	follow sync.Mutex            // of those who change the place
	place  atomic.Pointer[place] // where requests go now
}

// NewEndpoint checks the configuration, and looks for a proxy in the
// environment. It connects to nothing.
func NewEndpoint(c Config) (*Endpoint, error) {
	given := c.Header
	c.Header = http.Header{}
	for name, values := range given {
		c.Header[http.CanonicalHeaderKey(name)] = values
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	p, err := c.place(c.Address)
	if err != nil {
		return nil, err
	}
	e := &Endpoint{config: c, dials: make(chan struct{}, maxDials)}
	e.place.Store(p)
	return e, nil
}

// Address is the configured one, wherever redirects have led since.
func (e *Endpoint) Address() Address { return e.config.Address }

// Via is the proxy in use, without its userinfo, and empty when there is none.
func (e *Endpoint) Via() string {
	proxy := e.place.Load().proxy
	if proxy == nil {
		return ""
	}
	return proxy.Scheme + "://" + proxy.Host
}

// HTTP returns a connection for HTTP/1.1, which is made when it is needed.
func (e *Endpoint) HTTP() *HTTP {
	return &HTTP{conn: conn{endpoint: e}}
}

// GRPC returns a connection for gRPC, which is made when it is needed.
func (e *Endpoint) GRPC() *GRPC {
	g := &GRPC{conn: conn{endpoint: e}}
	g.opened = g.open
	return g
}

// Post appends a whole POST request to dst. The route is OpenAI's, such as
// /v1/completions, or empty for the path of the address; fields are further
// header lines, each with its CRLF.
func (e *Endpoint) Post(dst []byte, route, fields string, body []byte) []byte {
	return e.request(dst, http.MethodPost, route, fields, body)
}

func (e *Endpoint) request(dst []byte, method, route, fields string, body []byte) []byte {
	p := e.place.Load()
	dst = append(append(dst, method...), ' ')
	dst = append(append(dst, p.prefix...), p.target(route)...)
	dst = append(dst, p.head...)
	for line := range strings.Lines(fields) {
		name, _, _ := strings.Cut(line, ":")
		if _, given := e.config.Header[http.CanonicalHeaderKey(name)]; !given {
			dst = append(dst, line...)
		}
	}
	if method != http.MethodGet || len(body) > 0 {
		dst = append(dst, "Content-Length: "...)
		dst = append(strconv.AppendInt(dst, int64(len(body)), 10), "\r\n"...)
	}
	return append(append(dst, "\r\n"...), body...)
}

// header holds the fields of every request, except for Host.
func (c *Config) header() http.Header {
	h := http.Header{"User-Agent": {"loadgen"}, "Content-Type": {"application/json"}, "Accept-Encoding": {"identity"}}
	switch user := basic(c.Address.url.User); {
	case c.Key != "" && c.KeyHeader != "":
		h.Set(c.KeyHeader, c.Key)
	case c.Key != "":
		h.Set("Authorization", "Bearer "+c.Key)
	case user != "":
		h.Set("Authorization", user)
	}
	maps.Copy(h, c.Header)
	return h
}

// check finds what would break a request or leave open which of two is meant.
func (c *Config) check() error {
	if c.Address.Scheme() == "" {
		return errors.New("there is no address of a server")
	}
	if basic(c.Address.url.User) != "" && (c.Key != "" || c.Header.Get("Authorization") != "") {
		return errors.New("the address holds a user name, and an API key or an Authorization header is given too: leave out one of them")
	}
	if !oneLine(c.Key) {
		return errors.New("the API key contains a control character")
	}
	if c.KeyHeader != "" && !isFieldName(c.KeyHeader) {
		return fmt.Errorf("%q is not the name of a header field", c.KeyHeader)
	}
	for name, values := range c.Header {
		if err := checkField(name, values); err != nil {
			return err
		}
	}
	return nil
}

func checkField(name string, values []string) error {
	if !isFieldName(name) {
		return fmt.Errorf("%q is not the name of a header field", name)
	}
	switch name {
	case "Content-Length", "Transfer-Encoding", "Connection":
		return fmt.Errorf("the header field %s belongs to the connection and cannot be given", name)
	}
	if !oneLine(strings.Join(values, "")) {
		return fmt.Errorf("the value of the header field %s contains a control character", name)
	}
	return nil
}

// isFieldName reports whether the text is a token of RFC 9110, section 5.6.2.
func isFieldName(name string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	other := func(r rune) bool {
		return (r < '0' || r > '9') && (r|' ' < 'a' || r|' ' > 'z') && !strings.ContainsRune(marks, r)
	}
	return name != "" && strings.IndexFunc(name, other) < 0
}

// oneLine reports whether a value cannot end its header field.
func oneLine(value string) bool {
	return strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}
