package stamp

import (
	"context"
	"sync"
	"time"
)

const (
	// pulseBeat is how often a Pulse beats: each beat wakes a processor, which
	// at a beat a millisecond would cost more than a hundred streams do.
	pulseBeat = 5 * time.Millisecond
	// pulseSlack is how late a timer may be by itself.
	pulseSlack = time.Millisecond
	// pulseBucket is the width of the places in which stand-stills are kept.
	pulseBucket = 10 * time.Millisecond
)

// Pulse notices when the program as a whole stood still: stopped by a signal,
// starved of processors, collecting garbage, or with so much to do that whoever is
// woken waits for a turn. It is the witness for what a
// kernel stamp cannot tell: when several messages are found in one read, the
// stamp is the last one's, and how long the first had waited is not known.
type Pulse struct {
	base time.Time

	mu    sync.Mutex
	last  time.Time       // of the beats
	stood []time.Duration // the longest stand-still that touches each bucket
}

// NewPulse returns a Pulse that does not beat yet.
func NewPulse() *Pulse {
	now := time.Now()
	return &Pulse{base: now, last: now}
}

// Run beats until ctx ends. The error is the system's, which gives no timer.
func (p *Pulse) Run(ctx context.Context) error {
	beats, err := newWaiter(pulseBeat)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, beats.stop)
	p.restart(time.Now())
	for beats.next() == nil {
		p.beat(time.Now())
	}
	return nil
}

func (p *Pulse) restart(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = now
}

func (p *Pulse) beat(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if still := beyond(p.last, now); still > 0 {
		p.keep(p.last, now, still)
	}
	p.last = now
}

// beyond is how much longer than it should the time between two beats was.
func beyond(from, to time.Time) time.Duration {
	if still := to.Sub(from) - pulseBeat; still > pulseSlack {
		return still
	}
	return 0
}

func (p *Pulse) keep(from, to time.Time, still time.Duration) {
	first, last := p.bucket(from), p.bucket(to)
	for len(p.stood) <= last {
		p.stood = append(p.stood, 0)
	}
	for i := first; i <= last; i++ {
		p.stood[i] = max(p.stood[i], still)
	}
}

func (p *Pulse) bucket(t time.Time) int { return max(0, int(t.Sub(p.base)/pulseBucket)) }

// Longest is the longest stand-still that touches the time between from and
// to, to within 10 ms; what stands still until now counts.
func (p *Pulse) Longest(from, to time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	longest := time.Duration(0)
	if to.After(p.last) {
		longest = beyond(p.last, to)
	}
	for i := p.bucket(from); i <= p.bucket(to) && i < len(p.stood); i++ {
		longest = max(longest, p.stood[i])
	}
	return longest
}
