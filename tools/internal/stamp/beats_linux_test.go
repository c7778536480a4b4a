package stamp

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A beat may not wake the runtime's monitor thread. One thread goes to sleep per beat,
// and three where the monitor wakes: it goes to sleep twice until it rests. With much
// to do it would not rest at all.
func TestABeatLetsTheMonitorThreadSleep(t *testing.T) {
	w, err := newWaiter(pulseBeat)
	if err != nil {
		t.Fatal(err)
	}
	defer w.stop()
	const beats, most = 60, 2
	var before, after unix.Rusage
	for i := range 2 * beats { // the first half is for what was under way
		if i == beats {
			if err := unix.Getrusage(unix.RUSAGE_SELF, &before); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.next(); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Getrusage(unix.RUSAGE_SELF, &after); err != nil {
		t.Fatal(err)
	}
	if n := after.Nvcsw - before.Nvcsw; n > most*beats {
		t.Errorf("threads went to sleep %d times in %d beats", n, beats)
	}
}
