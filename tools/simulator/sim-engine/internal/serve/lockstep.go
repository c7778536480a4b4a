package serve

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/lockstep"
)

// inLockstep answers a generation request of a load in lockstep.
func (s *Server) inLockstep(w http.ResponseWriter, r *http.Request, load string, read func() (*plan, *openai.Error)) {
	p, refusal := read()
	sent, err := strconv.ParseFloat(r.Header.Get(openai.HeaderLockstepSent), 64)
	if err != nil || !(sent >= 0 && sent <= math.MaxFloat64) {
		writeError(w, refuse(openai.HeaderLockstepSent, "%.40q is not a virtual time", r.Header.Get(openai.HeaderLockstepSent)))
		return
	}
	order, err := strconv.ParseInt(r.Header.Get(openai.HeaderLockstepOrder), 10, 64)
	if err != nil {
		writeError(w, refuse(openai.HeaderLockstepOrder, "%.40q is not a whole number", r.Header.Get(openai.HeaderLockstepOrder)))
		return
	}
	t := s.newTurn(r, p, refusal)
	t.request.Sent, t.request.Order = sent, order
	if err := s.gate.Deliver(load, &t.request); err != nil {
		writeLoadError(w, err)
		return
	}
	if t.serve(w, r) != nil {
		if r.Context().Err() != nil {
			s.gate.Doubt(load)
		}
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) beginLoad(w http.ResponseWriter, r *http.Request) {
	id, ok := readLoad(w, r)
	if !ok {
		return
	}
	if err := s.gate.Begin(id); err != nil {
		writeLoadError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, openai.LockstepNow{})
}

func (s *Server) endLoad(w http.ResponseWriter, r *http.Request) {
	if id, ok := readLoad(w, r); ok {
		s.gate.End(id)
		writeJSON(w, http.StatusOK, struct{}{})
	}
}

func (s *Server) advanceLoad(w http.ResponseWriter, r *http.Request) {
	var step openai.LockstepStep
	if e := readJSON(w, r, &step); e != nil {
		writeError(w, e)
		return
	}
	until := math.Inf(1)
	if step.Until != nil {
		until = *step.Until
	}
	now, err := s.gate.Advance(r.Context(), step.Load, lockstep.Step{Until: until, Sent: step.Sent, Cancelled: step.Cancelled, Flush: step.Flush})
	switch {
	case r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // nobody is left to answer
	case err != nil:
		writeLoadError(w, err)
	default:
		writeJSON(w, http.StatusOK, openai.LockstepNow{Now: now.At, Ended: now.Ended, Events: now.Events})
	}
}

// readLoad reads the name of a load, or answers that there is none.
func readLoad(w http.ResponseWriter, r *http.Request) (id string, ok bool) {
	var load openai.LockstepLoad
	e := readJSON(w, r, &load)
	if e == nil && load.Load == "" {
		e = refuse("load", "the load has no name")
	}
	if e != nil {
		writeError(w, e)
	}
	return load.Load, e == nil
}

// writeLoadError answers with why a load cannot be served now.
func writeLoadError(w http.ResponseWriter, err error) {
	var busy *lockstep.ErrBusy
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &busy):
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "1")
	case errors.Is(err, lockstep.ErrOver):
		status = http.StatusGone
	case errors.Is(err, lockstep.ErrMoving):
		status = http.StatusConflict
	case errors.Is(err, lockstep.ErrLate):
		status = http.StatusGatewayTimeout
	}
	writeError(w, &openai.Error{Message: err.Error(), Type: http.StatusText(status), Code: status})
}
