package dialect

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/transport"
)

// moved is a server that answers each request at once and ends it at 2.5 s, as
// advances tell. It notes the questions.
type moved struct {
	mu       sync.Mutex
	came     *sync.Cond
	asked    []string
	stamped  int // events of its answers
	answered int
	body     func(c call) bool
}

func (m *moved) answer(c call) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, c.URL.Path+" "+c.Header.Get(openai.HeaderLockstepSent)+" "+c.Header.Get(openai.HeaderLockstepOrder))
	switch c.URL.Path {
	case openai.PathLockstepBegin:
		m.answered = 0
		return plain(c.conn, 200, `{"now":0}`)
	case openai.PathLockstepAdvance:
		for m.answered == 0 {
			m.came.Wait()
		}
		return plain(c.conn, 200, fmt.Sprintf(`{"now":2.5,"ended":1,"events":%d}`, m.stamped))
	case openai.PathLockstepEnd:
		return plain(c.conn, 200, `{}`)
	}
	m.answered++
	m.came.Broadcast()
	return m.body(c)
}

func (m *moved) said() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.asked, ",")
}

func (m *moved) server(t *testing.T, streamed bool) Server {
	t.Helper()
	m.came = sync.NewCond(&m.mu)
	o := options(t, serve(t, m.answer), func(o *Options) {
		o.Stream, o.Transport.Lockstep = streamed, true
		var err error
		if o.Lockstep, err = NewLockstep(o.Transport); err != nil {
			t.Fatal(err)
		}
	})
	s, err := New("openai", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An answer's times are those that come with it, and a request without a place in
// virtual time gets a load of its own.
func TestTimesOfLockstep(t *testing.T) {
	const first, second = ":t=1.25\ndata: {\"choices\":[{\"text\":\"a\"}]}\n\n", ":t=2\ndata: {\"choices\":[{\"text\":\"b\",\"finish_reason\":\"length\"}]}\n\n"
	const last = ":t=2.5\ndata: [DONE]\n\n"
	for name, c := range map[string]struct {
		streamed bool
		stamped  int
		body     func(c call) bool
		want     string
	}{
		"streamed": {true, 3, func(c call) bool { return events(c.conn, first, second, last) }, "ok 2 2.5 [{1.25 0 1} {2 0 1}] "},
		"whole": {false, 0, func(c call) bool {
			return plain(c.conn, 200, `{"choices":[{"text":"a","finish_reason":"length"}],"usage":{"prompt_tokens":4,"completion_tokens":2}}`, "Lockstep-Time: 2.5")
		}, "ok 2.5 2.5 [] "},
		"garbage in it": {true, 3, func(c call) bool { return events(c.conn, first, ":t=2\ndata: {garbage\n\n", last) },
			"failed 1.25 NaN [{1.25 0 1}] the answer cannot be read"},
		"refused": {true, 0, func(c call) bool {
			return plain(c.conn, 429, `{"error":{"message":"no"}}`, "Lockstep-Time: 2.5", "Retry-After: 2")
		},
			"failed 2.5 NaN [] HTTP 429"},
	} {
		m := &moved{body: c.body, stamped: c.stamped}
		client := m.server(t, c.streamed).Client()
		o := client.Generate(context.Background(), Ask{ID: "x", Prompt: prompt.Prompt{Text: "a"}, MaxNewTokens: 2})
		client.Close()
		got := fmt.Sprintf("%v %v %v %v %v", o.Status, o.Latency.Float(), o.End.Float(), o.Chunks, o.Error)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if o.Clock != "virtual" || o.Connect.Known() || o.Lag.Known() || o.Blurred.Known() || !o.Start.Equal(lockstep.Time(0)) {
			t.Errorf("%s: %+v", name, o)
		}
		if got := m.said(); got != "/lockstep/begin  ,/v1/completions 0 0,/lockstep/advance  ,/lockstep/end  " && got != "/lockstep/begin  ,/lockstep/advance  ,/v1/completions 0 0,/lockstep/end  " {
			t.Errorf("%s: asked %s", name, got)
		}
	}
}

func TestLockstepErrorsAreInWords(t *testing.T) {
	for route, want := range map[string]string{
		openai.PathLockstepBegin:   "beginning a load in lockstep: HTTP 410 Gone: the load is over",
		openai.PathLockstepAdvance: "moving virtual time: HTTP 410 Gone: the load is over",
	} {
		s := serve(t, func(c call) bool {
			if c.URL.Path == route {
				return plain(c.conn, http.StatusGone, `{"error":{"message":"the load is over"}}`)
			}
			return plain(c.conn, 200, `{}`)
		})
		l, err := NewLockstep(transport.Config{Address: address(t, s)})
		if err != nil {
			t.Fatal(err)
		}
		if err = l.Begin(context.Background()); err == nil {
			_, err = l.Advance(context.Background(), lockstep.Step{Until: 1})
		}
		if l.End(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
