package metrics

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

func TestParseSLO(t *testing.T) {
	for text, want := range map[string]string{
		"ttft:200 tpot:50 itl_p99:100 e2el:5000": "ttft:200 tpot:50 itl_p99:100 e2el:5000",
		"e2el:5e3,  tpot:50.5,ttft:200.0":        "ttft:200 tpot:50.5 e2el:5000",
		"itl_p99.9:80 itl:30 itl_p50:25":         "itl:30 itl_p50:25 itl_p99.9:80",
		" ttft:0.5 ":                             "ttft:0.5",
		"itl_p100:1000000000":                    "itl_p100:1000000000",
		"":                                       "no bound is given",
		" , ":                                    "no bound is given",
		"ttft":                                   `"ttft" is not NAME:MILLISECONDS`,
		"ttft=200":                               `"ttft=200" is not NAME:MILLISECONDS`,
		"ttft:200ms":                             "a number above 0",
		"ttft:0":                                 "a number above 0",
		"ttft:-1":                                "a number above 0",
		"ttft:NaN":                               "a number above 0",
		"ttft:inf":                               "a number above 0",
		"ttft:1e300":                             "a number above 0",
		"ttft:":                                  "a number above 0",
		":200":                                   `"" is not ttft, tpot, itl, itl_p99 (any percentile) or e2el`,
		"TTFT:200":                               `"TTFT" is not ttft`,
		"latency:200":                            `"latency" is not ttft`,
		"ttft_p99:200":                           "a request has one ttft",
		"itl_p0:1":                               "a percentile is above 0 and at most 100",
		"itl_p101:1":                             "a percentile is above 0 and at most 100",
		"itl_pNaN:1":                             "a percentile is above 0 and at most 100",
		"ttft:200 ttft:300":                      "ttft has two bounds",
		"itl_p99:200 itl_p99.0:300":              "itl_p99 has two bounds",
		strings.Repeat("itl_p9", 40):             "is not NAME:MILLISECONDS",
		strings.Repeat(" ", 3) + manyBounds():    "longer than 200 bytes",
	} {
		level, err := ParseSLO(text)
		got := level.String()
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func manyBounds() string {
	var words []string
	for p := range 40 {
		words = append(words, fmt.Sprintf("itl_p%d:%d", p+1, p+1))
	}
	return strings.Join(words, " ")
}

// What is read is written such that it is read again, and fits into a cell.
func FuzzParseSLO(f *testing.F) {
	f.Add("ttft:200 tpot:50 itl_p99:100 e2el:5000")
	f.Add("itl_p99.9:1e-3,itl:7")
	for _, text := range []string{" ", ":", "ttft:", "itl_p0\xd1:", "\r"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		level, err := ParseSLO(text)
		if err != nil {
			return
		}
		again, err := ParseSLO(level.String())
		if err != nil || !slices.Equal(again, level) || record.Clean(level.String()) != level.String() {
			t.Errorf("%q is read as %q, then as %q: %v", text, level, again, err)
		}
	})
}

func slo(t *testing.T, text string) SLO {
	t.Helper()
	level, err := ParseSLO(text)
	if err != nil {
		t.Fatal(err)
	}
	return level
}

// The answer has its first token after 0.2 s, then gaps of 30, 30 and 120 ms: TPOT
// 60, the median gap 30, the mean 60, the latency 380 ms.
func TestJudgeByHand(t *testing.T) {
	answer := row(key(1), 0, 0, record.Chunks{{At: 0.2, Tokens: 1}, {At: 0.23, Tokens: 1}, {At: 0.26, Tokens: 1}, {At: 0.38, Tokens: 1}})
	for text, want := range map[string]Verdict{
		"ttft:200": Good, "ttft:199.999": Missed, "tpot:60": Good, "tpot:59.9": Missed, "e2el:380": Good, "e2el:379": Missed,
		"itl:60": Good, "itl:59": Missed, "itl_p50:30": Good, "itl_p50:29": Missed, "itl_p100:120": Good, "itl_p99:118": Missed, "itl_p99:118.2": Good,
		"ttft:200 tpot:60 itl_p100:120 e2el:380": Good, "ttft:200 tpot:60 itl_p100:119 e2el:380": Missed,
	} {
		if got := slo(t, text).Judge(answer); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	everything, latency := slo(t, "ttft:1000 tpot:1000 itl:1000 e2el:1000"), slo(t, "e2el:1000")
	for name, c := range map[string]struct {
		change       func(*record.Request)
		all, latency Verdict
	}{
		"as it is":                 {func(*record.Request) {}, Good, Good},
		"failed":                   {func(r *record.Request) { r.Status = record.Failed }, Missed, Missed},
		"timed out":                {func(r *record.Request) { r.Status = record.Timeout }, Missed, Missed},
		"cancelled":                {func(r *record.Request) { r.Status = record.Cancelled }, LeftOut, LeftOut},
		"not streamed":             {func(r *record.Request) { r.ChunkS = nil }, Unjudged, Good},
		"tokens not counted":       {func(r *record.Request) { r.GeneratedTokens = record.Count{} }, Unjudged, Good},
		"tokens per chunk unknown": {func(r *record.Request) { r.ChunkS = record.Chunks{{At: 0.2}, {At: 0.3}} }, Unjudged, Good},
		"no token":                 {func(r *record.Request) { r.ChunkS, r.GeneratedTokens = nil, record.CountOf(0) }, Unjudged, Good},
		"one token":                {func(r *record.Request) { r.ChunkS, r.GeneratedTokens = r.ChunkS[:1], record.CountOf(1) }, Good, Good},
		"slow in what is unknown":  {func(r *record.Request) { r.ChunkS, r.LatencyS = nil, record.InSeconds(2) }, Unjudged, Missed},
	} {
		r := answer
		c.change(&r)
		if all, e2el := everything.Judge(r), latency.Judge(r); all != c.all || e2el != c.latency {
			t.Errorf("%s: %v and %v, want %v and %v", name, all, e2el, c.all, c.latency)
		}
	}
}

// Of six requests two are good, one misses TTFT, one failed, one was not streamed and
// one was cancelled.
func TestAttainmentByHand(t *testing.T) {
	k := key(1)
	rows := make([]record.Request, 6)
	for i := range rows {
		rows[i] = row(k, i, int64(i)*1000000, record.Chunks{{At: 0.1, Tokens: 1}, {At: 0.15, Tokens: 1}})
	}
	rows[2].ChunkS = record.Chunks{{At: 0.3, Tokens: 1}, {At: 0.35, Tokens: 1}}
	rows[2].LatencyS = record.InSeconds(0.35)
	rows[3].Status, rows[5].Status = record.Failed, record.Cancelled
	rows[4].ChunkS = nil
	fold := Goodput{SLOs: []SLO{slo(t, "ttft:200 e2el:400"), slo(t, "e2el:400")}}
	for _, r := range rows {
		fold.Add(r)
	}
	got := fold.Rows()
	n, s := record.CountOf, record.RateOf
	first, second := got[0], got[1]
	if first.SLO != "ttft:200 e2el:400" || first.SLARule != "" || first.Requests != 6 || first.Judged != n(4) || first.Unjudged != n(1) || first.Cancelled != n(1) ||
		first.Good != n(2) || first.Attainment != s(0.5) || first.AttainmentTTFT != s(0.5) || first.AttainmentE2EL != s(0.75) || first.AttainmentTPOT.Known() || first.AttainmentITL.Known() ||
		first.EffectiveRPS != s(2/5.15) {
		t.Errorf("%s", near(first))
	}
	if second.Judged != n(5) || second.Unjudged != n(0) || second.Good != n(4) || second.Attainment != s(0.8) {
		t.Errorf("%s", near(second))
	}
	told := 0
	for _, trouble := range fold.Troubles() {
		if strings.Contains(trouble.What, "not all that ttft:200 e2el:400 bounds") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d warnings of the request that cannot be judged: %v", told, fold.Troubles())
	}
}

// Whatever arrived in one piece has no TTFT, though its row by itself shows one.
func TestAnswersInOnePieceAreNotJudged(t *testing.T) {
	for _, f := range faults {
		if f.name != "a proxy that buffers" {
			continue
		}
		fold := Goodput{SLOs: []SLO{slo(t, "ttft:100000"), slo(t, "e2el:100000")}}
		for _, r := range f.rows {
			fold.Add(r)
		}
		if got := fold.Rows(); got[0].Good.Known() || got[0].Attainment.Known() || got[0].Unjudged.Int() != len(f.rows) || got[1].Attainment != record.RateOf(1) {
			t.Errorf("%s\n%s", near(got[0]), near(got[1]))
		}
	}
}

// The counts add up, a bound more never helps, and no part is kept less than all.
func TestSLOLaws(t *testing.T) {
	rng := newRand()
	words := []string{"ttft:900", "tpot:300", "itl_p90:500", "e2el:4000"}
	for range 30 {
		var fold Goodput
		for i := range words {
			fold.SLOs = append(fold.SLOs, slo(t, strings.Join(words[:i+1], " ")))
		}
		for _, r := range randomRows(rng, key(4), 50) {
			fold.Add(r)
		}
		rows := fold.Rows()
		for i, r := range rows {
			if r.Judged.Int()+r.Unjudged.Int()+r.Cancelled.Int() != r.Requests || i > 0 && r.Good.Int() > rows[i-1].Good.Int() {
				t.Fatalf("%s", near(r))
			}
			for _, part := range Parts() {
				if share := *attainedIn(&r, part); share.Float() < r.Attainment.Float() {
					t.Fatalf("%s: %s", part, near(r))
				}
			}
		}
	}
}
