package metrics

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// stream is n chunks of one token each, from first on and gap apart, in microseconds.
func stream(first, gap int64, n int) record.Chunks {
	var chunks record.Chunks
	for i := range int64(n) {
		chunks = append(chunks, record.Chunk{At: at(first + gap*i), Tokens: 1})
	}
	return chunks
}

// loop is a closed loop of requests of 0.28 s: 10 tokens 20 ms apart, the first
// after 0.1 s. A client's next request follows pause after the last token.
func loop(clients, requests int, pause int64, change func(i int, r *record.Request)) []record.Request {
	k := key(clients)
	var rows []record.Request
	for i := range requests {
		r := row(k, i, int64(i/clients)*(280000+pause), stream(100000, 20000, 10))
		r.EndS, r.AskedPromptTokens, r.BlurredChunks = r.LatencyS, r.PromptTokens, record.CountOf(0)
		if change != nil {
			change(i, &r)
		}
		rows = append(rows, r)
	}
	return rows
}

// buffered is an answer that came whole at the end.
func buffered(r *record.Request) {
	for i := range r.ChunkS {
		r.ChunkS[i].At = at(280000)
	}
}

// faults are points that have something wrong, and what must be said of it.
var faults = []struct {
	name   string
	rows   []record.Request
	doubt  string // a part of the column, "" for an empty one
	told   string // a part of what goes to stderr
	status record.Status
}{
	{"nothing wrong", loop(2, 16, 200, nil), "", "", record.Complete},
	{"fewer requests than clients", loop(32, 6, 200, nil), "in flight 6 of 32: fewer requests than clients (6)", "6 of 32 clients had a request in flight on average", record.Complete},
	{"clients that sent nothing", loop(4, 40, 200, func(i int, r *record.Request) { r.Client = record.CountOf(i % 4 / 2 * 3) }),
		"in flight 4 of 4: only 2 clients sent a request", "", record.Complete},
	{"few requests per client", loop(2, 3, 200, nil), "in flight 1.5 of 2: few requests per client (the rise and fall of the load take 25 % of the span)", "wall_rps", record.Complete},
	{"answers that stay open", loop(2, 16, 400200, func(_ int, r *record.Request) { r.EndS = record.InSeconds(0.68) }),
		"answers stay open for 0.400 s after their last token", "in flight", record.Complete},
	{"slow connections", loop(2, 16, 300200, func(_ int, r *record.Request) { r.ConnectS = record.InSeconds(0.3) }),
		"in flight 1.03 of 2: connecting took 0.300 s per request", "", record.Complete},
	{"pauses after failures", loop(2, 16, 300200, func(i int, r *record.Request) {
		if r.Status = record.Failed; i > 13 {
			r.Status = record.OK
		}
	}), "clients pause after requests that fail; 14 of 16 requests did not end ok", "in flight", record.Partial},
	{"a late client", loop(2, 16, 300200, nil), "the client sent the median request 300.2 ms late; in flight 1.03 of 2: the client was late", "client-limited", record.ClientLimited},
	{"missing rows", append(loop(2, 32, 200, nil)[:8], loop(2, 32, 200, nil)[12:]...), "in flight 1.75 of 2: 4 rows are missing", "", record.Complete},

	{"a proxy that buffers", loop(2, 16, 200, func(_ int, r *record.Request) { buffered(r) }),
		"16 of 16 answers arrived in one piece: the stream is buffered", "something between server and client buffers the stream", record.Complete},
	{"a proxy that buffers, read late", loop(2, 16, 200, func(i int, r *record.Request) {
		if buffered(r); i%3 == 0 {
			r.LagS, r.BlurredChunks = record.InSeconds(0.002), record.CountOf(9)
		}
	}), "16 of 16 answers arrived in one piece", "", record.Complete},
	{"a proxy that buffers at times", loop(2, 16, 200, func(i int, r *record.Request) {
		if i%4 == 0 {
			buffered(r)
		}
	}), "4 of 16 answers arrived in one piece", "", record.Complete},
	{"a server that streams nothing", loop(2, 16, 200, func(_ int, r *record.Request) {
		r.ChunkS = record.Chunks{{At: 0.28, Tokens: 10}}
	}), "16 of 16 answers arrived in one piece", "", record.Complete},
	{"several tokens per step", loop(2, 16, 200, func(_ int, r *record.Request) {
		r.ChunkS, r.GeneratedTokens, r.MaxNewTokens = record.Chunks{{At: 0.28, Tokens: 8}}, record.CountOf(8), record.CountOf(8)
	}), "", "", record.Complete},
	{"two answers in one piece", loop(2, 100, 200, func(i int, r *record.Request) {
		if i < 2 {
			buffered(r)
		}
	}), "", "", record.Complete},
	{"a client that stood still", loop(2, 16, 200, func(i int, r *record.Request) {
		buffered(r)
		r.LagS, r.BlurredChunks = record.InSeconds(0.18), record.CountOf(9)
	}), "the client read late: the mean time to first token is uncertain by 280.0 ms", "", record.ClientLimited},
	{"bursts", loop(2, 16, 200, func(_ int, r *record.Request) {
		for i := range r.ChunkS {
			r.ChunkS[i].At = r.ChunkS[i/5*5+4].At
		}
	}), "tokens come in bursts of about 5 chunks", "", record.Complete},
	{"tokens per chunk not known", loop(2, 16, 200, func(_ int, r *record.Request) {
		for i := range r.ChunkS {
			r.ChunkS[i].Tokens = 0
		}
	}), "tokens per chunk are unknown in 16 of 16 answers", "--per chunk", record.Complete},
	{"some not streamed", loop(2, 16, 200, func(i int, r *record.Request) {
		if i < 3 {
			r.ChunkS = nil
		}
	}), "3 of 16 requests were not streamed", "", record.Complete},
	{"answers without a token", loop(2, 16, 200, func(i int, r *record.Request) {
		if i < 3 {
			r.ChunkS, r.GeneratedTokens, r.MaxNewTokens = nil, record.CountOf(i%2*0), record.CountOf(0)
		}
		if i == 3 {
			r.ChunkS, r.GeneratedTokens = nil, record.Count{}
		}
	}), "4 of 16 answers without a token", "", record.Complete},

	{"answers that end early", loop(2, 16, 200, func(_ int, r *record.Request) {
		r.ChunkS, r.GeneratedTokens = r.ChunkS[:3], record.CountOf(3)
	}), "generated 3.0 of the 10.0 tokens requested per request", "; answers end early", record.Complete},
	{"prompts that were cut", loop(2, 16, 200, func(_ int, r *record.Request) { r.PromptTokens = record.CountOf(300) }),
		"prompts of 300.0 tokens where 2600.0 were requested", "", record.Complete},
	{"a prefix cache", loop(2, 16, 200, func(_ int, r *record.Request) { r.CachedTokens = record.CountOf(1300) }),
		"50.0 % of the prompt tokens came from a prefix cache", "although all prompts differ", record.Complete},
	{"a little cache", loop(2, 16, 200, func(_ int, r *record.Request) { r.CachedTokens = record.CountOf(16) }), "", "", record.Complete},

	{"sent late for its connections", open(func(i int, r *record.Request) { r.ConnectS = record.InSeconds(0.3) }),
		"requests sent up to 0.300 s after they were due (p99): connecting took 0.300 s", "", record.Complete},
	{"sent late now and then", open(func(i int, r *record.Request) {
		if i%4 > 0 {
			r.DueS = r.StartS
		}
	}), "requests sent up to 0.300 s after they were due (p99): the client was late", "", record.Complete},
	{"called off before it was sent", open(func(i int, r *record.Request) {
		if r.DueS = r.StartS; i > 13 {
			r.DueS, r.Attempts, r.Status = record.InSeconds(0), record.CountOf(0), record.Cancelled
		}
	}), "2 of 16 requests did not end ok", "", record.Partial},
	{"sent in time", open(func(i int, r *record.Request) { r.DueS = r.StartS }), "", "", record.Complete},
}

