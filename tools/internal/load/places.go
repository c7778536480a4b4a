package load

import "fastgenbench/tools/internal/lockstep"

// places are so many places, each for one actor at a time, who get them in the
// order in which they ask.
type places interface {
	// take returns when the actor has a place, with an error when the point was
	// interrupted first.
	take(me actor) error
	give(me actor)
}

// take takes a place where places are limited.
func take(me actor, p places) error {
	if p == nil {
		return nil
	}
	return p.take(me)
}

func give(me actor, p places) {
	if p != nil {
		p.give(me)
	}
}

// realPlaces are places in real time.
type realPlaces struct {
	*realTime
	taken chan struct{}
}

func (r *realTime) places(n int) places { return realPlaces{r, make(chan struct{}, n)} }

func (p realPlaces) take(actor) error {
	select {
	case p.taken <- struct{}{}:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

func (p realPlaces) give(actor) { <-p.taken }

// virtualPlaces are places in virtual time.
type virtualPlaces struct{ *lockstep.Places }

func (v *virtualTime) places(n int) places { return virtualPlaces{lockstep.NewPlaces(n)} }

func (p virtualPlaces) take(me actor) error {
	me.(*virtualActor).Take(p.Places)
	return nil
}

func (p virtualPlaces) give(me actor) { me.(*virtualActor).Give(p.Places) }
