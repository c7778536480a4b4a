package metrics

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// Two sessions of two turns, whose second failed once, and a request of its own.
func TestTurnsByHand(t *testing.T) {
	k := key(2)
	var rows []record.Request
	for i, one := range []struct {
		turn   int
		first  float64
		cached int
	}{{2, 0.5, 75}, {1, 2, 0}, {1, 3, 10}, {2, 9, 0}, {0, 7, 0}} {
		r := row(k, i, int64(i)*10_000_000, record.Chunks{{At: one.first, Tokens: 1}, {At: one.first + 1, Tokens: 1}})
		r.PromptTokens, r.CachedTokens = record.CountOf(100), record.CountOf(one.cached)
		if one.turn > 0 {
			r.Session, r.Turn = "s", record.CountOf(one.turn)
		}
		rows = append(rows, r)
	}
	rows[3].Status = record.Failed
	var fold Turns
	for _, r := range rows {
		fold.Add(r)
	}
	got := fold.Rows()
	s, r := record.InSeconds, record.RateOf
	want := []record.Turns{
		{Key: k, Turn: 1, Requests: 2, OK: 2, PromptTokensMean: r(100), CachedShare: r(0.05), TTFTMeanS: s(2.5), TTFTP50S: s(2.5), TTFTP90S: s(2.9), TTFTP99S: s(2.99), LatencyMeanS: s(3.5), LatencyP99S: s(3.99)},
		{Key: k, Turn: 2, Requests: 2, OK: 1, PromptTokensMean: r(100), CachedShare: r(0.75), TTFTMeanS: s(0.5), TTFTP50S: s(0.5), TTFTP90S: s(0.5), TTFTP99S: s(0.5), LatencyMeanS: s(1.5), LatencyP99S: s(1.5)},
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows", len(got))
	}
	for i := range want {
		want[i].Doubt, want[i].Status = got[i].Doubt, record.ClientLimited // it waited 10 s between requests
		if near(got[i]) != near(want[i]) {
			t.Errorf("got\n%s\nwant\n%s", near(got[i]), near(want[i]))
		}
	}
	troubles := fold.Troubles()
	if last := troubles[len(troubles)-1]; !last.Partial || !strings.HasPrefix(last.What, "1 of 5 requests have no session") {
		t.Errorf("%+v", troubles)
	}
}