// open is an open loop whose requests are sent 0.3 s after they were due.
func open(change func(i int, r *record.Request)) []record.Request {
	k := key(0)
	k.RateRPS = 4
	var rows []record.Request
	for i := range 16 {
		r := row(k, i, 300000+int64(i)*250000, stream(100000, 20000, 10))
		r.DueS = record.InSeconds(float64(i) * 0.25)
		change(i, &r)
		rows = append(rows, r)
	}
	return rows
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for _, f := range faults {
		fold := summaryOf(f.rows...)
		got, told := fold.Rows()[0], whats(fold.Troubles())
		for _, one := range fold.Troubles() {
			told += one.Hint
		}
		if f.doubt == "" && (got.Doubt != "" || told != "") || !strings.Contains(string(got.Doubt), f.doubt) {
			t.Errorf("%s: doubt %q, want %q; told %q", f.name, got.Doubt, f.doubt, told)
		}
		if !strings.Contains(told, f.told) || got.Status != f.status {
			t.Errorf("%s: %s, told %q; want %s, %q", f.name, got.Status, told, f.status, f.told)
		}
		if len(got.Doubt) > maxDoubt || strings.ContainsAny(string(got.Doubt), ",\"") {
			t.Errorf("%s: doubt %q is no plain cell", f.name, got.Doubt)
		}
		if err := got.Validate(); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// One point has one status and one doubt, whichever figure is asked for.
func TestFoldsAgree(t *testing.T) {
	rng := newRand()
	points := map[string][]record.Request{}
	for _, f := range faults {
		points[f.name] = f.rows
	}
	for i := range 300 {
		rows := randomRows(rng, key(1+rng.IntN(6)), 1+rng.IntN(60))
		for j := range rows {
			spoil(rng, &rows[j], i)
		}
		points[fmt.Sprint("random ", i)] = rows
	}
	for name, rows := range points {
		summary, goodput := summaryOf(rows...), &Goodput{Levels: levels()}
		tokens, chunks := &Gaps{SkipRequests: 1, SkipTokens: 1}, &Gaps{Per: PerChunk}
		for _, r := range rows {
			goodput.Add(r)
			tokens.Add(r)
			chunks.Add(r)
		}
		want := summary.Rows()[0]
		for _, r := range goodput.Rows() {
			if r.Status != want.Status || r.Doubt != want.Doubt || r.Requests != want.Requests || r.WallRPS != want.WallRPS {
				t.Errorf("%s: goodput is %s (%s), the summary %s (%s)", name, r.Status, r.Doubt, want.Status, want.Doubt)
			}
		}
		for _, r := range append(tokens.Rows(), chunks.Rows()...) {
			if r.Status != want.Status || r.Doubt != want.Doubt {
				t.Errorf("%s: gaps are %s (%s), the summary %s (%s)", name, r.Status, r.Doubt, want.Status, want.Doubt)
			}
		}
	}
}

// spoil changes a row in one of many ways.
func spoil(rng interface{ IntN(int) int }, r *record.Request, how int) {
	switch how % 8 {
	case 1:
		r.LagS = record.InSeconds(float64(rng.IntN(100)) / 1000)
	case 2:
		r.BlurredChunks = record.CountOf(rng.IntN(2))
	case 3:
		buffered(r)
		r.LatencyS = record.InSeconds(max(r.LatencyS.Float(), 0.28))
	case 4:
		later(r, float64(rng.IntN(10))/10)
	case 5:
		r.ChunkS[rng.IntN(len(r.ChunkS))].Tokens = 0
	case 6:
		r.Clock, r.LagS = "user", record.InSeconds(0.002)
	case 7:
		r.ChunkS = nil
	}
}

// Figures that a buffer spoilt are not there; the others are.
func TestWhatABufferSpoilsIsEmpty(t *testing.T) {
	for _, f := range faults {
		if f.name != "a proxy that buffers" {
			continue
		}
		got := summaryOf(f.rows...).Rows()[0]
		if got.TTFTMeanS.Known() || got.GapMeanS.Known() || got.TPOTMeanS.Known() || got.GapP99ErrorS.Known() || !(math.Abs(got.LatencyMeanS.Float()-0.28) < 1e-9) {
			t.Errorf("%s", near(got))
		}
		goodput, gaps := &Goodput{Levels: levels()[:1]}, &Gaps{Per: PerChunk}
		for _, r := range f.rows {
			goodput.Add(r)
			gaps.Add(r)
		}
		if g, h := goodput.Rows()[0], gaps.Rows()[0]; g.Good.Known() || g.EffectiveRPS.Known() || h.Gaps.Known() || h.P50S.Known() {
			t.Errorf("%s\n%s", near(g), near(h))
		}
	}
}

// Where the tokens of chunks are not known, what does not need them is there.
func TestUnknownTokensPerChunk(t *testing.T) {
	for _, f := range faults {
		if f.name != "tokens per chunk not known" {
			continue
		}
		got := summaryOf(f.rows...).Rows()[0]
		if got.GapMeanS.Known() || got.TTFTMeanS != record.InSeconds(0.1) || !(math.Abs(got.TPOTMeanS.Float()-0.02) < 1e-9) {
			t.Errorf("%s", near(got))
		}
		gaps := &Gaps{SkipTokens: 1, Per: PerChunk}
		for _, r := range f.rows {
			gaps.Add(r)
		}
		if g := gaps.Rows()[0]; g.Gaps != record.CountOf(16*8) || g.P50S != record.InSeconds(0.02) {
			t.Errorf("%s", near(g))
		}
	}
}

// A row of very many tokens costs no more than its text.
func TestTokensThatWereNeverWrittenOut(t *testing.T) {
	chunks := make(record.Chunks, 20000)
	for i := range chunks {
		chunks[i] = record.Chunk{At: float64(i), Tokens: 1 << 20}
	}
	got := summaryOf(row(key(1), 0, 0, chunks)).Rows()[0]
	if got.GapP50S.Float() != 1./(1<<20) {
		t.Errorf("%s", near(got))
	}
	gaps := &Gaps{SkipTokens: 5}
	gaps.Add(row(key(1), 0, 0, chunks))
	if g := gaps.Rows()[0]; g.Gaps.Int() != 19999<<20-5 {
		t.Errorf("%s", near(g))
	}
}
