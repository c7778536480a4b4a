package serve

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"net/http"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/wire"
)

func (s *Server) completions(w http.ResponseWriter, r *http.Request) {
	var request openai.CompletionRequest
	s.generate(w, r, func() (*plan, *openai.Error) {
		if e := readJSON(w, r, &request); e != nil {
			return nil, e
		}
		return s.planCompletion(&request)
	})
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	var request openai.ChatRequest
	s.generate(w, r, func() (*plan, *openai.Error) {
		if e := readJSON(w, r, &request); e != nil {
			return nil, e
		}
		return s.planChat(&request)
	})
}

// generate answers a request that makes tokens.
func (s *Server) generate(w http.ResponseWriter, r *http.Request, read func() (*plan, *openai.Error)) {
	if load := r.Header.Get(openai.HeaderLockstepLoad); load != "" {
		s.inLockstep(w, r, load, read)
		return
	}
	p, e := read()
	arrived := s.arrival(r)
	if e != nil {
		writeError(w, e)
		return
	}
	leave, err := s.gate.Enter()
	if err != nil {
		writeLoadError(w, err)
		return
	}
	defer leave()
	a := s.newAnswer(p, requestName(r, p.RequestID), arrived)
	a.fault = s.Faults.of(s.requests.Add(1))
	if a.fault == Refuse {
		panic(http.ErrAbortHandler) // net/http's way to close without an answer
	}
	if p.Stream {
		err = s.stream(w, r, a)
	} else {
		err = s.whole(w, r, a)
	}
	if err != nil {
		s.abandon(a)
		panic(http.ErrAbortHandler)
	}
}

// abandon informs the driver that nobody waits for the answer's sequences. In
// lockstep the load itself says when.
func (s *Server) abandon(a *answer) {
	if a.turn != nil {
		return
	}
	for i := range a.choices {
		s.Driver.Cancel(&a.choices[i].job)
	}
}

// arrival is when the request came, by the driver's clock: as the kernel saw
// its last bytes where the listener asks the kernel, else now.
func (s *Server) arrival(r *http.Request) int64 {
	now := s.Clock.Now()
	if c, ok := wire.Bottom(connOf(r)).(interface{ Arrived() time.Time }); ok {
		if at := c.Arrived(); !at.IsZero() {
			return min(now, now-int64(time.Since(at)))
		}
	}
	return now
}

// requestName is how the client calls the request, or a name for one that has none.
func requestName(r *http.Request, inBody string) string {
	name := r.Header.Get(openai.HeaderRequestID)
	if name == "" {
		name = inBody
	}
	if name == "" {
		var id [16]byte
		_, _ = rand.Read(id[:]) // never fails
		name = hex.EncodeToString(id[:])
	}
	return name
}

func (s *Server) newAnswer(p *plan, name string, arrived int64) *answer {
	prefix := "cmpl-"
	if p.chat {
		prefix = "chatcmpl-"
	}
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(name)) // a hash takes everything
	a := &answer{
		Answer: wire.Answer{
			ID: prefix + name, Model: s.Model, Created: time.Now().Unix(), Chat: p.chat, TokenIDs: p.ReturnTokenIDs,
			PromptTokens: p.prompts, Prompts: p.promptIDs, Words: s.words, Seed: seed.Sum64(),
		},
		emitter: s.emitter, named: name, name: record.Clean(name), arrived: arrived, interval: p.interval(),
		choices: make([]choice, len(p.prompts)), left: len(p.prompts), done: make(chan struct{}),
	}
	if o := p.StreamOptions; o != nil {
		a.Usage, a.Continuous = o.IncludeUsage, o.IncludeUsage && o.ContinuousUsageStats
	}
	total := 0
	for i := range a.choices {
		c := &a.choices[i]
		*c = choice{answer: a, index: i}
		c.job = drive.Job{Sink: c, PromptTokens: p.prompts[i], NewTokens: p.newTokens[i], Arrived: arrived}
		if s.PrefixCache {
			c.job.Text = a.Text(i)
		}
		total += p.newTokens[i]
	}
	if s.Details {
		a.Cached = make([]int, len(a.choices))
	}
	a.faultAt = (total + 1) / 2
	a.Prepare()
	return a
}

// errGone says that the answer was not wanted to the end.
var errGone = errors.New("the client has gone")

// submit hands the answer's sequences to the driver.
func (s *Server) submit(a *answer) error {
	for i := range a.choices {
		if err := s.Driver.Submit(&a.choices[i].job); err != nil {
			return err
		}
	}
	return nil
}

// stream answers with events. net/http sends the header and, when we return,
// the end of the answer; in between its buffer is empty and the connection is
// the driver's. An error closes the connection.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, a *answer) error {
	if e := a.connect(r); e != nil {
		writeError(w, e)
		return nil
	}
	if err := openStream(w); err != nil {
		return err
	}
	if err := s.submit(a); err != nil {
		return err
	}
	return s.finishStream(r, a)
}

// connect finds the connection that a stream is written to.
func (a *answer) connect(r *http.Request) *openai.Error {
	if !r.ProtoAtLeast(1, 1) {
		return &openai.Error{Message: "streams need HTTP/1.1", Type: "HTTP Version Not Supported", Code: http.StatusHTTPVersionNotSupported}
	}
	var err error
	if a.conn, err = wire.NewConn(connOf(r)); err != nil {
		return internal(err)
	}
	return nil
}

func openStream(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	return http.NewResponseController(w).Flush()
}

// finishStream does what the driver's thread must not: it waits for a slow
// reader, and for the end.
func (s *Server) finishStream(r *http.Request, a *answer) error {
	defer a.conn.Release()
	for {
		select {
		case <-a.conn.Stuck():
			if err := a.conn.Drain(); err != nil {
				return err
			}
		case <-a.done:
			if err := a.conn.Drain(); err != nil || errors.Is(a.err, errDied) {
				return errors.Join(err, a.err)
			}
			if a.err != nil {
				s.abandon(a)
			}
			return nil
		case <-r.Context().Done():
			return errGone
		}
	}
}

// whole answers with one JSON object when all is generated.
func (s *Server) whole(w http.ResponseWriter, r *http.Request, a *answer) error {
	if err := s.submit(a); err != nil {
		return err
	}
	return s.finishWhole(w, r, a)
}

func (s *Server) finishWhole(w http.ResponseWriter, r *http.Request, a *answer) error {
	select {
	case <-a.done:
	case <-r.Context().Done():
		return errGone
	}
	if a.turn != nil {
		a.turn.stamp(w)
	}
	switch {
	case errors.Is(a.err, errDied):
		return a.err
	case a.err != nil:
		s.abandon(a)
		writeError(w, internal(a.err))
	case a.struck && a.fault == Garbage:
		writeBody(w, http.StatusOK, []byte(garbage))
	default:
		generated := make([]int, len(a.choices))
		for i := range a.choices {
			generated[i] = a.choices[i].job.NewTokens
		}
		writeBody(w, http.StatusOK, a.AppendWhole(nil, generated, openai.FinishLength))
	}
	return nil
}
