package lockstep

import "container/heap"

// Actor is one who acts in virtual time: a client of a load, or what sends
// requests when they are due. It runs while it has the turn. Its methods are for
// its own goroutine.
type Actor struct {
	clock    *Clock
	number   int
	wake     chan error
	sleeping bool
	ended    bool
}

// Go gives an actor to the clock; it lives from the present instant on. It may
// be called before Run, and by an actor that has the turn.
func (c *Clock) Go(number int, live func(*Actor)) {
	a := &Actor{clock: c, number: number, wake: make(chan error, 1)}
	c.alive++
	c.push(c.now, a, nil)
	go func() {
		<-a.wake
		live(a)
		a.ended = true
		c.turn <- a
	}()
}

// Now is the present instant in virtual seconds.
func (a *Actor) Now() float64 { return a.clock.now }

// Sleep returns at an instant. It returns earlier, with an error, when the load
// is interrupted.
func (a *Actor) Sleep(until float64) error {
	c := a.clock
	if err := c.stopped(); err != nil || until <= c.now {
		return err
	}
	c.push(until, a, nil)
	a.sleeping = true
	defer func() { a.sleeping = false }()
	return a.yield()
}

// yield gives the turn back and waits for the next.
func (a *Actor) yield() error {
	a.clock.turn <- a
	return <-a.wake
}

// Gathering is where so many actors wait for one another.
type Gathering struct {
	size    int
	waiting []*Actor
}

// NewGathering returns one of so many actors.
func NewGathering(size int) *Gathering { return &Gathering{size: size} }

// Meet returns when all have come.
func (a *Actor) Meet(g *Gathering) {
	if g.waiting = append(g.waiting, a); len(g.waiting) == g.size {
		for _, one := range g.waiting {
			a.clock.push(a.clock.now, one, nil)
		}
	}
	_ = a.yield() // an interrupt shows when the actor next asks or sleeps
}

// push notes when an actor goes on, or a limit is reached.
func (c *Clock) push(at float64, a *Actor, l *limit) {
	c.serial++
	heap.Push(&c.wakes, wake{at: at, number: a.number, serial: c.serial, actor: a, limit: l})
}
