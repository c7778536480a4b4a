package transport

import (
	"errors"
	"io"
	"testing"
	"time"
)

// A server that sends nothing for too long is given up, before its first byte
// or behind some; one that is only slow, longer in all than it may be silent, is not.
func TestASilentServerIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, c := range map[string]struct {
		parts   int
		pause   time.Duration
		silent  bool
		silence time.Duration
	}{
		"from the start": {0, 0, true, 50 * time.Millisecond},
		"in the middle":  {3, time.Millisecond, true, 50 * time.Millisecond},
		"slow":           {8, 150 * time.Millisecond, false, time.Second},
	} {
		url := serve(t, func(q question) bool {
			io.WriteString(q.conn, streamHead)
			for range c.parts {
				<-time.After(c.pause)
				chunked(q.conn, "a")
			}
			if c.silent {
				<-release
				return false
			}
			chunked(q.conn, "")
			return true
		})
		e := endpoint(t, url, func(to *Config) { to.Silence = c.silence })
		h := e.HTTP()
		got, _, err := post(t, e, h)
		h.Close()
		var silent SilenceError
		if errors.As(err, &silent) != c.silent || c.silent && silent.Error() != "nothing came for 50ms" || !c.silent && err != nil || len(got.parts) != c.parts {
			t.Errorf("%s: %v, %d parts", name, err, len(got.parts))
		}
	}
}
