package lockstep

import (
	"cmp"
	"container/heap"
)

// wake is what happens at an instant: an actor goes on, or a limit of a request
// is reached.
type wake struct {
	at     float64
	number int // of the actor
	serial int // those of one actor keep their order
	actor  *Actor
	limit  *limit // nil: the actor goes on
}

// limit is the reason to give a request up.
type limit struct {
	request *Request
	cause   error
	silence bool // its instant moves with each event
}

// stale reports whether the wake is one for a request that has ended.
func (w wake) stale() bool { return w.limit != nil && w.limit.request.released }

// wakes is a heap, the earliest first.
type wakes []wake

func (w wakes) Len() int { return len(w) }
func (w wakes) Less(i, j int) bool {
	a, b := w[i], w[j]
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.number, b.number), cmp.Compare(a.serial, b.serial)) < 0
}
func (w wakes) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *wakes) Push(x any)   { *w = append(*w, x.(wake)) }
func (w *wakes) Pop() any {
	last := len(*w) - 1
	x := (*w)[last]
	(*w)[last] = wake{}
	*w = (*w)[:last]
	return x
}

// first returns the earliest wake that is not stale.
func (w *wakes) first() (wake, bool) {
	for len(*w) > 0 && (*w)[0].stale() {
		heap.Pop(w)
	}
	if len(*w) == 0 {
		return wake{}, false
	}
	return (*w)[0], true
}
