//go:build linux && !386 && !s390x

package stamp

import (
	"testing"
	"time"
)

func TestNapsAreShortForTheStreams(t *testing.T) {
	for _, c := range []struct {
		name        string
		gap, waited time.Duration
		want        time.Duration
	}{
		{"slow tokens of long answers", time.Second, time.Minute, longestNap},
		{"500 tokens per second", 2 * time.Millisecond, time.Minute, 200 * time.Microsecond},
		{"10,000 tokens per second", 100 * time.Microsecond, time.Minute, shortestNap},
		{"answers of one token after 50 ms", time.Minute, 50 * time.Millisecond, 200 * time.Microsecond},
		{"a clock that was set back", -time.Hour, -time.Hour, shortestNap},
	} {
		var p pace
		now := int64(1 << 60)
		for range 5000 {
			p.read(now-int64(c.gap), now-int64(c.waited), now)
		}
		if got := p.nap(); got < c.want*95/100 || got > c.want {
			t.Errorf("%s: naps of %v, want %v", c.name, got, c.want)
		}
		if p.blind {
			t.Errorf("%s: blind", c.name)
		}
	}
}

// Without the kernel's timestamps a nap would change the times.
func TestNoNapsWithoutTimestamps(t *testing.T) {
	var p pace
	p.read(1, 1, 2)
	p.read(2, 1, 0)
	if !p.blind {
		t.Error("not blind")
	}
}
