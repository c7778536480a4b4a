package drive

import "time"

// Stall is one pause of the whole server, as by a collection of garbage or a
// compaction: nothing is generated and nothing sent in it. What was due
// meanwhile is sent when it ends. The zero Stall is none. Its times are wall
// time, behind a Stepper virtual time.
type Stall struct {
	// After is the time from the first request's arrival to the stall.
	After time.Duration
	// For is how long it lasts.
	For time.Duration

	begun bool
	first int64 // arrival of the first request
}

// begin notes the first arrival.
func (s *Stall) begin(arrived int64) {
	if !s.begun {
		s.begun, s.first = true, arrived
	}
}

// remaining is how long the stall still lasts at a time, 0 outside of it.
func (s *Stall) remaining(now int64) int64 {
	from := s.first + int64(s.After)
	if !s.begun || now < from || now >= from+int64(s.For) {
		return 0
	}
	return from + int64(s.For) - now
}
