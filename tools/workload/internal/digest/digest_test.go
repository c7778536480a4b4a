package digest

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// digested sums up lines.
func digested(t *testing.T, blockSize int, lines string) *Digest {
	t.Helper()
	d := New(blockSize)
	for line := range strings.Lines(lines) {
		r, err := workload.Parse([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		d.Add(r)
	}
	return d
}

func TestReuseOfBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		lines            string
		hits, cached     int
		blocks, distinct int
	}{
		"nothing twice":      {`{"input_length":10,"hash_ids":[1,2,3]}`, 0, 0, 3, 3},
		"the same again":     {`{"input_length":10,"hash_ids":[1,2,3]}` + "\n" + `{"input_length":10,"hash_ids":[1,2,3]}`, 3, 10, 6, 3},
		"a beginning":        {`{"input_length":8,"hash_ids":[1,2]}` + "\n" + `{"input_length":8,"hash_ids":[1,3]}`, 1, 4, 4, 3},
		"no beginning":       {`{"input_length":8,"hash_ids":[1,2]}` + "\n" + `{"input_length":8,"hash_ids":[3,2]}`, 0, 0, 4, 4},
		"a gap":              {`{"input_length":12,"hash_ids":[1,2,3]}` + "\n" + `{"input_length":12,"hash_ids":[1,9,3]}`, 1, 4, 6, 5},
		"a partial block":    {`{"input_length":6,"hash_ids":[1,2]}` + "\n" + `{"input_length":12,"hash_ids":[1,2,3]}`, 1, 6, 5, 3},
		"a shorter one":      {`{"input_length":8,"hash_ids":[1,2]}` + "\n" + `{"input_length":5,"hash_ids":[1,2]}`, 2, 5, 4, 2},
		"an id within twice": {`{"input_length":12,"hash_ids":[7,7,7]}`, 0, 0, 3, 3},
		"without ids":        {`{"input_length":4,"hash_ids":[1]}` + "\n" + `{"input_length":100}`, 0, 0, 1, 1},
	} {
		u := digested(t, 4, c.lines).reuse
		if u.hits != c.hits || u.cached != c.cached || u.blocks != c.blocks || len(u.seen) != c.distinct {
			t.Errorf("%s: %d blocks hit, %d tokens cached, %d blocks, %d distinct; want %+v", name, u.hits, u.cached, u.blocks, len(u.seen), c)
		}
	}
}

func TestRates(t *testing.T) {
	row := digested(t, 512, `{"timestamp":5000,"input_length":1}
{"timestamp":5400,"input_length":1}
{"timestamp":5300,"input_length":1}
{"timestamp":6500,"input_length":1}
{"timestamp":9000,"input_length":1}
`).Row("a,b")
	if row.Workload != "a b" || row.SpanS != record.InSeconds(4) || row.RateRPS != rate(1) || row.PeakRPS != rate(3) || row.OutOfOrder != 1 {
		t.Errorf("%+v", row)
	}
	gaps := []float64{0.4, 1.1, 2.5}
	mean, square := 4.0/3, 0.0
	for _, g := range gaps {
		square += (g - mean) * (g - mean) / 3
	}
	if cv := row.ArrivalCV.Float(); math.Abs(cv-math.Sqrt(square)/mean) > 1e-9 {
		t.Errorf("coefficient of variation %v", cv)
	}
	if row := digested(t, 512, `{"input_length":1}`).Row(""); row.SpanS.Known() || row.RateRPS.Known() || row.PeakRPS.Known() {
		t.Errorf("without timestamps %+v", row)
	}
}

// Percentiles are those of the sorted numbers, interpolated, whatever their order.
func TestPercentilesAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	c, all := counts{}, []int{}
	for range 1001 {
		n := int(100 * random.ExpFloat64())
		c.add(n)
		all = append(all, n)
	}
	slices.Sort(all)
	d := c.distribution(2)
	for _, pair := range [][2]float64{{d.p50, float64(all[500])}, {d.p90, float64(all[900])}, {d.p99, float64(all[990])}, {d.max, float64(all[1000])}} {
		if pair[0] != 2*pair[1] {
			t.Errorf("%v, want %v", pair[0], 2*pair[1])
		}
	}
	if d := (counts{}).distribution(1); !math.IsNaN(d.mean) || !math.IsNaN(d.p99) {
		t.Errorf("of nothing: %+v", d)
	}
	if d := (counts{1: 1, 2: 1}).distribution(1); d.p50 != 1.5 {
		t.Errorf("between 1 and 2 lies %v", d.p50)
	}
}

func TestSessions(t *testing.T) {
	row := digested(t, 512, `{"session_id":"a","input_length":1}
{"session_id":"b","input_length":1}
{"session_id":"a","input_length":1,"delay":1000}
{"input_length":1}
{"session_id":"a","input_length":1,"delay":3000}
`).Row("")
	if row.Sessions != 2 || row.TurnsMean != rate(2) || row.TurnsMax != record.CountOf(3) || row.DelayMean != record.InSeconds(2) {
		t.Errorf("%+v", row)
	}
}

// However long a workload is, the stretches of time stay few and lose nothing.
func TestStretchesStayFew(t *testing.T) {
	a := arrivals{width: 1}
	for i := range 5000 {
		a.add(workload.Request{Timestamp: record.InSeconds(float64(i*i) / 10), InputLength: 2, HashIDs: []uint64{1}}, 1)
	}
	requests, cached := 0, 0.0
	for _, s := range a.stretches {
		requests, cached = requests+s.requests, cached+s.cached
	}
	if len(a.stretches) > most || len(a.stretches) < most/2 || requests != 5000 || cached != 5000 {
		t.Errorf("%d stretches of %v s, %d requests, %v cached", len(a.stretches), a.width, requests, cached)
	}
}

func TestFiguresShowWhatIsKnown(t *testing.T) {
	timed, hashed := "", ""
	for i := range 10 {
		timed += fmt.Sprintf(`{"timestamp":%d,"text_input":"a"}`+"\n", 1500*i)
		hashed += fmt.Sprintf(`{"timestamp":%d,"input_length":9,"hash_ids":[1]}`+"\n", 1500*i)
	}
	for lines, want := range map[string]int{`{"text_input":"a"}`: 0, `{"input_length":1}`: 1, timed: 1, hashed: 3, `{"input_length":1,"output_length":4}`: 2} {
		sheet := digested(t, 512, lines).Figures("x")
		if len(sheet) != want {
			t.Errorf("%d figures, want %d, of %s", len(sheet), want, lines)
		}
		for _, f := range sheet {
			if err := f.Check(); err != nil || len(f.Remarks()) > 0 {
				t.Errorf("%v, %q", err, f.Remarks())
			}
		}
		if want > 0 {
			if err := sheet.SVG(new(bytes.Buffer)); err != nil {
				t.Error(err)
			}
		}
	}
}
