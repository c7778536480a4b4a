package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
	"fastgenbench/tools/simulator/simtest"
)

// lockServer is a small server that goes in lockstep, with the model behind it.
type lockServer struct {
	*httptest.Server
	config sim.Config
	busy   int                    // how many begins are answered 503
	fault  func(id string) string // "" none, "refuse" or "busy"; of requests that count
	step   func(n int) bool       // of each advance; false hangs up

	mu       sync.Mutex
	came     *sync.Cond
	load     string
	engine   *simrun.Engine
	queue    []*lockRequest
	received int
	taken    int // by the engine
	events   int
	ended    int // without the engine
	now      float64
	steps    int
	begun    int
	over     int
}

// lockRequest is one request at the server.
type lockRequest struct {
	sent  float64
	order int
	id    string
	size  prompt.Size
	whole bool
	fault string
	tells chan lockToken
}

type lockToken struct {
	at   float64
	last bool
}

func newLockServer(t *testing.T) *lockServer {
	t.Helper()
	s := &lockServer{config: simtest.A6000(t, "fastgen")}
	s.came = sync.NewCond(&s.mu)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+openai.PathVersion, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, openai.Version{Speed: 1, Lockstep: true, Engine: "sim-engine/test", Hardware: "A6000", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768})
	})
	mux.HandleFunc("GET "+openai.PathModels, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, openai.ModelList{Data: []openai.Model{{ID: "m", OwnedBy: openai.SimEngine, MaxModelLen: 4096}}})
	})
	mux.HandleFunc("POST "+openai.PathLockstepBegin, s.begin)
	mux.HandleFunc("POST "+openai.PathLockstepAdvance, s.advance)
	mux.HandleFunc("POST "+openai.PathLockstepEnd, s.end)
	mux.HandleFunc("POST "+openai.PathCompletions, s.complete)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// set changes how the server behaves, step, fault or busy.
func (s *lockServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// loads is how many loads were begun, and how many ended.
func (s *lockServer) loads() (begun, over int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun, s.over
}

func answer(w http.ResponseWriter, what any) { _ = json.NewEncoder(w).Encode(what) }

func (s *lockServer) begin(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var load openai.LockstepLoad
	_ = json.NewDecoder(r.Body).Decode(&load)
	if s.busy--; s.busy >= 0 || s.load != "" {
		w.Header().Set("Retry-After", "0")
		http.Error(w, `{"error":{"message":"others are served"}}`, http.StatusServiceUnavailable)
		return
	}
	s.load, s.queue, s.received, s.taken, s.events, s.ended, s.now = load.Load, nil, 0, 0, 0, 0, 0
	s.begun++
	s.engine, _ = simrun.NewEngine(s.config, 1)
	answer(w, openai.LockstepNow{})
}

func (s *lockServer) end(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.load = ""
	s.over++
	answer(w, struct{}{})
}

func (s *lockServer) advance(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var step openai.LockstepStep
	_ = json.NewDecoder(r.Body).Decode(&step)
	if step.Load != s.load {
		http.Error(w, `{"error":{"message":"the load is over"}}`, http.StatusGone)
		return
	}
	if s.steps++; s.step != nil && !s.step(s.steps) {
		panic(http.ErrAbortHandler)
	}
	for s.received < step.Sent {
		s.came.Wait()
	}
	until := math.Inf(1)
	if step.Until != nil {
		until = *step.Until
	}
	if before := s.ended; s.take() > before {
		until = s.now // they end now
	}
	reply, err := s.engine.Advance(context.Background(), lockstep.Step{Until: until, Sent: s.taken, Cancelled: step.Cancelled})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.now = reply.Now
	answer(w, openai.LockstepNow{Now: reply.Now, Ended: reply.Ended + s.ended, Events: s.events})
}

// take hands what came to the engine, in order, and returns how many requests
// have ended without it.
func (s *lockServer) take() int {
	slices.SortFunc(s.queue, func(a, b *lockRequest) int {
		return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(a.order, b.order))
	})
	for _, r := range s.queue {
		if r.fault == "refuse" || r.fault == "busy" {
			s.ended++
			r.tells <- lockToken{r.sent, true}
			continue
		}
		s.taken++
		s.engine.Send(&simrun.Request{ID: r.id, Size: r.size, Token: func(at float64, last bool) {
			if !r.whole {
				s.events++
			}
			if !r.whole && last {
				s.events++ // the end mark
			}
			r.tells <- lockToken{at, last}
		}})
	}
	s.queue = nil
	return s.ended
}

func (s *lockServer) complete(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Prompt    json.RawMessage `json:"prompt"`
		MaxTokens int             `json:"max_tokens"`
		Stream    bool            `json:"stream"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	size := prompt.Size{Prompt: 1 + strings.Count(string(asked.Prompt), ",") + strings.Count(string(asked.Prompt), " "), New: asked.MaxTokens}
	sent, err := strconv.ParseFloat(r.Header.Get(openai.HeaderLockstepSent), 64)
	s.mu.Lock()
	load := s.load
	s.mu.Unlock()
	order, orderErr := strconv.Atoi(r.Header.Get(openai.HeaderLockstepOrder))
	if err != nil || orderErr != nil || r.Header.Get(openai.HeaderLockstepLoad) != load {
		http.Error(w, `{"error":{"message":"a load in lockstep is under way"}}`, http.StatusServiceUnavailable)
		return
	}
	one := &lockRequest{sent, order, r.Header.Get(openai.HeaderRequestID), size, !asked.Stream, "", make(chan lockToken, size.New+1)}
	s.mu.Lock()
	if s.fault != nil && strings.Count(one.id, "-") == 4 {
		one.fault = s.fault(one.id)
	}
	s.queue = append(s.queue, one)
	s.received++
	s.came.Broadcast()
	s.mu.Unlock()
	one.write(w, r)
}

// write answers as the engine tells.
func (one *lockRequest) write(w http.ResponseWriter, r *http.Request) {
	for n := 1; ; n++ {
		var token lockToken
		select {
		case token = <-one.tells:
		case <-r.Context().Done():
			return
		}
		switch {
		case one.fault == "refuse":
			panic(http.ErrAbortHandler)
		case one.fault == "busy":
			w.Header().Set("Retry-After", "2")
			w.Header().Set(openai.HeaderLockstepTime, fmt.Sprint(token.at))
			http.Error(w, `{"error":{"message":"busy"}}`, http.StatusTooManyRequests)
			return
		case one.whole && token.last:
			w.Header().Set(openai.HeaderLockstepTime, strconv.FormatFloat(token.at, 'g', -1, 64))
			fmt.Fprintf(w, `{"choices":[{"text":"x","finish_reason":"length"}],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`, one.size.Prompt, n)
			return
		case one.whole:
			continue
		}
		one.event(w, n, token)
		if token.last {
			return
		}
	}
}

func (one *lockRequest) event(w http.ResponseWriter, n int, token lockToken) {
	reason, at := "null", strconv.FormatFloat(token.at, 'g', -1, 64)
	if token.last {
		reason = `"length"`
	}
	fmt.Fprintf(w, ":t=%s\ndata: {\"choices\":[{\"text\":\"x\",\"finish_reason\":%s}],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d}}\n\n", at, reason, one.size.Prompt, n)
	if token.last {
		fmt.Fprintf(w, ":t=%s\ndata: [DONE]\n\n", at)
	}
	w.(http.Flusher).Flush()
}
