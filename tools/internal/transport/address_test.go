package transport

import (
	"net/url"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ text, shown, hostPort, route, completions, models string }{
		{"http://h", "http://h", "h:80", "", "/v1/completions", "/v1/models"},
		{" HTTP://h:8000/ ", "http://h:8000", "h:8000", "", "/v1/completions", "/v1/models"},
		{"http://h/v1/", "http://h/v1/", "h:80", "", "/v1/completions", "/v1/models"},
		{"http://h/v1/completions", "http://h/v1/completions", "h:80", "/completions", "/v1/completions", "/v1/models"},
		{"http://h/completions", "http://h/completions", "h:80", "/completions", "/completions", "/v1/models"},
		{"http://h/v1/completions/", "http://h/v1/completions/", "h:80", "/completions", "/v1/completions/", "/v1/models"},
		{"http://h/v1/chat/completions", "http://h/v1/chat/completions", "h:80", "/chat/completions", "/v1/completions", "/v1/models"},
		{"https://h/api/v3/completions", "https://h/api/v3/completions", "h:443", "/completions", "/api/v3/completions", "/api/v3/v1/models"},
		{"https://h/openai/deployments/X/completions?api-version=1", "https://h/openai/deployments/X/completions?api-version=1", "h:443",
			"/completions", "/openai/deployments/X/completions?api-version=1", "/openai/deployments/X/v1/models?api-version=1"},
		{"http://h/gw/team%20a/v1", "http://h/gw/team%20a/v1", "h:80", "", "/gw/team%20a/v1/completions", "/gw/team%20a/v1/models"},
		{"http://h/gw/team%2Fa", "http://h/gw/team%2Fa", "h:80", "", "/gw/team%2Fa/v1/completions", "/gw/team%2Fa/v1/models"},
		{"http://h/team-v1", "http://h/team-v1", "h:80", "", "/team-v1/v1/completions", "/team-v1/v1/models"},
		{"http://u:p@h:1/?API-Key=s&x=1&sig", "http://h:1?API-Key=***&x=1&sig", "h:1", "", "/v1/completions?API-Key=s&x=1&sig", "/v1/models?API-Key=s&x=1&sig"},
		{"http://h?%6bey=s&a=b c", "http://h?%6bey=***&a=b%20c", "h:80", "", "/v1/completions?%6bey=s&a=b%20c", "/v1/models?%6bey=s&a=b%20c"},
		{"https://[::1]", "https://[::1]", "[::1]:443", "", "/v1/completions", "/v1/models"},
		{"http://[fe80::1%25eth0]:80/x", "http://[fe80::1%25eth0]:80/x", "[fe80::1%eth0]:80", "", "/x/v1/completions", "/x/v1/models"},
		{"grpc://h", "grpc://h", "h:50050", "", "/v1/completions", "/v1/models"},
		{"http://h/v1/messages", "http://h/v1/messages", "h:80", "/messages", "/v1/completions", "/v1/models"},
		{"http://h/v1/responses", "http://h/v1/responses", "h:80", "/responses", "/v1/completions", "/v1/models"},
		{"unix:///run/vllm.sock", "unix:///run/vllm.sock", "/run/vllm.sock", "", "/v1/completions", "/v1/models"},
		{"unix://run/vllm.sock", "unix://run/vllm.sock", "run/vllm.sock", "", "/v1/completions", "/v1/models"},
	} {
		a := address(t, c.text)
		if a.String() != c.shown || a.HostPort() != c.hostPort || a.Route() != c.route {
			t.Errorf("%s: %s, %s, route %q", c.text, a, a.HostPort(), a.Route())
		}
		if completions, models := a.Target("/v1/completions"), a.Target("/v1/models"); completions != c.completions || models != c.models {
			t.Errorf("%s: %s, %s", c.text, completions, models)
		}
	}
}

func TestTheEmptyRouteIsThePathAsGiven(t *testing.T) {
	for text, want := range map[string]string{"http://h": "/", "http://h/score": "/score", "http://h/a/v1/?x=1": "/a/v1/?x=1", "unix:///s": "/"} {
		if got := address(t, text).Target(""); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestHostFieldHasNoZone(t *testing.T) {
	for text, want := range map[string]string{"http://h:1": "h:1", "http://[fe80::1%25eth0]:80": "[fe80::1]:80", "http://[::1]": "[::1]", "unix:///s": "localhost"} {
		if got := address(t, text).host(); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestTheZeroAddressIsNone(t *testing.T) {
	if a := (Address{}); a.String() != "" || a.Scheme() != "" || a.Route() != "" {
		t.Errorf("%q", a)
	}
}

func TestErrorsOfAddressesHoldNoSecrets(t *testing.T) {
	for _, bad := range []string{
		"", "h:8000", "ftp://u:secret@h", "http://", "http://u:secret@", "http://u:secret@:80", "http://h/#x", "http://u:se/secret@h", "http://u:secret@h:x",
		"u:secret@h:80", "http://h x/?key=secret", "http://h/%zz?key=secret", "unix://", "http:h", "http://h\n/", "http://u:1#secret@h",
	} {
		if a, err := ParseAddress(bad); err == nil {
			t.Errorf("%q passed as %s", bad, a)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"http://%s@h/v1", "https://u:%s@[::1]:8/a%2Fb?key=%s", "unix:///run/x", "grpc://h?x=y", "http://u:/%s@h", "? 0", ":", "http://0/"} {
		f.Add(seed)
	}
	const secret = "QsecretQ"
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(strings.ReplaceAll(text, "%s", secret))
		if err != nil {
			if strings.Contains(text, "%s@") && strings.Contains(err.Error(), secret) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if password, _ := a.url.User.Password(); password == secret && !strings.Contains(strings.Replace(text, "%s", "", 1), "%s") && strings.Contains(a.String(), secret) {
			t.Fatalf("%q is shown as %s", text, a)
		}
		for _, route := range []string{"/v1/completions", "/tokenize", ""} {
			target := a.Target(route)
			if _, err := url.ParseRequestURI(target); err != nil || target[0] != '/' || strings.ContainsAny(target, " \r\n\x00") {
				t.Fatalf("%q: request target %q, %v", text, target, err)
			}
		}
		if again, err := ParseAddress(a.String()); err != nil || again.String() != a.String() || again.HostPort() != a.HostPort() {
			t.Fatalf("%q: %s became %s, %v", text, a, again, err)
		}
	})
}
