package protocol

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// A token's way from the read to the row costs no allocation.
func TestATokenAllocatesNothing(t *testing.T) {
	for _, by := range []counting{byUsage, byIDs, byTimings, byChunk} {
		p := protocolFor(t, "http://localhost", nil)
		p.can.by = by
		c := p.client()
		c.room = 4096
		c.wire.to = c
		c.begin(time.Now())
		hear := func(text string) {
			if err := c.wire.hear([]byte(text), stamp.Arrival{At: time.Now(), Seen: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		hear(streamHead)
		event := "data: " + engineChunks[1].data + "\n\n"
		halves := [][]byte{fmt.Appendf(nil, "%x\r\n%s", len(event), event[:100]), fmt.Appendf(nil, "%s\r\n", event[100:])}
		if n := testing.AllocsPerRun(300, func() {
			at := stamp.Arrival{At: time.Now(), Seen: time.Now(), Source: stamp.Kernel}
			for _, half := range halves {
				if err := c.wire.hear(half, at); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 {
			t.Errorf("by %v: %v allocations a token", by, n)
		}
	}
}

// Several chunks in one read are told, and what the program's own standing
// still may have hidden counts as lag.
func TestMergedReadsCarryTheDoubtAsLag(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	var r recording
	r.stall = func(from, to time.Time) time.Duration {
		if from.Equal(at(10)) && to.Equal(at(250)) {
			return 200 * time.Millisecond
		}
		return 0
	}
	r.begin(start, 8)
	for _, read := range []struct{ chunks, at, seen int }{{1, 9, 10}, {20, 249, 250}, {2, 270, 270}} {
		arrival := stamp.Arrival{At: at(read.at), Seen: at(read.seen), Source: stamp.Kernel}
		for range read.chunks {
			r.chunk(1, arrival)
		}
		r.read(arrival)
	}
	var row record.Request
	r.fill(&row, true)
	if row.MergedReads != 2 || row.BlurredChunks != 19 || row.LagS != 0.2 || row.Clock != "kernel" || len(row.ChunkS) != 23 || row.LatencyS != 0.27 {
		t.Errorf("%d merged reads, lag %v, clock %s, latency %v", row.MergedReads, row.LagS, row.Clock, row.LatencyS)
	}
}

func TestTheClockColumnSaysWhoStamped(t *testing.T) {
	for want, sources := range map[record.Text][]stamp.Source{
		"kernel": {stamp.Kernel, stamp.Kernel}, "user": {stamp.User}, "mixed": {stamp.User, stamp.Kernel},
		"stepped": {stamp.Kernel, stamp.Stepped, stamp.Kernel}, "": nil,
	} {
		var r recording
		r.begin(time.Now(), 0)
		for _, source := range sources {
			at := stamp.Arrival{At: time.Now(), Seen: time.Now(), Source: source}
			r.chunk(1, at)
			r.read(at)
		}
		var row record.Request
		r.fill(&row, true)
		if row.Clock != want || row.LagS.Known() != (want == "kernel" || want == "mixed" || want == "stepped") {
			t.Errorf("%v: clock %q, lag %v", sources, row.Clock, row.LagS)
		}
	}
}

// BenchmarkStreams reads from a server in the same process, so that only the
// number of allocations and the memory mean something.
func BenchmarkStreams(b *testing.B) {
	const streams, tokens = 100, 200
	var events []string
	for range tokens - 1 {
		events = append(events, token("a"))
	}
	events = append(events, last("b"), "[DONE]")
	p := protocolFor(b, serve(b, func(c call) bool { return stream(c.conn, events...) }), nil)
	clients := make([]Client, streams)
	for i := range clients {
		clients[i] = p.Client()
		defer clients[i].Close()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		var all sync.WaitGroup
		for _, client := range clients {
			all.Go(func() {
				if _, row := client.Generate(background(b), Ask{Prompt: prompt.Prompt{Text: "x"}, MaxNewTokens: tokens}); row.Status != record.OK {
					b.Error(row.Error)
				}
			})
		}
		all.Wait()
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*streams*tokens), "ns/token")
}
