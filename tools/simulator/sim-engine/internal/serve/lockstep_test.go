package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/openai"
	prompts "fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
)

// a6000 is the engine of the published example.
func a6000(t testing.TB, policy string) *sim.Config {
	t.Helper()
	model, err := sim.LookupModel("llama-2-7b-hf")
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := sim.LookupGPU("A6000")
	if err != nil {
		t.Fatal(err)
	}
	return &sim.Config{Model: model, Hardware: gpu, TP: 1, Policy: policy}
}

// planned is a request that the model was run with, in one process.
type planned struct {
	Start       float64
	Prompt, New int
	Cached      record.Count
	TokenTimes  []float64
}

// model runs the model under a closed loop in one process.
func model(t testing.TB, config sim.Config, replicas, clients, requests int, size func(i int) prompts.Size) (plan []planned) {
	t.Helper()
	key := record.Key{LoadKey: record.LoadKey{NumClients: clients}}
	rows, err := simrun.Run(context.Background(), config, replicas, simrun.Load{Key: key, Requests: requests, Size: size, Seed: 7,
		Text: func(i int) sim.Text { return alike(size(i).Prompt, i) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		one := planned{Start: row.StartS.Float(), Prompt: row.PromptTokens.Int(), New: row.GeneratedTokens.Int(), Cached: row.CachedTokens}
		for _, chunk := range row.ChunkS {
			one.TokenTimes = append(one.TokenTimes, one.Start+chunk.At)
		}
		plan = append(plan, one)
	}
	return plan
}

// alike are the tokens of the requests that prompt writes: prompts of one text, and
// answers of their own.
func alike(prompt, i int) sim.Text {
	return func(k int) int {
		if k < prompt {
			return 300
		}
		return -1 - i<<20 - k
	}
}

// closedLoop drives what the model computed: the requests of its plan, the first
// of each client when it was, and one more whenever one ends.
func closedLoop(t testing.TB, l *load, plan []planned, clients int, stream bool) []*reply {
	t.Helper()
	first := make([]int, clients)
	for i := range first {
		first[i] = i
	}
	slices.SortFunc(first, func(a, b int) int { return cmp.Compare(plan[a].Start, plan[b].Start) })
	replies := make([]*reply, len(plan))
	send := func(i int, at float64) {
		replies[i] = l.send(openai.PathCompletions, at, prompt(plan[i].Prompt, plan[i].New, stream))
	}
	next, ended := clients, 0
	for ended < len(plan) {
		var until *float64
		if len(first) > 0 {
			until = &plan[first[0]].Start
		}
		now := l.advance(until)
		for ; ended < now.Ended; ended++ {
			if next < len(plan) {
				send(next, now.Now)
				next++
			}
		}
		for len(first) > 0 && plan[first[0]].Start <= now.Now {
			send(first[0], now.Now)
			first = first[1:]
		}
	}
	l.bodies.Wait()
	return replies
}

func TestLockstepIsTheModel(t *testing.T) {
	for _, c := range []struct {
		policy            string
		replicas, clients int
		stream, caching   bool
	}{{"fastgen", 1, 8, true, false}, {"vllm-0.2", 2, 12, true, false}, {"vllm", 3, 20, false, false}, {"fastgen", 1, 1, true, false},
		{"vllm", 1, 12, true, true}, {"vllm", 2, 20, false, true}} {
		config := a6000(t, c.policy)
		if c.caching {
			config.PrefixCache, config.Blocks = true, 400 // too few for all of them at once
		}
		want := model(t, *config, c.replicas, c.clients, 3*c.clients, func(i int) prompts.Size {
			return prompts.Size{Prompt: 100 + 311*i%1400, New: 5 + 7*i%40}
		})
		ts := inLockstep(t, config, c.replicas, func(to *Config) { to.PrefixCache, to.Details = c.caching, c.caching })
		l := beginLoad(t, ts.URL, "load")
		got := closedLoop(t, l, want, c.clients, c.stream)
		l.end()
		for i, w := range want {
			if got[i].err != nil || got[i].status != 200 || math.Abs(got[i].ended-w.TokenTimes[w.New-1]) > 1e-6 {
				t.Fatalf("%+v, request %d ended at %v, want %v (%v)", c, i, got[i].ended, w.TokenTimes[w.New-1], got[i].err)
			}
			if !c.stream {
				wantCached(t, got[i].body, w.Cached)
				continue
			}
			if len(got[i].times) != w.New {
				t.Fatalf("%+v, request %d: %d of %d events", c, i, len(got[i].times), w.New)
			}
			for k, at := range w.TokenTimes {
				if math.Abs(got[i].times[k]-at) > 1e-6 {
					t.Fatalf("%+v, request %d, token %d at %v, want %v", c, i, k, got[i].times[k], at)
				}
			}
		}
	}
}

// wantCached looks for how much of a prompt was cached in an answer, and that it is
// some.
func wantCached(t *testing.T, body string, want record.Count) {
	t.Helper()
	var answer openai.Completion
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	details := answer.Usage.PromptTokensDetails
	if (details != nil) != want.Known() || details != nil && *details.CachedTokens != want.Int() {
		t.Errorf("%+v cached, want %+v", details, want)
	}
}

func TestOpenLoopAndManyClients(t *testing.T) {
	const requests = 1000
	ts := inLockstep(t, a6000(t, "fastgen"), 4, nil)
	var want string
	for range 2 {
		l := beginLoad(t, ts.URL, "load")
		var replies []*reply
		for i := range requests {
			at := float64(i/50) * 0.25
			if l.now.Now < at {
				for l.advance(&at).Now < at {
				}
			}
			replies = append(replies, l.send(openai.PathCompletions, at, prompt(20+i%200, 1+i%9, true)))
		}
		l.advanceAll()
		l.end()
		var got strings.Builder
		events := 0
		for i, r := range replies {
			if r.err != nil || len(r.times) != 1+i%9 {
				t.Fatalf("request %d: %d events, %v", i, len(r.times), r.err)
			}
			fmt.Fprintln(&got, r.times)
			events += r.events
		}
		if l.now.Events != events {
			t.Errorf("%d events are counted, %d came", l.now.Events, events)
		}
		if want == "" {
			want = got.String()
		}
		if got.String() != want {
			t.Fatal("the same load took other times")
		}
	}
}

func TestRefusalsOfALoad(t *testing.T) {
	ts := inLockstep(t, nil, 0, nil)
	l := beginLoad(t, ts.URL, "load")
	at := 1.5
	l.advance(&at)
	replies := []*reply{
		l.send(openai.PathCompletions, at, `{"prompt":"x","max_tokens":0}`),
		l.send(openai.PathCompletions, at, `{"prompt":"x","model":"other","stream":true}`),
		l.send(openai.PathChatCompletions, at, `{"messages":[{"role":"user","content":"x"}],"max_tokens":5000}`),
		l.send("/v1/responses", at, `{}`),
		l.send(openai.PathCompletions, at, `{"prompt":"x","max_tokens":2}`),
	}
	if now := l.advance(nil); now != (openai.LockstepNow{Now: 1.5, Ended: 4}) {
		t.Errorf("%+v", now)
	}
	l.advanceAll()
	for i, status := range []int{400, 404, 400, 404, 200} {
		if r := replies[i]; r.status != status || r.err != nil || r.ended != map[bool]float64{true: 1.6, false: 1.5}[status == 200] {
			t.Errorf("request %d: status %d at %v, %v", i, r.status, r.ended, r.err)
		}
	}
}

// Two tokens come a tenth of a second apart, and a fault in between.
func TestFaultsAreVirtual(t *testing.T) {
	for _, c := range []struct {
		fault      Fault
		stream     bool
		status     int
		at         float64
		whole, now bool // the answer ends by itself; it has ended when asked
	}{
		{Refuse, true, 0, 0, false, true}, {Die, true, 200, 0.1, false, true}, {Garbage, true, 200, 0.3, true, true},
		{ErrorEvent, true, 200, 0.1, true, true}, {NoDone, true, 200, 0.3, true, true}, {Hang, true, 200, 0.1, false, false},
		{Refuse, false, 0, 0, false, true}, {Die, false, 0, 0.1, false, true}, {Garbage, false, 200, 0.3, true, true},
		{ErrorEvent, false, 500, 0.1, true, true}, {Hang, false, 0, 0, false, false},
	} {
		ts := inLockstep(t, nil, 0, func(s *Config) { s.Faults = Faults{Kinds: []Fault{c.fault}, Rate: 1} })
		l := beginLoad(t, ts.URL, "load")
		r := l.send(openai.PathCompletions, 0, prompt(3, 4, c.stream))
		now := l.advance(nil)
		at := c.at
		if c.fault == Hang {
			at = 0 // the last event that ended a request
			until := 9.0
			if now := l.advance(&until); now.Ended != 0 || now.Now != 9 {
				t.Errorf("%s: %+v", c.fault, now)
			}
			if now := l.advance(nil, "r0"); now.Ended != 1 || now.Now != 9 {
				t.Errorf("%s: %+v", c.fault, now)
			}
		} else if now.Now != at || now.Ended != 1 {
			t.Errorf("%s: %+v", c.fault, now)
		}
		l.bodies.Wait()
		if r.status != c.status || (r.err == nil) != c.whole || c.status > 0 && math.Abs(r.ended-c.at) > 1e-12 {
			t.Errorf("%s, stream %v: status %d, ended at %v, %v", c.fault, c.stream, r.status, r.ended, r.err)
		}
	}
}

func TestCancelledAnswersAreCutOff(t *testing.T) {
	ts := inLockstep(t, nil, 0, nil)
	l := beginLoad(t, ts.URL, "load")
	told, left, other := l.send(openai.PathCompletions, 0, prompt(3, 100, true)), l.send(openai.PathCompletions, 0, prompt(3, 30, true)), l.send(openai.PathCompletions, 0, prompt(3, 20, true))
	at := 1.0
	if now := l.advance(&at); now != (openai.LockstepNow{Now: 1}) {
		t.Errorf("something was not held back: %+v", now)
	}
	if now := l.flush(); now != (openai.LockstepNow{Now: 1, Events: 3 * 11}) {
		t.Errorf("%+v", now)
	}
	left.cancel() // its connection closes, which by itself moves nothing
	if now := l.advance(nil, "r0"); now != (openai.LockstepNow{Now: 1.9, Ended: 2, Events: 11 + 11 + 20 + 1}) {
		t.Errorf("%+v", now)
	}
	if now := l.advance(nil); now.Now != 2.9 || now.Ended != 3 {
		t.Errorf("%+v", now)
	}
	l.bodies.Wait()
	if told.err == nil || other.err != nil || len(told.times) != 11 {
		t.Errorf("%v after %d, %v", told.err, len(told.times), other.err)
	}
}

func TestOthersBesideALoad(t *testing.T) {
	var expire func()
	ts := inLockstep(t, nil, 0, func(s *Config) {
		s.APIKeys = nil
		s.Timer = func(d time.Duration, f func()) func() {
			if d < 20*time.Second {
				expire = f
			}
			return func() {}
		}
	})
	l := beginLoad(t, ts.URL, "first")
	const body = `{"prompt":"x","max_tokens":2}`
	if status, text := ts.post(t, openai.PathCompletions, body); status != 503 || !strings.Contains(text, "not real time") {
		t.Errorf("an ordinary request: %d %s", status, text)
	}
	if status, _ := ts.post(t, openai.PathTokenize, `{"prompt":"x"}`); status != 200 {
		t.Errorf("another route: %d", status)
	}
	if status, text := l.ask(t.Context(), openai.PathLockstepBegin, openai.LockstepLoad{Load: "second"}); status != 503 || !strings.Contains(text, "another load") {
		t.Errorf("a second load: %d %s", status, text)
	}
	if status, _ := l.ask(t.Context(), openai.PathLockstepAdvance, openai.LockstepStep{Load: "second"}); status != 410 {
		t.Errorf("a step of another load: %d", status)
	}
	if status, _ := l.ask(t.Context(), openai.PathLockstepBegin, openai.LockstepLoad{}); status != 400 {
		t.Errorf("a load without a name: %d", status)
	}
	silent := l.send(openai.PathCompletions, 0, prompt(3, 9, true))
	l.advance(new(float64))
	expire()
	l.bodies.Wait()
	if silent.err == nil {
		t.Error("a silent load's stream ended well")
	}
	if status, text := l.ask(t.Context(), openai.PathLockstepAdvance, openai.LockstepStep{Load: "first"}); status != 410 || !strings.Contains(text, "load is over") {
		t.Errorf("a step after the end: %d %s", status, text)
	}
	late := l.send(openai.PathCompletions, 0, body)
	if l.bodies.Wait(); late.status != 410 {
		t.Errorf("a request after the end: %d", late.status)
	}
	if status, _ := ts.post(t, openai.PathCompletions, body); status != 200 {
		t.Errorf("an ordinary request after the end: %d", status)
	}
}

// A client that dies closes the connection of its step, and the next is served.
func TestAStepThatIsLeftEndsTheLoad(t *testing.T) {
	waiting := make(chan struct{}, 9)
	ts := inLockstep(t, nil, 0, func(s *Config) {
		s.Timer = func(d time.Duration, _ func()) func() {
			if d > 20*time.Second { // a step's, for what was sent
				waiting <- struct{}{}
			}
			return func() {}
		}
	})
	l := beginLoad(t, ts.URL, "first")
	stream := l.send(openai.PathCompletions, 0, prompt(1, 50, true))
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan int)
	go func() { // one of its two requests never comes
		status, _ := l.ask(ctx, openai.PathLockstepAdvance, openai.LockstepStep{Load: "first", Sent: 2})
		gone <- status
	}()
	<-waiting
	leave()
	<-gone
	for status := 0; status != 200; { // once the server has noticed
		status, _ = l.ask(t.Context(), openai.PathLockstepBegin, openai.LockstepLoad{Load: "second"})
		if status != 200 && status != 503 {
			t.Fatalf("status %d", status)
		}
	}
	if l.bodies.Wait(); stream.err == nil && stream.status != 410 {
		t.Error("a stream of the load that was left ended well")
	}
}

func TestServersWithoutLockstep(t *testing.T) {
	ts := start(t, fast, nil)
	for _, path := range []string{openai.PathLockstepBegin, openai.PathLockstepAdvance, openai.PathLockstepEnd} {
		if status, _ := ts.post(t, path, `{"load":"a"}`); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	l := &load{t: t, url: ts.URL, id: "a", http: http.DefaultClient}
	r := l.send(openai.PathCompletions, 0, prompt(1, 1, false))
	if l.bodies.Wait(); r.status != 410 {
		t.Errorf("a load that never began: %d", r.status)
	}
}

func TestLoadsNeedTheKey(t *testing.T) {
	ts := inLockstep(t, nil, 0, func(s *Config) { s.APIKeys = []string{"key"} })
	if status, _ := ts.post(t, openai.PathLockstepBegin, `{"load":"a"}`); status != 401 {
		t.Errorf("status %d", status)
	}
}

func TestTruthIsVirtual(t *testing.T) {
	ts := inLockstep(t, nil, 0, nil)
	l := beginLoad(t, ts.URL, "load")
	l.send(openai.PathCompletions, 0, prompt(1, 1, false))
	l.advanceAll()
	r := l.send(openai.PathCompletions, 0, `{"prompt":"x","max_tokens":3,"stream":true,"stream_options":{"include_usage":true}}`)
	l.advanceAll()
	if r.events != 5 || r.ended != 0.2 {
		t.Errorf("%d events until %v", r.events, r.ended)
	}
	l.end()
	ts.stop()
	lines := strings.Split(strings.TrimSpace(ts.logs.String()), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[4], "r1,0,0,2,1,200000000,200000000,") {
		t.Errorf("%q", lines)
	}
}

// The published example's largest load: 32 clients, 160 requests of 60 tokens.
func BenchmarkExampleLoad(b *testing.B) {
	config := a6000(b, "fastgen")
	lengths := prompts.Lengths{MeanPrompt: 2600, MeanNew: 60, MaxPrompt: 4000, PromptVar: 0.3, NewVar: 0.3, Context: 4096}
	plan := model(b, *config, 1, 32, 160, func(i int) prompts.Size { return lengths.Draw(7, i) })
	ts := inLockstep(b, config, 1, nil)
	for b.Loop() {
		l := beginLoad(b, ts.URL, "load")
		closedLoop(b, l, plan, 32, true)
		l.end()
	}
}

// A client that reads nothing holds up neither the step nor others.
func TestStepsDoNotWaitForReaders(t *testing.T) {
	ts := inLockstep(t, nil, 0, func(c *Config) { c.MaxModelLen = 1 << 20 })
	l := beginLoad(t, ts.URL, "load")
	l.sent++ // the lazy one's
	ts.lazy(t, 30000, "Lockstep-Load: load\r\n", "Lockstep-Sent: 0\r\n", "Lockstep-Order: 9\r\n")
	other := l.send(openai.PathCompletions, 0, prompt(1, 30000, true))
	if l.advanceAll(); l.now.Events != 2*30001 || other.err != nil || len(other.times) != 30000 {
		t.Errorf("%+v, %d events, %v", l.now, len(other.times), other.err)
	}
}
