package drive

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
	"time"

	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// Pace is generation at a constant rate without a model: each
// sequence gets its first tokens a constant time after it arrived and the next
// ones at equal distances, whatever the load. It is for judging clients, whose
// figures should then be constant too.
type Pace struct {
	// TTFT is the virtual time from arrival to the first tokens.
	TTFT time.Duration
	// Rate is tokens per virtual second and sequence.
	Rate float64
	// Chunk is how many tokens come at once, at least 1.
	Chunk int
	// Stagger spreads streams that arrive together evenly over one period: the
	// first tokens of each come up to a period later than TTFT says.
	Stagger bool
	// Align has all streams send at the same times, the whole periods of the clock, as
	// a step of an engine has them. Stagger goes before it.
	Align bool
}

// pacing is a job's place in the heap of due times.
type pacing struct {
	due   int64
	index int // in the heap, -1 outside
}

type pacer struct {
	core   *core
	ttft   int64
	period int64
	chunk  int
	// Phases of a golden-ratio sequence: any number in a row lie nearly evenly.
	stagger bool
	align   bool
	phase   float64
	heap    jobHeap
}

// golden is the fraction of the golden ratio.
const golden = 0.6180339887498949

// NewPaced returns a driver that generates at a constant pace.
func NewPaced(clock Clock, m *meter.Meter, stall Stall, pace Pace) (*Driver, error) {
	d, err := newDriver(clock, m, stall)
	if err != nil {
		return nil, err
	}
	if d.source, err = newPacer(&d.core, pace); err != nil {
		return nil, errors.Join(err, d.alarm.close())
	}
	return d, nil
}

func newPacer(c *core, pace Pace) (*pacer, error) {
	if pace.TTFT < 0 || !(pace.Rate > 0) || pace.Chunk < 1 {
		return nil, fmt.Errorf("a pace of %v tokens per second, %d at once, %v to the first is not valid", pace.Rate, pace.Chunk, pace.TTFT)
	}
	return &pacer{
		core:    c,
		ttft:    c.clock.Wall(pace.TTFT.Seconds()),
		period:  c.clock.Wall(float64(pace.Chunk) / pace.Rate),
		chunk:   pace.Chunk,
		stagger: pace.Stagger,
		align:   pace.Align,
	}, nil
}

func (p *pacer) admit(j *Job) {
	j.timing = meter.Timing{Arrived: j.arrival(p.core.clock), Prompt: j.PromptTokens, Max: j.NewTokens}
	j.pace.due = j.Arrived + p.ttft
	switch {
	case p.stagger:
		p.phase = math.Mod(p.phase+golden, 1)
		j.pace.due += int64(p.phase * float64(p.period))
	case p.align:
		j.pace.due += p.period - j.pace.due%p.period
	}
	heap.Push(&p.heap, j)
}

func (p *pacer) drop(j *Job) {
	if j.pace.index >= 0 {
		heap.Remove(&p.heap, j.pace.index)
	}
}

// advance takes each due sequence once and all its due events together, so a
// driver that is behind writes fewer, larger messages and catches up.
func (p *pacer) advance(now int64) (next int64, listening bool) {
	for len(p.heap) > 0 && p.heap[0].pace.due <= now {
		j := p.heap[0]
		for j.sent < j.NewTokens && j.pace.due <= now {
			p.core.push(j, min(p.chunk, j.NewTokens-j.sent), j.pace.due, p.core.clock.Virtual(j.pace.due))
			j.pace.due += p.period
		}
		if j.sent >= j.NewTokens {
			heap.Pop(&p.heap)
		} else {
			heap.Fix(&p.heap, 0)
		}
		if len(p.core.dirty) >= maxBatch {
			break
		}
	}
	if len(p.heap) == 0 {
		return never, true
	}
	return p.heap[0].pace.due, true
}

// maxBatch bounds the sequences served between two looks at the inbox.
const maxBatch = 256

func (p *pacer) load(m *meter.Meter) { m.Load(0, len(p.heap), 0, 0) }

// jobHeap orders jobs by their next due time.
type jobHeap []*Job

func (h jobHeap) Len() int           { return len(h) }
func (h jobHeap) Less(i, k int) bool { return h[i].pace.due < h[k].pace.due }
func (h jobHeap) Swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].pace.index, h[k].pace.index = i, k
}

// Push is for package heap.
func (h *jobHeap) Push(x any) {
	j := x.(*Job)
	j.pace.index = len(*h)
	*h = append(*h, j)
}

// Pop is for package heap.
func (h *jobHeap) Pop() any {
	last := len(*h) - 1
	j := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	j.pace.index = -1
	return j
}
