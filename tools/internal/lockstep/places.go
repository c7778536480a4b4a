package lockstep

// Places are so many places, each for one actor at a time.
type Places struct {
	free    int
	waiting []*Actor // the one that came first is first
}

// NewPlaces returns so many free ones.
func NewPlaces(n int) *Places { return &Places{free: n} }

// Take returns when the actor has a place. Actors get them in the order in which
// they ask.
func (a *Actor) Take(p *Places) {
	if p.free > 0 {
		p.free--
		return
	}
	p.waiting = append(p.waiting, a)
	_ = a.yield() // an interrupt shows when the actor next asks or sleeps
}

// Give gives a place to the actor that waits longest, or back.
func (a *Actor) Give(p *Places) {
	if len(p.waiting) == 0 {
		p.free++
		return
	}
	a.clock.push(a.clock.now, p.waiting[0], nil)
	p.waiting = p.waiting[1:]
}
