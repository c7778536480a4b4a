package metrics

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// folded runs rows through all folds and prints what came out: NaN is unequal
// to itself, its print is not.
func folded(rows []record.Request) string {
	summary, goodput, gaps := &Summary{}, &Goodput{Levels: levels()}, &Gaps{SkipRequests: 1, SkipTokens: 1}
	for _, r := range rows {
		summary.Add(r)
		goodput.Add(r)
		gaps.Add(r)
	}
	return fmt.Sprintf("%v\n%v\n%v\n%v\n%v", summary.Rows(), goodput.Rows(), gaps.Rows(), goodput.Troubles(), gaps.Troubles())
}

func TestOrderOfRowsLeavesNoTrace(t *testing.T) {
	rng := newRand()
	for range 20 {
		rows := append(randomRows(rng, key(4), 60), randomRows(rng, key(8), 80)...)
		rows = append(rows, rows[3], rows[70])
		want := folded(rows)
		for range 3 {
			if got := folded(shuffled(rng, rows)); got != want {
				t.Fatalf("shuffled rows gave\n%s\nin order\n%s", got, want)
			}
		}
	}
}

func TestPointsDoNotTouchEachOther(t *testing.T) {
	rng := newRand()
	a, b := randomRows(rng, key(4), 50), randomRows(rng, key(8), 50)
	want := append(summaryOf(a...).Rows(), summaryOf(b...).Rows()...)
	if got := summaryOf(append(b, a...)...).Rows(); !reflect.DeepEqual(got, want) {
		t.Errorf("together\n%v\napart\n%v", got, want)
	}
}

func TestRowsAreSortedAndEachKeyIsItsOwn(t *testing.T) {
	small, large := key(2), key(16)
	variants := []record.Key{small, large}
	for _, change := range []func(*record.Key){
		func(k *record.Key) { k.RateRPS = 2 },
		func(k *record.Key) { k.Run = "r2" },
		func(k *record.Key) { k.Speed = 2 },
		func(k *record.Key) { k.Engine = "vllm 0.11" },
		func(k *record.Key) { k.Backend = "vllm" },
		func(k *record.Key) { k.Hardware = "H100-80GB" },
		func(k *record.Key) { k.MeanMaxNewTokens++ },
		func(k *record.Key) { k.MeanPromptLength++ },
		func(k *record.Key) { k.MaxRaggedBatchSize++ },
		func(k *record.Key) { k.NumReplicas++ },
		func(k *record.Key) { k.TPSize++ },
		func(k *record.Key) { k.Model = "microsoft/phi-2" },
	} {
		for _, k := range []record.Key{small, large} {
			change(&k)
			variants = append(variants, k)
		}
	}
	var rows []record.Request
	for _, k := range variants {
		rows = append(rows, row(k, 0, 0, record.Chunks{{At: 1, Tokens: 1}}))
	}
	var got []record.Key
	for _, r := range summaryOf(shuffled(newRand(), rows)...).Rows() {
		got = append(got, r.Key)
	}
	if !reflect.DeepEqual(got, variants) {
		t.Errorf("rows came as\n%v\nwant\n%v", got, variants)
	}
}

func TestRowsCanBeAddedAfterRowsWereAskedFor(t *testing.T) {
	rows := randomRows(newRand(), key(4), 30)
	fold := summaryOf(rows[:10]...)
	fold.Rows()
	fold.Add(rows[2])
	fold.Rows()
	for _, r := range rows[10:] {
		fold.Add(r)
	}
	if got, want := fold.Rows(), summaryOf(rows...).Rows(); !reflect.DeepEqual(got, want) {
		t.Errorf("in two parts\n%v\nat once\n%v", got, want)
	}
}

func whats(troubles []Trouble) string {
	var list []string
	for _, one := range troubles {
		list = append(list, fmt.Sprintf("%s (partial %v)", one.What, one.Partial))
	}
	return strings.Join(list, "\n")
}

func TestTroubles(t *testing.T) {
	rows := func() []record.Request {
		var list []record.Request
		for i := range 4 {
			list = append(list, row(key(0), i, int64(i), record.Chunks{{At: 1, Tokens: 1}, {At: 1.5, Tokens: 1}, {At: 2, Tokens: 1}}))
		}
		return list
	}
	for _, c := range []struct {
		spoil func([]record.Request) []record.Request
		want  string
	}{
		{func(r []record.Request) []record.Request { return r }, ""},
		{func(r []record.Request) []record.Request { return append(r, r[1], r[1], r[2]) },
			"duplicate rows, counted once: 3 (partial true)"},
		{func(r []record.Request) []record.Request { r[1].Request = record.CountOf(0); return r },
			"rows with the request number of another row, all counted: 1 (partial true)"},
		{func(r []record.Request) []record.Request { r[1].Status = record.Timeout; return r },
			"1 of 4 requests did not end ok; figures cover the others (partial false)"},
		{func(r []record.Request) []record.Request { r[1].ChunkS = nil; return r },
			"1 of 4 requests were not streamed; ttft and gaps exclude them (partial true)"},
		{func(r []record.Request) []record.Request {
			r[1].Speed, r[2].Speed, r[2].Engine = 20, 40, "mii 0.2"
			return r
		},
			"its rows have mixed settings, each has its own point: engine mii 0.2, mii 0.3; speed 1, 20, 40 (partial false)"},
		{func(r []record.Request) []record.Request {
			r[1].Backend, r[2].TPSize, r[3].Run = "vllm", 2, "r2"
			return r
		}, ""},
	} {
		if got := whats(summaryOf(c.spoil(rows())...).Troubles()); got != c.want {
			t.Errorf("troubles %q, want %q", got, c.want)
		}
	}
	other := key(4)
	other.NumReplicas, other.RateRPS = 2, 0.5
	for want, k := range map[string]record.Key{
		"fastgen, meta-llama/Llama-2-7b-hf, tp_size 1, prompt 2600, gen 60, 4 clients, run r1":                           key(4),
		"fastgen, meta-llama/Llama-2-7b-hf, tp_size 1, num_replicas 2, prompt 2600, gen 60, 4 clients, rate 0.5, run r1": other,
	} {
		if got := pointName(k); got != want {
			t.Errorf("the point is named %q, want %q", got, want)
		}
	}
}

func TestDoubledRowsDoNotCount(t *testing.T) {
	rows := randomRows(newRand(), key(4), 40)
	got, want := summaryOf(slices.Concat(rows, rows)...).Rows(), summaryOf(rows...).Rows()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("doubled\n%v\nonce\n%v", got, want)
	}
}
