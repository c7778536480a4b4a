package transport

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// place is where requests go: to the address, or to where redirects have led
// from it. It does not change.
type place struct {
	address Address
	proxy   *url.URL          // nil: none
	prefix  string            // in front of a request target for a proxy
	head    string            // of an HTTP request, behind its target
	pins    map[string]target // request targets that the server sends on
	redact  *strings.Replacer
}

// target is where requests for another target go.
type target struct {
	to        string
	redirects int // on the way there
}

// place is where requests to the address go by themselves.
func (c *Config) place(at Address) (*place, error) {
	proxy, err := findProxy(at)
	if err != nil {
		return nil, err
	}
	p := &place{address: at, proxy: proxy, redact: c.redactor(proxy)}
	fields := c.header()
	host := cmp.Or(fields.Get("Host"), at.host())
	delete(fields, "Host")
	if proxy != nil && at.Scheme() == "http" {
		p.prefix = "http://" + at.host()
		if user := basic(proxy.User); user != "" {
			fields.Set("Proxy-Authorization", user)
		}
	}
	var head strings.Builder
	head.WriteString(" HTTP/1.1\r\nHost: " + host + "\r\n")
	err = fields.Write(&head)
	p.head = head.String()
	return p, err
}

func (p *place) target(route string) string {
	own := p.address.Target(route)
	return cmp.Or(p.pins[own].to, own)
}

// findProxy returns the proxy that the environment names for the address, nil
// when there is none.
func findProxy(at Address) (*url.URL, error) {
	request := url.URL{Scheme: at.Scheme(), Host: at.url.Host}
	switch at.Scheme() {
	case "unix":
		return nil, nil
	case "grpc": // goes through a tunnel, as https does
		request = url.URL{Scheme: "https", Host: at.HostPort()}
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(&request)
	if err != nil || proxy == nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(proxy.Scheme, "socks"):
		return nil, fmt.Errorf("the environment names the proxy %s://%s: SOCKS proxies are not supported, give one of http:// or https://", proxy.Scheme, proxy.Host)
	case proxy.Scheme != "http" && proxy.Scheme != "https" || proxy.Hostname() == "":
		return nil, errors.New("the environment names a proxy that is not a URL of http:// or https://")
	}
	return proxy, nil
}
