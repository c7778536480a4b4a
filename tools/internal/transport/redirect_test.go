package transport

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// redirecting answers each path of the table with a status and a Location, and
// others with the path.
func redirecting(t testing.TB, status int, table map[string]string) string {
	return serve(t, func(q question) bool {
		if to, ok := table[q.RequestURI]; ok {
			return plain(q.conn, status, "moved", "Location: "+to)
		}
		return plain(q.conn, 200, q.Method+" "+q.RequestURI)
	})
}

func TestARedirectIsPinned(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		url := redirecting(t, status, map[string]string{"/v1/completions?x=1": "/a?b=c", "/a?b=c": "d"})
		e := endpoint(t, url+"?x=1", func(c *Config) { c.Key = "k" })
		h := e.HTTP()
		for _, want := range []string{"/a?b=c", "/d"} {
			_, _, err := post(t, e, h)
			note, followed := e.Follow(err)
			if !followed || !strings.HasSuffix(note, " sends requests on to "+url+want+"; they go there directly from now on") {
				t.Fatalf("%d: %v, %q", status, err, note)
			}
		}
		if got, _, err := post(t, e, h); err != nil || got.text() != "POST /d" {
			t.Errorf("%d: %q, %v", status, got.text(), err)
		}
		h.Close()
		if got, err := e.Call(background(t), "GET", "/v1/models", nil, time.Minute); err != nil || string(got) != "GET /v1/models?x=1" {
			t.Errorf("another route: %q, %v", got, err)
		}
	}
}

func TestARedirectToTLS(t *testing.T) {
	s := tlsServer(t)
	_, client := certified(t)
	url := redirecting(t, 308, map[string]string{"/v1/completions": s.URL + "/v1/completions"})
	e := endpoint(t, url, func(c *Config) { c.TLS, c.Key = client, "k" })
	h := e.HTTP()
	defer h.Close()
	_, _, err := post(t, e, h)
	if note, followed := e.Follow(err); !followed {
		t.Fatalf("%v: %s", err, note)
	}
	if note, followed := e.Follow(err); !followed || note != "" {
		t.Errorf("of a second connection: %v, %q", followed, note)
	}
	if got, _, err := post(t, e, h); err != nil || got.text() != "token" {
		t.Errorf("%q, %v", got.text(), err)
	}
	if e.Address().String() != url {
		t.Errorf("the address became %s", e.Address())
	}
}

func TestWhichRedirectsAreFollowed(t *testing.T) {
	for name, c := range map[string]struct {
		status         int
		from, location string
		change         func(*Config)
		followed       bool
		note           string
	}{
		"another host":                {307, "http://h", "http://other/x", nil, true, "sends requests on to http://other/x;"},
		"with a key":                  {307, "http://h", "http://other/x", func(c *Config) { c.Key = "k" }, false, "http://h/v1/completions redirects to http://other/x, but credentials"},
		"with userinfo":               {307, "http://u:p@h", "http://other/x", nil, false, "are not sent to another host"},
		"with a header":               {307, "http://h", "//other/x", func(c *Config) { c.Header = http.Header{"X": {"y"}} }, false, "give that address with --url"},
		"with a secret query":         {307, "http://h?key=s", "http://other/x?key=s", nil, false, "redirects to http://other/x?key=***, but"},
		"another port":                {307, "http://h", "http://h:81/x", func(c *Config) { c.Key = "k" }, false, "another host"},
		"away from TLS":               {307, "https://h", "http://h/x", func(c *Config) { c.Key = "k" }, false, "another host"},
		"to TLS":                      {301, "http://h:8080", "https://h/x", func(c *Config) { c.Key = "k" }, true, "http://h:8080/v1/completions sends"},
		"userinfo in the Location":    {301, "http://h", "http://u:secret@h/x", nil, true, "http://h/x;"},
		"see other":                   {303, "http://h", "/x", nil, false, "303 See Other"},
		"choices":                     {300, "http://h", "/x", nil, false, "http://h/x"},
		"no Location":                 {307, "http://h", "", nil, false, ""},
		"another scheme":              {307, "http://h", "ftp://h/x", nil, false, "cannot be followed"},
		"no URL":                      {307, "http://h", "http://h:x", nil, false, "the Location is not a URL"},
		"no redirect":                 {500, "http://h", "/x", nil, false, ""},
		"an address without a scheme": {307, "http://h//a", "/x", nil, true, "http://h//a/v1/completions sends"},
	} {
		t.Setenv("HTTP_PROXY", "")
		e := endpoint(t, c.from, c.change)
		p := e.place.Load()
		err := fmt.Errorf("wrapped: %w", &StatusError{Status: c.status, Location: c.location, place: p, method: "POST", target: p.target("/v1/completions")})
		note, followed := e.Follow(err)
		if followed != c.followed || !strings.Contains(note, c.note) || (note == "") != (c.note == "") || strings.Contains(note, "secret") {
			t.Errorf("%s: %v, %q", name, followed, note)
		}
	}
}

func TestRedirectsInACircleEnd(t *testing.T) {
	url := redirecting(t, 307, map[string]string{"/a": "/b", "/b": "/a", "/same": "/same"})
	for _, route := range []string{"/a", "/same"} {
		_, err := endpoint(t, url, nil).Call(background(t), "GET", route, nil, time.Minute)
		if err == nil || !strings.Contains(err.Error(), "that is redirect 6 of one request") {
			t.Errorf("%s: %v", route, err)
		}
	}
}

func TestACallFollowsForItselfOnly(t *testing.T) {
	url := redirecting(t, 303, map[string]string{"/v1/models": "/models"})
	e := endpoint(t, url, nil)
	if got, err := e.Call(background(t), "GET", "/v1/models", nil, time.Minute); err != nil || string(got) != "GET /models" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := e.Call(background(t), "POST", "/v1/models", nil, time.Minute); err == nil || !strings.Contains(err.Error(), "HTTP 303 See Other: moved; ") {
		t.Errorf("%v", err)
	}
	if len(e.place.Load().pins) > 0 {
		t.Error("the redirect was pinned")
	}
}
