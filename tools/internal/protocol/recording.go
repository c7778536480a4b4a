package protocol

import (
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// recording notes when the tokens of one request came, and how well that is
// known.
type recording struct {
	stall func(from, to time.Time) time.Duration

	start   time.Time
	end     time.Time // arrival of the last token, or of the last of the answer
	before  time.Time // when the read before was in hand
	chunks  record.Chunks
	inRead  int // chunks noted since the last read
	merged  int
	blurred int // chunks found behind others by a read that came late
	lag     time.Duration
	stamps  [3]int // reads that brought tokens, by stamp.Source
	// farewell is when a last chunk came of which it is not known yet whether it was a token.
	farewell stamp.Arrival
}

// blurringLag is how late a read is whose first chunks' times are in doubt. A
// healthy, busy machine wakes a program a little late now and then.
const blurringLag = time.Millisecond

// begin forgets everything and sets out again, with room for so many chunks.
func (r *recording) begin(start time.Time, room int) {
	*r = recording{stall: r.stall, start: start, end: start, before: start}
	if room > 0 {
		r.chunks = make(record.Chunks, 0, room)
	}
}

// chunk notes a chunk that brought tokens. Times never fall: a chunk whose
// stamp is missing is late, not out of order.
func (r *recording) chunk(tokens int, at stamp.Arrival) {
	if at.At.After(r.end) {
		r.end = at.At
	}
	r.chunks = append(r.chunks, record.Chunk{At: record.Seconds(r.end.Sub(r.start).Seconds()), Tokens: tokens})
	r.inRead++
}

// whole notes that a part of an answer came that is not streamed.
func (r *recording) whole(at stamp.Arrival) {
	if at.At.After(r.end) {
		r.end = at.At
	}
	r.inRead = 1
}

// read ends a read. Of several chunks found in one read, the stamp is the last
// one's; the first may have waited since the read before, but no longer than
// the program stood still, if it was the program that kept it waiting.
func (r *recording) read(at stamp.Arrival) {
	if r.inRead > 0 {
		r.stamps[at.Source]++
		lag := at.Lag()
		if r.inRead > 1 {
			r.merged++
			if r.stall != nil {
				lag = max(lag, min(at.Seen.Sub(r.before), r.stall(r.before, at.Seen)))
			}
			if lag > blurringLag {
				r.blurred += r.inRead - 1
			}
		}
		r.lag = max(r.lag, lag)
	}
	r.inRead = 0
	r.before = at.Seen
}

// clock names what the arrival times come from.
func (r *recording) clock() record.Text {
	switch kernel, user := r.stamps[stamp.Kernel], r.stamps[stamp.User]; {
	case r.stamps[stamp.Stepped] > 0:
		return "stepped"
	case kernel > 0 && user > 0:
		return "mixed"
	case kernel > 0:
		return "kernel"
	case user > 0:
		return "user"
	}
	return ""
}

// fill writes what was noted into the row. Latency is up to the last token
// where the request went well, else up to now.
func (r *recording) fill(row *record.Request, well bool) {
	end := r.end
	if !well {
		end = time.Now()
	}
	row.LatencyS = record.Seconds(max(0, end.Sub(r.start).Seconds()))
	row.ChunkS = r.chunks
	row.Clock = r.clock()
	row.LagS = record.NoSeconds()
	if r.stamps[stamp.Kernel] > 0 {
		row.LagS = record.Seconds(r.lag.Seconds())
	}
	row.MergedReads, row.BlurredChunks = record.NoCount, record.NoCount
	if r.stamps[stamp.Kernel] > 0 {
		row.BlurredChunks = record.Count(r.blurred)
	}
	if len(r.chunks) > 0 {
		row.MergedReads = record.Count(r.merged)
	}
}
