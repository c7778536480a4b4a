package dialect

import (
	"time"

	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
)

// answer is what is noted of one answer while it comes. Which of its messages
// were tokens is decided at its end: only then the total is known.
type answer struct {
	stall    func(from, to time.Time) time.Duration
	streamed bool
	by       counting

	start time.Time
	last  time.Time // arrival of the last message; arrivals never fall
	notes []note
	usage stream.Usage
	end   ending
	text  bool // an answer in one piece holds text
	exact bool // the counting in use was trusted

	serverQueue, serverTTFT stream.Span

	read   uint64    // the socket read of the last message
	before time.Time // when the read before that one was in hand
	seen   time.Time // when that one was
	lag    time.Duration
	clocks [4]int // messages by stamp.Source
}

// note is one message that may have brought tokens.
type note struct {
	at    time.Duration // arrival, from the request's start
	count int32         // by the counting of the answer; uncounted
	marks marks
}

// uncounted is the count of a message that does not say one.
const uncounted = -1

type marks uint8

const (
	hasText    marks = 1 << iota
	hasReason        // text of reasoning
	finishes         // it gives a finish reason
	sharesRead       // the socket read that brought it brought the note before, too
	readLate         // more than blurringLag after its arrival
)

// blurringLag is how late a read has to be for the times of its first messages
// to be in doubt. A healthy, busy machine wakes a program a little late now and then.
const blurringLag = time.Millisecond

// begin forgets the answer before. room is how many messages are expected.
func (a *answer) begin(start time.Time, room int) {
	notes := a.notes[:0]
	if cap(notes) < room {
		notes = make([]note, 0, room)
	}
	*a = answer{stall: a.stall, streamed: a.streamed, by: a.by, notes: notes,
		start: start, last: start, before: start, seen: start}
}

// arrived notes that bytes of the answer came.
func (a *answer) arrived(at stamp.Arrival) {
	if at.At.After(a.last) {
		a.last = at.At
	}
	a.clocks[at.Source]++
	if at.Read != a.read {
		a.read, a.before, a.seen = at.Read, a.seen, at.Seen
	}
	a.lag = max(a.lag, at.Lag())
}

// add takes one event of a stream.
func (a *answer) add(e stream.Event, at stamp.Arrival) {
	a.counts(e)
	a.end.add(e)
	if !e.Choice || !e.Text && !e.Reasoning && a.framing(e) {
		return
	}
	shares := len(a.notes) > 0 && at.Read == a.read
	a.arrived(at)
	one := note{at: a.last.Sub(a.start), count: a.by.count(e)}
	if e.Text {
		one.marks |= hasText
	}
	if e.Reasoning {
		one.marks |= hasReason
	}
	if e.Finish != stream.Unfinished {
		one.marks |= finishes
	}
	if shares {
		one.marks |= sharesRead
		if a.lateness(at) > blurringLag {
			one.marks |= readLate
		}
	}
	a.notes = append(a.notes, one)
}

// framing reports whether a message without text only opens a stream, by naming
// who speaks, or follows its end, as usage in an empty choice does. Some servers
// name the role in every chunk.
func (a *answer) framing(e stream.Event) bool {
	behind := a.end.finish == stream.Finished && e.Finish == stream.Unfinished
	return behind || e.Role && len(a.notes) == 0
}

// counts keeps what an event says beside its text.
func (a *answer) counts(e stream.Event) {
	a.usage.Merge(e.Usage)
	if e.QueueS.Known() {
		a.serverQueue = e.QueueS
	}
	if e.TTFTS.Known() {
		a.serverTTFT = e.TTFTS
	}
}

// lateness is how long the first of several messages of one read may have
// waited. The read has the last one's timestamp; the first may have waited
// since the read before, but no longer than the program stood still, if it was
// the program that kept it waiting.
func (a *answer) lateness(at stamp.Arrival) time.Duration {
	lag := at.Lag()
	if a.stall != nil {
		lag = max(lag, min(at.Seen.Sub(a.before), a.stall(a.before, at.Seen)))
	}
	a.lag = max(a.lag, lag)
	return lag
}
