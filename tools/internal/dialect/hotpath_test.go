package dialect

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

const vllmChunk = `{"id":"cmpl-1","object":"text_completion","created":1795429304,"model":"m","choices":[{"index":0,"text":" a","logprobs":null,"finish_reason":null,"stop_reason":null,"token_ids":[5]}],"usage":{"prompt_tokens":6,"total_tokens":%d,"completion_tokens":%d},"timings":{"predicted_n":%d}}`

// A token's way from the body to the note costs no allocation.
func TestATokenAllocatesNothing(t *testing.T) {
	for _, by := range []counting{byText, byUsage, byTokens, byRunning} {
		p := openAIFor(t, "http://localhost", nil)
		p.by = by
		c := p.client()
		c.room = 4096
		c.Begin(time.Now())
		event := []byte("data: " + fmt.Sprintf(vllmChunk, 7, 1, 1) + "\n\n")
		halves := [][]byte{event[:100], event[100:]}
		read := uint64(0)
		if n := testing.AllocsPerRun(300, func() {
			for i, half := range halves {
				now := time.Now()
				read += uint64(i) // several tokens per read, too
				if err := c.Body(half, stamp.Arrival{At: now, Seen: now, Source: stamp.Kernel, Read: read / 3}); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 || len(c.answer.notes) < 300 {
			t.Errorf("by %v: %v allocations per token, %d notes", by, n, len(c.answer.notes))
		}
	}
}

func TestATokenOfMIIAllocatesNothing(t *testing.T) {
	message := captured(t, "mii-stream.txt")[1]
	c := newServer(t, "mii", "grpc://localhost", nil).(*mii).client(true)
	c.room = 4096
	c.Begin(time.Now())
	if n := testing.AllocsPerRun(300, func() {
		now := time.Now()
		if err := c.Body(message, stamp.Arrival{At: now, Seen: now, Source: stamp.Kernel}); err != nil {
			t.Fatal(err)
		}
	}); n != 0 || len(c.answer.notes) < 300 {
		t.Errorf("%v allocations per token, %d notes", n, len(c.answer.notes))
	}
}

// From the socket to the outcome, a long answer takes no more allocations than
// a short one: the notes and the chunks are two, however many.
func TestALongAnswerAllocatesNoMore(t *testing.T) {
	answers := map[int][]byte{}
	for _, n := range []int{200, 3000} {
		answer := []byte(streamHead)
		for i := range n {
			event := "data: " + fmt.Sprintf(vllmChunk, 7+i, 1+i, 1+i) + "\n\n"
			answer = fmt.Appendf(answer, "%x\r\n%s\r\n", len(event), event)
		}
		end := "data: [DONE]\n\n"
		answers[n] = fmt.Appendf(answer, "%x\r\n%s\r\n0\r\n\r\n", len(end), end)
	}
	var size atomic.Int64
	p := openAIFor(t, serve(t, func(got call) bool { _, err := got.conn.Write(answers[int(size.Load())]); return err == nil }), nil)
	p.by = byUsage
	client := p.Client()
	defer client.Close()
	allocations := func(n int) float64 {
		size.Store(int64(n))
		return testing.AllocsPerRun(5, func() {
			if o := client.Generate(background(t), ask(n)); o.Status != record.OK || o.Chunks.Tokens().Int() != n {
				t.Errorf("%+v", o)
			}
		})
	}
	short, long := allocations(200), allocations(3000)
	if perToken := (long - short) / 2800; perToken > 0.02 {
		t.Errorf("%v allocations for 200 tokens, %v for 3000", short, long)
	}
}

// Several chunks in one read are reported, and what the program's own standing
// still may have hidden counts as lag.
func TestMergedReadsCarryTheDoubtAsLag(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	for name, c := range map[string]struct {
		stall   time.Duration
		busy    bool
		unknown bool // when the socket was last empty
		blurred int
		lag     float64
	}{
		"the program stood still":       {stall: 200 * time.Millisecond, blurred: 19, lag: 0.2},
		"for longer than it can matter": {stall: time.Hour, blurred: 19, lag: 0.24},
		"a little":                      {stall: time.Millisecond / 2, lag: 0.001},
		"the server sent at once":       {lag: 0.001},
		"a loop was at work":            {busy: true, blurred: 19, lag: 0.24},
		"from before the request":       {busy: true, unknown: true, blurred: 19, lag: 0.25},
	} {
		p := openAIFor(t, "http://localhost", func(o *Options) {
			o.Stall = func(from, to time.Time) time.Duration {
				if from.Equal(at(10)) && to.Equal(at(250)) {
					return c.stall
				}
				return 0
			}
		})
		client := p.client()
		client.Begin(start)
		event := "data: " + token("x") + "\n\n"
		since := start
		for i, read := range []struct{ chunks, at, seen int }{{1, 9, 10}, {20, 249, 250}, {2, 270, 270}} {
			arrival := stamp.Arrival{At: at(read.at), Seen: at(read.seen), Source: stamp.Kernel, Read: uint64(i + 1), Since: since, Busy: c.busy && i == 1}
			since = arrival.Seen
			if c.unknown {
				arrival.Since = start.Add(-time.Hour)
			}
			for range read.chunks { // as records of TLS, each by itself
				if err := client.Body([]byte(event), arrival); err != nil {
					t.Fatal(err)
				}
			}
		}
		client.answer.settle()
		chunks, last := client.answer.chunks()
		if n := client.answer.blurred(); n != c.blurred || client.answer.lag.Seconds() != c.lag || len(chunks) != 23 || last != 270*time.Millisecond {
			t.Errorf("%s: %d blurred, lag %v, %d chunks, the last at %v", name, n, client.answer.lag, len(chunks), last)
		}
	}
}

func TestTheClockColumnSaysWhoStamped(t *testing.T) {
	for want, sources := range map[record.Text][]stamp.Source{
		"kernel": {stamp.Kernel, stamp.Kernel}, "user": {stamp.User}, "mixed": {stamp.User, stamp.Kernel},
		"stepped": {stamp.Kernel, stamp.Stepped, stamp.Kernel}, "": nil,
	} {
		var a answer
		a.begin(time.Now(), 0)
		for _, source := range sources {
			a.arrived(stamp.Arrival{At: time.Now(), Seen: time.Now(), Source: source})
		}
		if got := a.clock(); got != want {
			t.Errorf("%v: clock %q", sources, got)
		}
	}
}

// BenchmarkStreams reads from a server in the same process, so that only the
// number of allocations and the memory mean something.
func BenchmarkStreams(b *testing.B) {
	const tokens = 200
	var answer []byte
	for _, event := range list(repeat(token("a"), tokens-1), last("b"), "[DONE]") {
		event = "data: " + event + "\n\n"
		answer = fmt.Appendf(answer, "%x\r\n%s\r\n", len(event), event)
	}
	answer = append([]byte(streamHead), append(answer, "0\r\n\r\n"...)...)
	p := openAIFor(b, serve(b, func(c call) bool { _, err := c.conn.Write(answer); return err == nil }), nil)
	client := p.Client()
	defer client.Close()
	ctx := background(b)
	b.ReportAllocs()
	for b.Loop() {
		if o := client.Generate(ctx, ask(tokens)); o.Status != record.OK {
			b.Fatal(o.Error)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*tokens), "ns/token")
}

// BenchmarkThousandStreams is what a token costs from the body to the note when the
// streams take turns and the kernel's work between them has taken the processor's cache.
func BenchmarkThousandStreams(b *testing.B) {
	p := openAIFor(b, "http://localhost", nil)
	clients := make([]*webClient, 1000)
	for i := range clients {
		clients[i] = p.client()
		clients[i].room = 1 << 10
		clients[i].Begin(time.Now())
	}
	others := make([]byte, 32<<20)
	at, sum := 0, byte(0)
	disturb := func() {
		for range 100 {
			at = (at + 64) % len(others)
			sum += others[at]
		}
	}
	token := func(i int) {
		c := clients[i%len(clients)]
		if len(c.answer.notes) == c.room {
			c.answer.notes = c.answer.notes[:0]
		}
		event := fmt.Appendf(nil, "data: {\"id\":\"cmpl-%d\",\"object\":\"text_completion\",\"created\":1795429304,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\" a\",\"logprobs\":null,\"finish_reason\":null}]}\n\n", i%len(clients))
		now := time.Now()
		if err := c.Body(event, stamp.Arrival{At: now, Seen: now, Source: stamp.Kernel, Read: uint64(i)}); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Duration(0)
	i := 0
	for b.Loop() {
		disturb()
		from := time.Now()
		token(i)
		took += time.Since(from)
		i++
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/token")
}
