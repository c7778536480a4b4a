package serve

import (
	"context"
	"net/http"
	"strconv"
	"sync"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/lockstep"
	"fastgenbench/tools/simulator/sim-engine/internal/wire"
)

// turn is a request of a load in lockstep. Whoever moves virtual time decides
// about it, its handler does what may block: the header and what net/http ends
// an answer with.
type turn struct {
	server  *Server
	request lockstep.Request
	answer  *answer
	refusal *openai.Error // nil when it is served
	streams bool
	at      float64 // virtual end, valid once the answer is done

	taken   chan struct{} // the fault is known
	ready   chan struct{} // events may be written
	open    func()        // closes ready
	written chan struct{}
}

// newTurn returns the turn of a request whose plan is p, or that is refused.
func (s *Server) newTurn(r *http.Request, p *plan, refusal *openai.Error) *turn {
	t := &turn{server: s, refusal: refusal, taken: make(chan struct{}), ready: make(chan struct{}), written: make(chan struct{})}
	t.open = sync.OnceFunc(func() { close(t.ready) })
	t.answer = &answer{done: make(chan struct{})}
	if refusal == nil {
		t.answer = s.newAnswer(p, requestName(r, p.RequestID), 0)
		t.answer.emitter, t.streams = s.virtual, p.Stream
		if p.Stream {
			t.refusal = t.answer.connect(r)
		}
		if t.answer.conn != nil {
			t.answer.conn.Backlog = wire.VirtualBacklog
		}
	}
	t.answer.turn = t
	t.request.Name, t.request.Refused, t.request.Answer = requestName(r, ""), t.refusal != nil, t
	if refusal == nil {
		t.request.Name = t.answer.named
	}
	return t
}

// Take is lockstep.Answer's.
func (t *turn) Take(place uint64) <-chan struct{} {
	if t.refusal == nil {
		t.answer.fault = t.server.Faults.of(place)
	}
	close(t.taken)
	if t.refusal == nil && t.streams && t.answer.fault != Refuse {
		return t.ready
	}
	return nil
}

// Start is lockstep.Answer's.
func (t *turn) Start() []*drive.Job {
	a := t.answer
	if t.refusal != nil || a.fault == Refuse {
		a.finish()
		return nil
	}
	a.arrived = t.request.Nanoseconds()
	jobs := make([]*drive.Job, len(a.choices))
	for i := range a.choices {
		jobs[i] = &a.choices[i].job
	}
	return jobs
}

// Flush is lockstep.Answer's.
func (t *turn) Flush() { t.answer.flush() }

// Abort is lockstep.Answer's.
func (t *turn) Abort() {
	a := t.answer
	a.over, a.err = true, errDied
	if !a.finished {
		a.finished = true
		close(a.done)
	}
}

// Written is lockstep.Answer's. The events of a stream are written when they
// come to be.
func (t *turn) Written() <-chan struct{} {
	if t.streams && t.refusal == nil {
		return nil
	}
	return t.written
}

// end notes the end of the answer, which comes now.
func (t *turn) end() {
	t.at = t.request.Now()
	t.request.End()
}

// stamp puts the virtual end into the header of an answer.
func (t *turn) stamp(w http.ResponseWriter) {
	w.Header().Set(openai.HeaderLockstepTime, strconv.FormatFloat(t.at, 'g', -1, 64))
}

// serve writes the answer. An error closes the connection.
func (t *turn) serve(w http.ResponseWriter, r *http.Request) error {
	defer close(t.written)
	defer t.open()
	a := t.answer
	if err := t.await(r.Context()); err != nil {
		return err
	}
	switch {
	case t.refusal != nil || a.fault == Refuse:
		return t.refuse(w, r)
	case t.streams:
		if err := openStream(w); err != nil {
			return err
		}
		t.open()
		return t.server.finishStream(r, a)
	}
	if err := t.server.finishWhole(w, r, a); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// await waits until the turn is taken. An answer that is done by then, all of it
// made in one step, was taken before; one that was not is aborted.
func (t *turn) await(ctx context.Context) error {
	select {
	case <-t.taken:
		return nil
	case <-ctx.Done():
		return errGone
	case <-t.answer.done:
	}
	select {
	case <-t.taken:
		return nil
	default:
		return errDied
	}
}

// refuse answers with an error, or closes the connection, when the time has come.
func (t *turn) refuse(w http.ResponseWriter, r *http.Request) error {
	select {
	case <-t.answer.done:
	case <-r.Context().Done():
		return errGone
	}
	if t.refusal == nil || t.answer.err != nil {
		return errDied
	}
	t.stamp(w)
	writeError(w, t.refusal)
	return http.NewResponseController(w).Flush()
}
