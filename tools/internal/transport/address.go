package transport

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Address is where a server is: scheme, host, the path in front of the routes,
// the route when the text had one, the query and userinfo. The zero value is
// no address.
type Address struct {
	url   url.URL
	path  string // percent-encoded, as given; empty for a unix socket
	root  string // path without the route and without /v1
	route string
	query string
}

// routes are those that people give together with the address.
var routes = []string{"/chat/completions", "/completions", "/responses", "/messages"}

// schemes holds the default port of each scheme.
var schemes = map[string]string{"http": "80", "https": "443", "grpc": "50050", "unix": ""}

// ParseAddress reads an address such as http://host:8000, https://host/prefix,
// grpc://host:50050 or unix:///run/vllm.sock. Its errors hold neither userinfo
// nor query.
func ParseAddress(text string) (Address, error) {
	shown := "the address"
	if !strings.ContainsAny(text, "@?#") { // nothing in it can be a secret
		shown = strconv.Quote(text)
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Opaque != "" && schemes[u.Scheme] != "" {
		return Address{}, fmt.Errorf("%s is not a URL", shown)
	}
	a, err := addressOf(u)
	if err != nil {
		return Address{}, fmt.Errorf("%s %w", shown, err)
	}
	return a, nil
}

// addressOf takes a URL apart. Its errors continue a sentence about the address.
func addressOf(u *url.URL) (Address, error) {
	a := Address{url: *u, path: u.EscapedPath(), query: escapeQuery(u.RawQuery)}
	if _, known := schemes[u.Scheme]; !known {
		return a, errors.New("must begin with http://, https://, grpc:// or unix://")
	}
	if u.Scheme == "unix" {
		a.path = ""
	}
	switch {
	case a.HostPort() == "" || u.Scheme != "unix" && u.Hostname() == "":
		return a, errors.New("names no host")
	case u.Fragment != "":
		return a, errors.New("contains a #, which must be written %23")
	}
	a.root = strings.TrimRight(a.path, "/")
	for _, route := range routes {
		if root, ok := strings.CutSuffix(a.root, route); ok {
			a.root, a.route = strings.TrimRight(root, "/"), route
			break
		}
	}
	a.root = strings.TrimSuffix(a.root, "/v1")
	return a, nil
}

// escapeQuery encodes the bytes that would break a request line.
func escapeQuery(query string) string {
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// String returns the address for rows and messages: without userinfo, and with
// *** for each value of the query whose name is that of a secret.
func (a Address) String() string {
	if a.url.Scheme == "" {
		return ""
	}
	shown := a.url
	shown.User, shown.RawQuery, shown.ForceQuery = nil, "", false
	if shown.Path == "/" && shown.Scheme != "unix" {
		shown.Path = ""
	}
	text := shown.String()
	if a.query == "" {
		return text
	}
	pairs := strings.Split(a.query, "&")
	for i, pair := range pairs {
		if name, value, _ := strings.Cut(pair, "="); value != "" && secretName(name) {
			pairs[i] = name + "=***"
		}
	}
	return text + "?" + strings.Join(pairs, "&")
}

// Scheme is http, https, grpc or unix, or empty in the zero value.
func (a Address) Scheme() string { return a.url.Scheme }

// HostPort is what to connect to: host and port, or the path of a unix socket.
func (a Address) HostPort() string {
	if a.url.Scheme == "unix" {
		return a.url.Host + a.url.Path
	}
	return hostPort(&a.url, schemes[a.url.Scheme])
}

func hostPort(u *url.URL, port string) string {
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
}

// Route is the route that the address ends in, such as /chat/completions,
// without the /v1 in front; empty when it ends in none.
func (a Address) Route() string { return a.route }

// Target is the request target of a route such as /v1/completions: path and
// query. The route that the address ends in stands as given, and so does the
// whole path for the empty route; other routes go after the root.
func (a Address) Target(route string) string {
	path := a.root + route
	if route == "" || strings.TrimPrefix(route, "/v1") == a.route {
		path = cmp.Or(a.path, "/")
	}
	if a.query != "" {
		path += "?" + a.query
	}
	return path
}

// host is the value of the Host field: the address's own, without an IPv6 zone.
func (a Address) host() string {
	if a.url.Scheme == "unix" {
		return "localhost"
	}
	name, zone, _ := strings.Cut(a.url.Host, "%")
	if _, behind, found := strings.Cut(zone, "]"); found {
		return name + "]" + behind
	}
	return a.url.Host
}

// basic is the value of the Authorization field for userinfo, empty without any.
func basic(user *url.Userinfo) string {
	if user == nil || user.String() == "" {
		return ""
	}
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}

// secretName reports whether a header field or a parameter of a query of that
// name is likely to carry a secret.
func secretName(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) })
}

var secretNames = []string{"auth", "code", "cookie", "credential", "key", "pass", "pwd", "secret", "sig", "token"}
