package dialect

import (
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// which shows what of a stream was a token: a letter per event, T for a token.
func which(t testing.TB, by counting, sends []string) string {
	t.Helper()
	p := openAIFor(t, "http://localhost", nil)
	p.by = by
	c := p.client()
	start := time.Now()
	c.Begin(start)
	for i, event := range sends {
		at := start.Add(time.Duration(i+1) * time.Second)
		if err := c.Body([]byte("data: "+event+"\n\n"), stamp.Arrival{At: at, Seen: at, Source: stamp.Kernel, Read: uint64(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	c.answer.settle()
	chunks, last := c.answer.chunks()
	shown := []byte(strings.Repeat("-", len(sends)))
	for _, chunk := range chunks {
		shown[int(chunk.At)-1] = 'T'
	}
	if n := len(chunks); n > 0 && last.Seconds() != chunks[n-1].At {
		t.Errorf("the last of %v is at %v", chunks, last)
	}
	return string(shown)
}

// Which of the messages were tokens decides on the time to the first one, on
// the latency and on the gaps.
func TestWhichMessagesWereTokens(t *testing.T) {
	for name, c := range map[string]struct {
		by    counting
		sends []string
		want  string
	}{
		"all with text":             {byText, list(token("x"), token("x"), last("x"), usageOf(7, 3)), "TTT-"},
		"empty first":               {byText, list(emptyDelta, token("x"), last("x"), usageOf(7, 2)), "-TT-"},
		"empty first, no total":     {byText, list(emptyDelta, token("x"), last("x")), "-TT"},
		"empty first, a silent end": {byText, list(emptyDelta, token("x"), token("x"), emptyEnd, usageOf(7, 3)), "-TTT-"},
		"empty first, pending":      {byText, list(emptyDelta, token("x"), emptyDelta, last("x"), usageOf(7, 3)), "-TTT-"},
		"pending first":             {byText, list(emptyDelta, emptyDelta, token("x"), last("x"), usageOf(7, 4)), "TTTT-"},
		"pending, an empty end":     {byText, list(token("x"), emptyDelta, token("x"), emptyEnd, usageOf(7, 3)), "TTT--"},
		"pending, a silent end":     {byText, list(token("x"), emptyDelta, token("x"), emptyEnd, usageOf(7, 4)), "TTTT-"},
		"an empty end":              {byText, list(token("x"), token("x"), emptyEnd, usageOf(7, 2)), "TT--"},
		"a silent end":              {byText, list(token("x"), token("x"), emptyEnd, usageOf(7, 3)), "TTT-"},
		"two missing":               {byText, list(token("x"), token("x"), emptyEnd, usageOf(7, 4)), "TT--"},
		"a role, an empty end":      {byText, list(roleOnly, token("x"), token("x"), emptyEnd, usageOf(7, 2)), "-TT--"},
		"a role, a silent end":      {byText, list(roleOnly, token("x"), token("x"), emptyEnd, usageOf(7, 3)), "-TTT-"},
		"usage in an empty delta":   {byText, list(token("x"), last("x"), with(emptyDelta, 7, 2)), "TT-"},
		"and after a silent end":    {byText, list(token("x"), token("x"), emptyEnd, with(emptyDelta, 7, 3)), "TTT-"},
		"running, usage behind":     {byUsage, list(running(1, 2), emptyEnd, with(emptyDelta, 7, 3)), "TTT-"},
		"running, an empty end":     {byUsage, list(running(1, 2), with(emptyEnd, 7, 2)), "TT-"},
		"running, a silent end":     {byUsage, list(running(1, 2), with(emptyEnd, 7, 3)), "TTT"},
		"running, empty first":      {byUsage, list(with(emptyDelta, 7, 0), running(1, 2), with(last("x"), 7, 3)), "-TTT"},
		"running, none of the end":  {byUsage, list(running(1, 2), emptyEnd, usageOf(7, 3)), "TTT-"},
	} {
		if got := which(t, c.by, c.sends); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
