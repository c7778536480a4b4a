package protocol

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/stamp"
)

// maxDials bounds how many connections are being made at a time: ten thousand
// at once would overflow the server's backlog, and the lost ones wait seconds.
const maxDials = 128

// endpoint is where a server is, and how it is spoken to.
type endpoint struct {
	network, address string
	secure           *tls.Config // nil: in the clear
	head             string      // request line and constant fields of every POST, the path left out
	base, query      string      // in front of the routes and behind them
	talkative        bool        // an idle connection may have something to say
	dials            chan struct{}
}

// newEndpoint reads an address such as http://host:8000, https://host/prefix,
// grpc://host:50050 or unix:///run/vllm.sock. The key, when not empty, goes out with each request
// as a bearer token.
func newEndpoint(address, key string) (*endpoint, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no URL", address)
	}
	e := &endpoint{network: "tcp", dials: make(chan struct{}, maxDials)}
	host := at.Host
	switch at.Scheme {
	case "http":
		e.address = withPort(host, "80")
	case "https":
		e.address = withPort(host, "443")
		e.talkative = true
		e.secure = &tls.Config{ServerName: at.Hostname(), NextProtos: []string{"http/1.1"}}
	case "grpc":
		e.address = withPort(host, "50050")
		e.talkative = true
	case "unix":
		e.network, e.address, host, at.Path = "unix", at.Host+at.Path, "localhost", ""
	default:
		return nil, fmt.Errorf("%q: the URL must begin with http://, https://, grpc:// or unix://", address)
	}
	if host == "" || e.address == "" {
		return nil, fmt.Errorf("%q names no host", address)
	}
	if e.base = basePath(at.Path); at.RawQuery != "" {
		e.query = "?" + at.RawQuery
	}
	e.head = " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: loadgen\r\nContent-Type: application/json\r\n"
	if key != "" {
		e.head += "Authorization: Bearer " + oneLine(key) + "\r\n"
	}
	return e, nil
}

// basePath strips the routes that people paste together with the address.
func basePath(path string) string {
	path = strings.TrimRight(path, "/")
	for _, route := range []string{"/chat/completions", "/completions", "/v1"} {
		path = strings.TrimSuffix(path, route)
	}
	return path
}

func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil || host == "" {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// oneLine keeps a value from ending its header field.
func oneLine(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, value)
}

// post appends a whole request. Further fields are lines with their ends.
func (e *endpoint) post(dst []byte, route, fields string, body []byte) []byte {
	dst = append(dst, "POST "...)
	if e.base+route == "" {
		dst = append(dst, '/')
	}
	dst = append(dst, e.base...)
	dst = append(dst, route...)
	dst = append(dst, e.query...)
	dst = append(dst, e.head...)
	dst = append(dst, fields...)
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, body...)
}

// dial connects, and shakes hands where that is asked for. The stamps are
// those of the socket; what is read and written goes through the second.
func (e *endpoint) dial(ctx context.Context) (*stamp.Conn, net.Conn, error) {
	select {
	case e.dials <- struct{}{}:
		defer func() { <-e.dials }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	socket, err := stamp.Dial(ctx, e.network, e.address)
	if err != nil {
		return nil, nil, err
	}
	if e.secure == nil {
		return socket, socket, nil
	}
	secure := tls.Client(socket, e.secure)
	if err := secure.HandshakeContext(ctx); err != nil {
		socket.Close()
		return nil, nil, err
	}
	return socket, secure, nil
}
