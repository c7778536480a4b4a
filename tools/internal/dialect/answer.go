package dialect

import (
	"time"

	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
)

// answer is what is noted of one answer while it comes. Which of its messages
// were tokens is decided at its end: only then the total is known.
type answer struct {
	// What each token uses comes first.
	notes    []note
	read     uint64 // the socket read of the last message
	lag      time.Duration
	last     time.Duration // arrival of the last message, from start; arrivals never fall
	start    time.Time
	clocks   [4]int32 // messages by stamp.Source
	end      ending
	by       counting
	streamed bool

	text  bool // an answer in one piece holds text
	exact bool // the counting in use was trusted
	usage stream.Usage

	serverQueue, serverTTFT stream.Span
	stall                   func(from, to time.Time) time.Duration
}

// note is one message that may have brought tokens.
type note struct {
	at    time.Duration // arrival, from the request's start
	early time.Duration // by how much it may have come before; 0 is at is its own timestamp
	count int32         // by the counting of the answer; uncounted
	marks marks
}

// uncounted is the count of a message that does not say one.
const uncounted = -1

type marks uint8

const (
	hasText   marks = 1 << iota
	hasReason       // text of reasoning
	finishes        // it gives a finish reason
)

const (
	// blurring is by how much a message has to be early to count as blurred. A
	// healthy, busy machine wakes a program a little late now and then.
	blurring = time.Millisecond
	// atOnce is within what a program that nothing keeps reads what comes, and the
	// least that is noted of how early a message may have come.
	atOnce = 100 * time.Microsecond
)

// begin forgets the answer before. room is how many messages are expected.
func (a *answer) begin(start time.Time, room int) {
	notes := a.notes[:0]
	if cap(notes) < room {
		notes = make([]note, 0, room)
	}
	*a = answer{stall: a.stall, streamed: a.streamed, by: a.by, notes: notes, start: start}
}

// arrived notes that bytes of the answer came.
func (a *answer) arrived(at stamp.Arrival) {
	a.last = max(a.last, at.At.Sub(a.start))
	a.clocks[at.Source]++
	a.read = at.Read
	a.lag = max(a.lag, at.Lag())
}

// add takes one event of a stream.
func (a *answer) add(e stream.Event, at stamp.Arrival) {
	a.counts(e)
	a.end.add(e)
	if n := len(a.notes); n > 0 && at.Read == a.read { // the one before has this one's timestamp
		a.notes[n-1].early = a.early(at)
	}
	if !e.Choice || !e.Text && !e.Reasoning && a.framing(e) {
		return
	}
	a.arrived(at)
	one := note{at: a.last, count: a.by.count(e)}
	if e.Text {
		one.marks |= hasText
	}
	if e.Reasoning {
		one.marks |= hasReason
	}
	if e.Finish != stream.Unfinished {
		one.marks |= finishes
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
	if e.Usage != (stream.Usage{}) {
		a.usage.Merge(e.Usage)
	}
	if e.QueueS.Known() {
		a.serverQueue = e.QueueS
	}
	if e.TTFTS.Known() {
		a.serverTTFT = e.TTFTS
	}
}

// early is by how much the first of several messages of one read may have come
// before the read's timestamp, which is the last one's. It came after the socket was
// last known to be empty. Unless a busy loop read it, it also came no longer ago than
// the program was kept from reading: by a stand-still, or for as long as the last one
// waited, and for what it takes to notice either.
func (a *answer) early(at stamp.Arrival) time.Duration {
	since := at.Since
	if since.Before(a.start) {
		since = a.start
	}
	late := at.Lag()
	if a.stall != nil {
		late = max(late, min(at.Seen.Sub(since), a.stall(since, at.Seen)))
	}
	early := at.At.Sub(since)
	if at.Busy {
		late = max(late, at.Seen.Sub(since))
	} else {
		kept := atOnce
		if late > atOnce {
			kept = late + blurring
		}
		early = min(early, kept-at.Lag())
	}
	a.lag = max(a.lag, late)
	if early < atOnce {
		return 0
	}
	return early
}
