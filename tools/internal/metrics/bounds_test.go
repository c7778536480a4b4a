package metrics

import (
	"math/rand/v2"
	"slices"
	"testing"

	"fastgenbench/tools/internal/record"
)

// lateReads is a stream as a client sees it that reads only at some times: the
// chunks of one read have the last one's time, and say how early they may have come.
func lateReads(rng *rand.Rand, times []float64, tokens []int) (chunks record.Chunks) {
	looked := 0.0
	for from := 0; from < len(times); {
		to := from + 1
		for to < len(times) && rng.IntN(4) == 0 { // one more waits
			to++
		}
		since := max(looked, times[from]-rng.Float64()*0.01)
		for i := from; i < to; i++ {
			c := record.Chunk{At: times[to-1], Tokens: tokens[i]}
			if i < to-1 {
				c.Early = c.At - since
			}
			chunks = append(chunks, c)
		}
		looked, from = times[to-1], to
	}
	return chunks
}

// Whatever the client's late reads hid, the true percentiles lie within the bounds.
func TestTrueFiguresLieWithinTheirBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var truth, low, high sample
		uncertain := false
		for range 1 + rng.IntN(5) {
			times, tokens, now := []float64(nil), []int(nil), 0.1
			for range 1 + rng.IntN(40) {
				times, tokens = append(times, now), append(tokens, 1+rng.IntN(1+rng.IntN(3)))
				now += float64(rng.IntN(20000)) / 1e6
			}
			var exact record.Chunks
			for i, at := range times {
				exact = append(exact, record.Chunk{At: at, Tokens: tokens[i]})
			}
			for gap, n := range gaps(exact, PerToken) {
				truth.add(gap, n)
			}
			seen := lateReads(rng, times, tokens)
			b, early := bound(seen)
			if uncertain = uncertain || early; early {
				low.join(b.low)
				high.join(b.high)
				continue
			}
			for gap, n := range gaps(seen, PerToken) {
				low.add(gap, n)
				high.add(gap, n)
			}
		}
		if low.size() != truth.size() || high.size() != truth.size() {
			t.Fatalf("%d gaps, bounds of %d and %d", truth.size(), low.size(), high.size())
		}
		if truth.size() == 0 {
			continue
		}
		ps := []float64{0, 10, 50, 90, 99, 100}
		is, least, most := truth.percentiles(ps...), low.percentiles(ps...), high.percentiles(ps...)
		for i := range ps {
			const rounding = 2 // microseconds
			if is[i] < least[i]-rounding || is[i] > most[i]+rounding {
				t.Errorf("percentile %v is %v, bounds %v and %v", ps[i], is[i], least[i], most[i])
			}
		}
	}
}

// A chunk that may have come earlier moves only the gaps beside it.
func TestBoundsOfOneLateRead(t *testing.T) {
	chunks := record.Chunks{{At: 0.010, Tokens: 1}, {At: 0.030, Early: 0.006, Tokens: 1}, {At: 0.030, Early: 0.006, Tokens: 1}, {At: 0.030, Tokens: 1}, {At: 0.040, Tokens: 1}}
	b, uncertain := bound(chunks)
	if !uncertain || b.early != 2 || !slices.Equal(b.low.ones, []float64{14000, 0, 0, 10000}) || !slices.Equal(b.high.ones, []float64{20000, 6000, 3000, 10000}) {
		t.Errorf("%+v", b)
	}
	if _, uncertain := bound(record.Chunks{{At: 1, Tokens: 1}, {At: 1, Tokens: 1}}); uncertain {
		t.Error("two chunks that the server sent at once are uncertain")
	}
}

// Rows of older versions only count uncertain chunks.
func TestRowsThatOnlyCountBlurredChunks(t *testing.T) {
	chunks := record.Chunks{{At: 0.5, Tokens: 1}, {At: 0.6, Tokens: 1}, {At: 0.6, Tokens: 1}, {At: 0.7, Tokens: 1}}
	got := markUncertain(chunks, record.CountOf(1))
	if early := got[1].Early; !(early > 0.099 && early < 0.101) || got[0].Early+got[2].Early+got[3].Early != 0 || chunks[1].Early != 0 {
		t.Errorf("%+v of %+v", got, chunks)
	}
	if b, uncertain := bound(markUncertain(chunks, record.CountOf(0))); uncertain {
		t.Errorf("%+v", b)
	}
}
