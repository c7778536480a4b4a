package transport

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects limits how often one request may be sent on.
const maxRedirects = 5

// Follow takes the error of a request that the server redirected, and sends
// all further requests for the same target there directly. The note says so,
// or why it is not done. Other errors have neither.
func (e *Endpoint) Follow(err error) (note string, followed bool) {
	var status *StatusError
	if !errors.As(err, &status) || status.place == nil || status.Location == "" || status.Status/100 != 3 {
		return "", false
	}
	from, to, err := status.redirect()
	if err != nil {
		return fmt.Sprintf("%v redirects to what cannot be followed: %v", from, err), false
	}
	e.follow.Lock()
	defer e.follow.Unlock()
	now := e.place.Load()
	if now != status.place && now.address.HostPort() == to.HostPort() && now.pins[from.Target("")].to == to.Target("") {
		return "", true // since another connection was redirected
	}
	if objection := e.config.objection(status, from, to); objection != "" {
		return fmt.Sprintf("%v redirects to %v, but %s; give that address with --url if it is right", from, to, objection), false
	}
	next, err := e.config.redirected(now, from, to)
	if err != nil {
		return fmt.Sprintf("%v redirects to %v: %v", from, to, err), false
	}
	e.place.Store(next)
	return fmt.Sprintf("%v sends requests on to %v; they go there directly from now on", from, to), true
}

// redirect returns the address that was asked and the one that it names.
func (e *StatusError) redirect() (from, to Address, err error) {
	at := e.place.address.url
	asked, err := url.ParseRequestURI(strings.TrimPrefix(e.target, e.place.prefix))
	if err != nil {
		return e.place.address, to, errors.New("the request target is not a URL")
	}
	if at.Path, at.RawPath, at.RawQuery = asked.Path, asked.RawPath, asked.RawQuery; at.Scheme == "unix" {
		return e.place.address, to, errors.New("it is behind a unix socket")
	}
	if from, err = addressOf(&at); err != nil {
		return from, to, err
	}
	aim, err := at.Parse(e.Location)
	if err != nil {
		return from, to, errors.New("the Location is not a URL")
	}
	aim.User, aim.Fragment = nil, ""
	to, err = addressOf(aim)
	if err == nil && to.Scheme() != "http" && to.Scheme() != "https" {
		err = fmt.Errorf("the Location is of the scheme %s", to.Scheme())
	}
	return from, to, err
}

// objection says what speaks against following a redirect, "" when nothing does.
func (c *Config) objection(status *StatusError, from, to Address) string {
	switch status.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusSeeOther:
		if status.method != http.MethodGet {
			return "303 See Other does not pass a request on"
		}
	default:
		return "that status does not pass a request on"
	}
	sameHost := from.Scheme() == to.Scheme() && from.HostPort() == to.HostPort() ||
		from.Scheme() == "http" && to.Scheme() == "https" && from.url.Hostname() == to.url.Hostname()
	if !sameHost && (c.Key != "" || len(c.Header) > 0 || len(c.Address.secrets()) > 0) {
		return "credentials and header fields are not sent to another host"
	}
	return ""
}

// redirected is the place with requests for one target sent on to another.
func (c *Config) redirected(now *place, from, to Address) (*place, error) {
	at := now.address
	at.url.Scheme, at.url.Host = to.url.Scheme, to.url.Host
	next, err := c.place(at)
	if err != nil {
		return nil, err
	}
	if next.pins = maps.Clone(now.pins); next.pins == nil {
		next.pins = map[string]target{}
	}
	asked, aim := from.Target(""), to.Target("")
	known := false
	for first, pin := range next.pins {
		if pin.to == asked {
			known = true
			if pin.redirects++; pin.redirects > maxRedirects {
				return nil, fmt.Errorf("that is redirect %d of one request", pin.redirects)
			}
			next.pins[first] = target{aim, pin.redirects}
		}
	}
	if !known {
		next.pins[asked] = target{aim, 1}
	}
	return next, nil
}
