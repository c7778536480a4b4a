package metrics

import (
	"math"
	"testing"

	"fastgenbench/tools/internal/record"
)

// The original's tests, token by token and without a division: chunk times
// are whole microseconds, rates here whole numbers, so the first two are exact.
func literalPrompt(prompt, ttft, rate int64) bool { return ttft*rate <= prompt*1e6 }

func literalCum(arrivals []int64, rate int64) bool {
	for i, t := range arrivals[1:] {
		if (t-arrivals[0])*rate > int64(i+1)*1e6 {
			return false
		}
	}
	return true
}

func literalEMA(gaps []float64, rate int64) (good, close bool) {
	good = true
	for i := range gaps {
		mean := ewm(gaps[:i+1])
		good = good && mean < 1e6/float64(rate)
		close = close || math.Abs(mean*float64(rate)/1e6-1) < 1e-9
	}
	return good, close
}

// literal unfolds chunks into one arrival and one gap per token.
func literal(chunks record.Chunks) (arrivals []int64, gaps []float64) {
	for i, chunk := range chunks {
		now := int64(math.Round(chunk.At * 1e6))
		for range chunk.Tokens {
			if i > 0 {
				before := int64(math.Round(chunks[i-1].At * 1e6))
				gaps = append(gaps, float64(now-before)/float64(chunk.Tokens))
			}
			arrivals = append(arrivals, now)
		}
	}
	return arrivals, gaps
}

func TestScalarRulesAreTheLiteralOnes(t *testing.T) {
	rng := newRand()
	judged := map[bool]int{}
	for n := range 30000 {
		chunks := randomChunks(rng, 30)
		if n%3 == 0 { // a steady pace, often exactly a promised one
			pace := []int64{1e6, 500000, 250000, 125000, 100000, 200000, 333333}[rng.IntN(7)]
			for i := range chunks {
				chunks[i] = record.Chunk{At: at(700001 + int64(i)*pace), Tokens: 1}
			}
		}
		prompt, rate := 1+rng.Int64N(4000), 1+rng.Int64N(12)
		arrivals, gaps := literal(chunks)
		service := NewService(record.CountOf(int(prompt)), chunks[0].At, chunks)

		prefilled := literalPrompt(prompt, arrivals[0], 512)
		want := prefilled && literalCum(arrivals, rate)
		if got := service.Keeps(Level{512, float64(rate), Cum}); got != want {
			t.Fatalf("cum at %d tokens/s: %v, literally %v: prompt %d, %v", rate, got, want, prompt, chunks)
		}
		judged[want]++
		good, close := literalEMA(gaps, rate)
		want = prefilled && good
		if got := service.Keeps(Level{512, float64(rate), EMA16}); got != want && !close {
			t.Fatalf("ema16 at %d tokens/s: %v, literally %v: prompt %d, %v", rate, got, want, prompt, chunks)
		}
		judged[want]++
	}
	if judged[true] < 3000 || judged[false] < 3000 {
		t.Errorf("the requests are too alike: %v", judged)
	}
}

func TestLevelsByHand(t *testing.T) {
	// 512 prompt tokens in 1 s, then tokens 0.25 s apart but one late by 0.5 s.
	chunks := record.Chunks{{At: 1, Tokens: 1}, {At: 1.25, Tokens: 1}, {At: 1.5, Tokens: 1}, {At: 2.25, Tokens: 1}}
	service := NewService(record.CountOf(512), 1, chunks)
	if service.Prompt != 512 || service.Cum != 3/1.25 {
		t.Errorf("service %+v, want prompt 512, cum 2.4", service)
	}
	for _, c := range []struct {
		level Level
		want  bool
	}{
		{Level{512, 2.4, Cum}, true},
		{Level{512, 2.5, Cum}, false},
		{Level{513, 2.4, Cum}, false},
		{Level{512, 2, EMA16}, true},
		{Level{512, 3, EMA16}, false},
	} {
		if got := service.Keeps(c.level); got != c.want {
			t.Errorf("%+v kept: %v", c.level, got)
		}
	}
	steady := NewService(record.CountOf(512), 1, record.Chunks{{At: 1, Tokens: 1}, {At: 1.1, Tokens: 1}, {At: 1.2, Tokens: 1}, {At: 1.3, Tokens: 1}})
	if !steady.Keeps(Level{512, 10, Cum}) || steady.Keeps(Level{512, 10, EMA16}) {
		t.Errorf("exactly 10 tokens/s must keep 10 by cum and not by ema16, which is strict: %+v", steady)
	}
	single := NewService(record.CountOf(512), 1, record.Chunks{{At: 1, Tokens: 1}})
	if !single.Keeps(Level{512, 1e9, Cum}) || !single.Keeps(Level{512, 1e9, EMA16}) || single.Keeps(Level{600, 1, Cum}) {
		t.Errorf("one token is judged by its TTFT alone: %+v", single)
	}
}

func TestLevelsThatCannotBePromised(t *testing.T) {
	for _, l := range []Level{{0, 1, Cum}, {512, 0, Cum}, {512, -1, EMA16}, {math.NaN(), 1, Cum}, {512, math.Inf(1), Cum}, {512, 1, "ema17"}} {
		if l.Validate() == nil {
			t.Errorf("%+v passed", l)
		}
	}
	for _, l := range levels() {
		if err := l.Validate(); err != nil {
			t.Error(err)
		}
	}
}
