package record

import (
	"strings"
	"testing"
	"time"
)

var anyKey = Key{
	ServerKey: ServerKey{Run: "r1", Backend: "sim-fastgen", Engine: "sim-engine 1", Speed: 20, Model: "m", TPSize: 1, NumReplicas: 1},
	LoadKey:   LoadKey{NumClients: 2},
}

// Times of a simulated server become virtual, the client's own stay wall seconds.
func TestRowsAreMadeInOnePlace(t *testing.T) {
	zero := time.Unix(100, 0)
	row := Outcome{
		Start: zero.Add(time.Second), Latency: InSeconds(0.5), End: InSeconds(0.6), Connect: InSeconds(0.01), Lag: InSeconds(0.002),
		Generated: CountOf(3), Chunks: Chunks{{At: 0.25, Tokens: 1}, {At: 0.5, Early: 0.1, Tokens: 2}}, Attempts: 1, Status: OK,
	}.Row(Place{Key: anyKey, Zero: zero, Client: 1, Request: 7, Due: InSeconds(19), AskedNew: CountOf(3)})
	want := Request{
		Key: anyKey, Client: CountOf(1), Request: CountOf(7), DueS: InSeconds(19), StartS: InSeconds(20), LatencyS: InSeconds(10), EndS: InSeconds(12),
		MaxNewTokens: CountOf(3), GeneratedTokens: CountOf(3), ConnectS: InSeconds(0.01), LagS: InSeconds(0.002), Attempts: CountOf(1), Status: OK,
	}
	chunks := row.ChunkS
	row.ChunkS = nil
	if len(chunks) != 2 || chunks[0] != (Chunk{At: 5, Tokens: 1}) || chunks[1] != (Chunk{At: 10, Early: 2, Tokens: 2}) {
		t.Errorf("chunks %v", chunks)
	}
	if cells(t, row) != cells(t, want) {
		t.Errorf("row %v, want %v", cells(t, row), cells(t, want))
	}
	if err := row.Validate(); err != nil {
		t.Error(err)
	}
}

func cells(t *testing.T, r Request) string {
	t.Helper()
	var all []string
	for _, cell := range []interface{ MarshalCSV() (string, error) }{
		r.Client, r.Request, r.DueS, r.StartS, r.LatencyS, r.EndS, r.AskedPromptTokens, r.PromptTokens, r.MaxNewTokens, r.GeneratedTokens,
		r.ReasoningTokens, r.CachedTokens, r.VisibleS, r.LagS, r.BlurredChunks, r.PauseS, r.ClientCPU, r.ConnectS, r.Attempts, r.RetryS,
	} {
		text, err := cell.MarshalCSV()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return strings.Join(all, ",") + string(r.Status)
}

// What the documents promise of a row is checked.
func TestRowsThatCannotBe(t *testing.T) {
	good := Request{Key: anyKey, StartS: InSeconds(1), LatencyS: InSeconds(2), GeneratedTokens: CountOf(3),
		ChunkS: Chunks{{At: 0, Tokens: 1}, {At: 2, Tokens: 2}}, Status: OK}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Request){
		"no start":           func(r *Request) { r.StartS = Seconds{} },
		"no latency":         func(r *Request) { r.LatencyS = Seconds{} },
		"start_s -1":         func(r *Request) { r.StartS = InSeconds(-1) },
		"lag_s -0.1":         func(r *Request) { r.LagS = InSeconds(-0.1) },
		"end_s 1e+300":       func(r *Request) { r.EndS = InSeconds(1e300) },
		"before its start":   func(r *Request) { r.ChunkS = Chunks{{At: -0.5, Tokens: 3}} },
		"behind its latency": func(r *Request) { r.ChunkS = Chunks{{At: 2.1, Tokens: 3}} },
		"other tokens":       func(r *Request) { r.GeneratedTokens = CountOf(4) },
		"status":             func(r *Request) { r.Status = Complete },
		"no model":           func(r *Request) { r.Model = "" },
		"no rate":            func(r *Request) { r.RateRPS = -1 },
	} {
		r := good
		spoil(&r)
		if r.Validate() == nil {
			t.Errorf("%s: passed", name)
		}
	}
	unknown := good
	unknown.ChunkS, unknown.GeneratedTokens = Chunks{{At: 1}, {At: 2, Tokens: 1}}, CountOf(9)
	if err := unknown.Validate(); err != nil {
		t.Errorf("tokens of a chunk that are not known: %v", err)
	}
}
