package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
)

func TestFaultsInStreams(t *testing.T) {
	for _, c := range []struct {
		fault  Fault
		events int // tokens before it; -1 is not one of the answer
		clean  bool
		marked bool // [DONE]
	}{
		{Refuse, -1, false, false}, {Die, 5, false, false}, {Garbage, 10, true, true}, {Hang, 5, false, false},
		{ErrorEvent, 5, true, true}, {NoDone, 10, true, false},
	} {
		ts := start(t, fast, func(s *Config) { s.Faults = Faults{Kinds: []Fault{c.fault}, Rate: 1} })
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, "POST", ts.URL+openai.PathCompletions, strings.NewReader(`{"prompt":"x","max_tokens":10,"stream":true}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		r, err := http.DefaultClient.Do(request)
		if c.events < 0 {
			if err == nil {
				t.Errorf("%s: status %d", c.fault, r.StatusCode)
			}
			cancel()
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.fault, err)
		}
		if c.fault == Hang { // only the client can end it
			go func() {
				ts.until(t, `vllm:generation_tokens_total{engine="0",model_name="sim/model"} 10.0`)
				cancel()
			}()
		}
		data, err := events(r.Body)
		r.Body.Close()
		cancel()
		tokens, marked, broken := 0, false, false
		for _, text := range data {
			var chunk openai.CompletionChunk
			switch err := json.Unmarshal([]byte(text), &chunk); {
			case text == openai.Done:
				marked = true
			case err != nil || chunk.Error != nil:
				broken = true
			default:
				tokens++
			}
		}
		if tokens != c.events || (err == nil) != c.clean || marked != c.marked || broken != (c.fault == Garbage || c.fault == ErrorEvent) {
			t.Errorf("%s: %d tokens, %v, marked %v, broken %v", c.fault, tokens, err, marked, broken)
		}
	}
}

func TestFaultsInWholeAnswers(t *testing.T) {
	for fault, status := range map[Fault]int{Garbage: 200, ErrorEvent: 500, NoDone: 200, Die: 0, Refuse: 0} {
		ts := start(t, fast, func(s *Config) { s.Faults = Faults{Kinds: []Fault{fault}, Rate: 1} })
		r, err := http.Post(ts.URL+openai.PathCompletions, "application/json", strings.NewReader(`{"prompt":"x","max_tokens":10}`))
		if status == 0 {
			if err == nil {
				t.Errorf("%s: status %d", fault, r.StatusCode)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", fault, err)
		}
		var got openai.Completion
		err = json.NewDecoder(r.Body).Decode(&got)
		r.Body.Close()
		if r.StatusCode != status || (err == nil) == (fault == Garbage) {
			t.Errorf("%s: status %d, %v", fault, r.StatusCode, err)
		}
	}
}

func TestFaultsAreSpreadEvenly(t *testing.T) {
	f, err := ParseFaults([]string{"stall", "no-done"}, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	count := map[Fault]int{}
	for n := range uint64(80) {
		count[f.of(n+1)]++
	}
	if count[Hang] != 10 || count[NoDone] != 10 || count[""] != 60 {
		t.Errorf("%v", count)
	}
	for _, bad := range []struct {
		name string
		rate float64
	}{{"nonsense", 0.5}, {"stall", 1.5}, {"stall", -1}} {
		if _, err := ParseFaults([]string{bad.name}, bad.rate); err == nil {
			t.Errorf("%v passed", bad)
		}
	}
}

func TestEngineErrorAfterTheHeaderIsAnEvent(t *testing.T) {
	ts := start(t, fast, func(c *Config) { c.Driver = refusing{} })
	r, err := http.Post(ts.URL+openai.PathCompletions, "application/json", strings.NewReader(`{"prompt":"x","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := events(r.Body)
	if err != nil || len(data) != 2 || !strings.Contains(data[0], `"error":{"message":"this error is injected by --fault`) || data[1] != openai.Done {
		t.Errorf("%q, %v", data, err)
	}
	if status, body := ts.post(t, openai.PathCompletions, `{"prompt":"x"}`); status != 500 || !strings.Contains(body, "InternalServerError") {
		t.Errorf("%d %s", status, body)
	}
}

// refusing is a driver whose engine takes nothing.
type refusing struct{}

func (refusing) Submit(j *drive.Job) error { j.Sink.Reject(errInjected); return nil }
func (refusing) Cancel(*drive.Job)         {}
