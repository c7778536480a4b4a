package metrics

import "container/heap"

// waitForCap takes out of the delays of an open loop what requests waited for the
// cap on concurrency: no client could have sent them earlier. A request that finds
// as many in flight as the cap allows may go when the first of them has ended.
func (p *point) waitForCap() {
	if p.key.RateRPS == 0 || p.key.NumClients == 0 {
		return
	}
	flying := &ends{}
	for _, r := range p.requests { // in the order of their starts
		if flying.Len() < p.key.NumClients {
			heap.Push(flying, r.start+r.end)
			continue
		}
		free := (*flying)[0]
		(*flying)[0] = r.start + r.end
		heap.Fix(flying, 0)
		if r.delay > 0 {
			r.late = max(0, min(r.delay, r.start-free))
		}
	}
}

// ends is a heap of instants.
type ends []float64

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, j int) bool { return e[i] < e[j] }
func (e ends) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *ends) Push(x any)        { *e = append(*e, x.(float64)) }
func (e *ends) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}
