package drive

import "fastgenbench/tools/simulator/sim-engine/internal/meter"

// Stepper runs a source in virtual time that its caller moves from instant to
// instant, whatever the wall clock says. One goroutine at a time may use it.
type Stepper struct {
	core
	now  int64   // virtual nanoseconds, by which the source goes
	at   float64 // the same instant in seconds, exact
	next int64   // when something is due
	held bool    // by a stall
}

// StepSimulated returns a Stepper at time 0 over engines, as NewSimulated's driver has them.
func StepSimulated(m *meter.Meter, stall Stall, engines []Engine) *Stepper {
	s := newStepper(m, stall)
	s.source = newCluster(&s.core, engines)
	return s
}

// StepPaced returns a Stepper at time 0 that generates at a constant pace.
func StepPaced(m *meter.Meter, stall Stall, pace Pace) (*Stepper, error) {
	s := newStepper(m, stall)
	p, err := newPacer(&s.core, pace)
	if err != nil {
		return nil, err
	}
	s.source = p
	return s, nil
}

func newStepper(m *meter.Meter, stall Stall) *Stepper {
	return &Stepper{core: core{clock: VirtualClock(), meter: m, stall: stall}, next: never}
}

// Now is the present instant in virtual seconds: the latest at which anything
// came to be, or that time was moved to.
func (s *Stepper) Now() float64 { return s.at }

// Nanoseconds are a virtual time in whole nanoseconds, as Event.Due has them.
func (s *Stepper) Nanoseconds(at float64) int64 { return s.clock.Wall(at) }

// Submit hands over the jobs of one request, which come at the present
// instant. An idle engine begins with them at once, without those of a request
// that comes at the same instant and is handed over later.
func (s *Stepper) Submit(jobs []*Job) {
	for _, j := range jobs {
		j.Arrived, j.ArrivedAt = s.Nanoseconds(s.at), s.at
		s.stall.begin(j.Arrived)
		s.source.admit(j)
	}
	s.poll()
}

// Cancel says that nobody wants the jobs' tokens any more. Jobs that have ended
// are left alone.
func (s *Stepper) Cancel(jobs []*Job) {
	for _, j := range jobs {
		s.drop(j)
	}
	s.poll()
}

// Next moves on to the first instant at which something is due and hands out
// all that is. Where nothing is due up to until, it moves there, unless until
// is infinite, and reports false.
func (s *Stepper) Next(until float64) bool {
	limit := s.clock.Wall(until)
	if s.next > limit || s.next == never {
		if limit < never {
			s.now, s.at = max(s.now, limit), max(s.at, until)
		}
		return false
	}
	s.now = max(s.now, s.next)
	for s.next <= s.now {
		s.poll()
	}
	return true
}

// poll hands out what is due now. What was due in a stall is due at its end.
func (s *Stepper) poll() {
	if hold := s.stall.remaining(s.now); hold > 0 {
		s.next, s.held = s.now+hold, true
		return
	}
	if s.held {
		s.at, s.held = max(s.at, s.clock.Virtual(s.now)), false
	}
	s.next, _ = s.source.advance(s.now)
	s.at = max(s.at, s.reached)
	s.flush()
}
