package metrics

import (
	"math"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// steady is a point of 4 clients and 48 requests of 60 tokens each 20 ms, whose
// clients send the next request 100 us after the last token.
func steady() []record.Request {
	var rows []record.Request
	for i := range 48 {
		var chunks record.Chunks
		for token := range int64(60) {
			chunks = append(chunks, record.Chunk{At: at(500000 + 20000*token), Tokens: 1})
		}
		rows = append(rows, row(key(4), i, int64(i/4)*(500000+20000*59+100), chunks))
	}
	return rows
}

// later moves a request by seconds.
func later(r *record.Request, by float64) { r.StartS = record.InSeconds(r.StartS.Float() + by) }

func TestClientLimited(t *testing.T) {
	each := func(change func(i int, r *record.Request)) []record.Request {
		rows := steady()
		for i := range rows {
			change(i, &rows[i])
		}
		return rows
	}
	lag := func(s float64) []record.Request {
		return each(func(_ int, r *record.Request) { r.LagS = record.InSeconds(s) })
	}
	for name, c := range map[string]struct {
		rows []record.Request
		want record.Status
	}{
		"at leisure":                {steady(), record.Complete},
		"late by less than a token": {lag(0.015), record.Complete},
		"a token late":              {lag(0.025), record.ClientLimited},
		"lag not measured":          {lag(math.NaN()), record.Complete},
		"late once in a point":      {each(func(i int, r *record.Request) { r.LagS = record.InSeconds(float64(i/47) * 0.4) }), record.Complete},
		"stopped for 200 ms":        {each(func(i int, r *record.Request) { r.LagS = record.InSeconds(float64(i/44) * 0.2) }), record.ClientLimited},
		"late by less than a token, and no kernel time":      {each(func(_ int, r *record.Request) { r.LagS, r.Clock = record.InSeconds(0.015), "user" }), record.ClientLimited},
		"punctual within a millisecond, without kernel time": {each(func(_ int, r *record.Request) { r.LagS, r.Clock = record.InSeconds(0.0009), "user" }), record.Complete},
		"late by a hundredth of a gap": {each(func(_ int, r *record.Request) {
			r.Clock, r.LagS, r.StartS, r.LatencyS = "user", record.InSeconds(0.02), r.StartS.Times(100), r.LatencyS.Times(100)
			for i := range r.ChunkS {
				r.ChunkS[i].At *= 100
			}
		}), record.Complete},
		"idle for 100 ms after each request": {each(func(i int, r *record.Request) { later(r, float64(i/4)*0.1) }), record.ClientLimited},
		"kept waiting for 100 ms by the end of each answer": {each(func(i int, r *record.Request) {
			later(r, float64(i/4)*0.1)
			r.EndS = record.InSeconds(r.LatencyS.Float() + 0.1)
		}), record.Complete},
		"idle for 100 ms once": {each(func(i int, r *record.Request) { later(r, float64(i/24)*0.1) }), record.Complete},
		"connecting for 100 ms before each request": {each(func(i int, r *record.Request) {
			later(r, float64(i/4)*0.1)
			r.ConnectS = record.InSeconds(0.1)
		}), record.Complete},
		"sent 100 ms after due": {each(func(i int, r *record.Request) { r.DueS = record.InSeconds(r.StartS.Float()); later(r, 0.1) }), record.ClientLimited},
		"sent when due":         {each(func(i int, r *record.Request) { r.DueS = r.StartS; later(r, 0.001) }), record.Complete},
		// 25 ms of virtual time are half a millisecond of the client's.
		"simulated, 50 times as fast": {each(func(_ int, r *record.Request) { r.Speed, r.LagS = 50, record.InSeconds(0.0005) }), record.Complete},
		"simulated, too fast":         {each(func(_ int, r *record.Request) { r.Speed, r.LagS = 50, record.InSeconds(0.0015) }), record.ClientLimited},
		"limited and partial": {each(func(i int, r *record.Request) {
			r.LagS = record.InSeconds(0.05)
			if i == 0 {
				r.Status = record.Failed
			}
		}), record.ClientLimited},
	} {
		fold := summaryOf(c.rows...)
		if got := fold.Rows()[0].Status; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		told := false
		for _, one := range fold.Troubles() {
			told = told || strings.HasPrefix(one.What, "client-limited: ") && one.Hint != ""
		}
		if told != (c.want == record.ClientLimited) {
			t.Errorf("%s: troubles %v", name, fold.Troubles())
		}
	}
}

// A point whose p99 of gaps lies at a step: half a percent of uncertain gaps
// decides between 20 ms and 60 ms.
func TestATailThatBlurredGapsMayHaveMoved(t *testing.T) {
	rows := func(uncertain int, long int) []record.Request {
		var rows []record.Request
		for i := range 40 {
			var chunks record.Chunks
			now := int64(500000)
			for token := range 101 {
				chunks = append(chunks, record.Chunk{At: at(now), Tokens: 1})
				if now += 20000; token < long {
					now += 40000
				}
			}
			r := row(key(4), i, int64(i/4)*(now+100), chunks)
			r.LagS, r.BlurredChunks = record.InSeconds(0.003), record.CountOf(0)
			if i < 10 {
				r.BlurredChunks = record.CountOf(uncertain)
			}
			rows = append(rows, r)
		}
		return rows
	}
	for name, c := range map[string]struct {
		rows  []record.Request
		error float64
		want  record.Status
	}{
		"none uncertain, at a step":      {rows(0, 1), 0, record.Complete},
		"half a percent, at a step":      {rows(1, 1), 0.04, record.ClientLimited},
		"half a percent, in a flat":      {rows(1, 0), 0, record.Complete},
		"more than a percent, in a flat": {rows(3, 0), 0, record.ClientLimited},
	} {
		fold := summaryOf(c.rows...)
		got := fold.Rows()[0]
		if got.Status != c.want || !(math.Abs(got.GapP99ErrorS.Float()-c.error) < 0.001) {
			t.Errorf("%s: %s, p99 %v +- %v; want %s, +- %v", name, got.Status, got.GapP99S, got.GapP99ErrorS, c.want, c.error)
		}
	}
}
