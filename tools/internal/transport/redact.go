package transport

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Redact replaces in a text, by ***, all that is secret: the key, passwords of
// the address and the proxy, values of secret header fields and query
// parameters, and Config.Secrets.
func (e *Endpoint) Redact(text string) string { return e.place.Load().redact.Replace(text) }

func (c *Config) redactor(proxy *url.URL) *strings.Replacer {
	secrets := append(c.Address.secrets(), c.Secrets...)
	secrets = append(secrets, c.Key)
	if proxy != nil {
		secrets = append(secrets, passwords(proxy.User)...)
	}
	for name, values := range c.Header {
		for _, value := range values {
			if _, behind, _ := strings.Cut(value, " "); secretName(name) {
				secrets = append(secrets, value, behind) // behind a word such as Bearer
			}
		}
	}
	// The longest goes first: another may be a part of it.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, secret := range slices.Compact(secrets) {
		if secret != "" {
			pairs = append(pairs, secret, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// secrets are the password of the address, and the values of those parameters
// of its query that String hides, in the forms in which a server may repeat them.
func (a Address) secrets() []string {
	secrets := passwords(a.url.User)
	for pair := range strings.SplitSeq(a.query, "&") {
		if name, value, _ := strings.Cut(pair, "="); value != "" && secretName(name) {
			plain, _ := url.QueryUnescape(value)
			secrets = append(secrets, value, plain)
		}
	}
	return secrets
}

// passwords are the forms in which a server may repeat userinfo. A name without
// a password is the secret itself.
func passwords(user *url.Userinfo) []string {
	encoded := strings.TrimPrefix(basic(user), "Basic ")
	if encoded == "" {
		return nil
	}
	secret, given := user.Password()
	_, written, _ := strings.Cut(user.String(), ":")
	if !given {
		secret, written = user.Username(), user.String()
	}
	return []string{secret, written, encoded}
}
