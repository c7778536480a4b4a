package transport

import (
	"crypto/tls"
	"errors"
)

// HasPath reports whether the address has a path before the routes.
func (a Address) HasPath() bool { return a.root != "" }

// WithoutQuery returns the address without its query, and whether it had one.
func (a Address) WithoutQuery() (Address, bool) {
	had := a.query != ""
	a.query, a.url.RawQuery = "", ""
	return a, had
}

// HasSecret reports whether the address holds userinfo or a parameter that
// String does not show.
func (a Address) HasSecret() bool { return len(a.secrets()) > 0 }

// IsCertificate reports whether a connection failed because the server's
// certificate is not trusted, or is not the server's.
func IsCertificate(err error) bool {
	verification := (*tls.CertificateVerificationError)(nil)
	return errors.As(err, &verification)
}

// ProxyOf returns the proxy that the environment names for an address, without
// its userinfo; empty is none.
func ProxyOf(a Address) string {
	proxy, err := findProxy(a)
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Scheme + "://" + proxy.Host
}
