package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// inLockstep serves loads in lockstep, simulated where config is given and
// paced otherwise.
func inLockstep(t testing.TB, config *sim.Config, replicas int, change func(*Config)) *testServer {
	t.Helper()
	m := meter.New("sim/model", max(1, replicas))
	return start(t, fast, func(c *Config) {
		c.Steppers = func() (*drive.Stepper, error) {
			if config == nil {
				return drive.StepPaced(m, drive.Stall{}, drive.Pace{Rate: 10, Chunk: 1})
			}
			var engines []drive.Engine
			for range replicas {
				e, err := sim.New(*config)
				if err != nil {
					return nil, err
				}
				engines = append(engines, e)
			}
			return drive.StepSimulated(m, drive.Stall{}, engines), nil
		}
		if change != nil {
			change(c)
		}
	})
}

// load is a client of a load in lockstep.
type load struct {
	t      testing.TB
	url    string
	id     string
	http   *http.Client
	sent   int
	now    openai.LockstepNow
	bodies sync.WaitGroup
}

// reply is what came of a request; it is whole once its load's bodies are.
type reply struct {
	times  []float64 // of the events with tokens
	ended  float64   // of the last event, or of the answer
	events int
	status int
	body   string // that was not streamed
	err    error
	cancel func()
}

func beginLoad(t testing.TB, url, id string) *load {
	t.Helper()
	l := &load{t: t, url: url, id: id, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20000}}}
	t.Cleanup(l.http.CloseIdleConnections)
	if status, text := l.ask(t.Context(), openai.PathLockstepBegin, openai.LockstepLoad{Load: id}); status != 200 {
		t.Fatalf("status %d: %s", status, text)
	}
	return l
}

// ask posts a message to one of the lockstep's routes.
func (l *load) ask(ctx context.Context, path string, message any) (int, string) {
	body, err := json.Marshal(message)
	if err != nil {
		l.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(ctx, "POST", l.url+path, bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	r, err := l.http.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err.Error()
	}
	return r.StatusCode, string(text)
}

func (l *load) advance(until *float64, cancelled ...string) openai.LockstepNow {
	l.t.Helper()
	return l.step(openai.LockstepStep{Load: l.id, Until: until, Sent: l.sent, Cancelled: cancelled})
}

// flush asks for the events that are held back.
func (l *load) flush() openai.LockstepNow {
	l.t.Helper()
	return l.step(openai.LockstepStep{Load: l.id, Flush: true})
}

func (l *load) step(s openai.LockstepStep) openai.LockstepNow {
	l.t.Helper()
	status, text := l.ask(l.t.Context(), openai.PathLockstepAdvance, s)
	if status != 200 {
		l.t.Fatalf("status %d: %s", status, text)
	}
	if err := json.Unmarshal([]byte(text), &l.now); err != nil {
		l.t.Fatal(err)
	}
	return l.now
}

// advanceAll moves on until all that was sent has ended.
func (l *load) advanceAll() {
	l.t.Helper()
	for l.now.Ended < l.sent {
		l.advance(nil)
	}
	l.bodies.Wait()
}

func (l *load) end() {
	l.t.Helper()
	if status, text := l.ask(l.t.Context(), openai.PathLockstepEnd, openai.LockstepLoad{Load: l.id}); status != 200 {
		l.t.Fatalf("status %d: %s", status, text)
	}
}

// send sends a request at a virtual time; its number is its place and its name.
func (l *load) send(path string, at float64, body string) *reply {
	ctx, cancel := context.WithCancel(l.t.Context())
	request, err := http.NewRequestWithContext(ctx, "POST", l.url+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(openai.HeaderRequestID, fmt.Sprint("r", l.sent))
	request.Header.Set(openai.HeaderLockstepLoad, l.id)
	request.Header.Set(openai.HeaderLockstepSent, strconv.FormatFloat(at, 'g', -1, 64))
	request.Header.Set(openai.HeaderLockstepOrder, strconv.Itoa(l.sent))
	l.sent++
	answer := &reply{cancel: cancel}
	l.bodies.Go(func() { answer.err = answer.read(l.http.Do(request)) })
	return answer
}

func (a *reply) read(r *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	a.status = r.StatusCode
	if r.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		a.body = string(text)
		a.ended, _ = strconv.ParseFloat(r.Header.Get(openai.HeaderLockstepTime), 64)
		return err
	}
	for event := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n\n"), "\n\n") {
		stamp, data, found := strings.Cut(event, "\ndata: ")
		at, malformed := strconv.ParseFloat(strings.TrimPrefix(stamp, openai.LockstepStamp), 64)
		if !found || malformed != nil {
			return fmt.Errorf("event %q", event)
		}
		a.events++
		a.ended = at
		if strings.Contains(data, `"text":"`) {
			a.times = append(a.times, at)
		}
	}
	return err
}

// prompt is a request's body, its prompt of n tokens.
func prompt(n, tokens int, stream bool) string {
	ids := strings.Repeat("300,", n)
	return fmt.Sprintf(`{"prompt":[%s],"max_tokens":%d,"stream":%v}`, ids[:len(ids)-1], tokens, stream)
}
