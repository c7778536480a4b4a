package dialect

import (
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stream"
)

// several is the count of a message that brought an unknown number of tokens.
const several = -2

// settle decides which messages of a stream were tokens and writes that into
// their counts. A way of counting is trusted where it moves with the text and
// agrees with the total. Else messages are counted: those with text alone, or
// the empty ones too, whichever makes the total. Where neither does, messages
// carry more than one token and nobody says how many. It reports whether the
// counting in use was trusted.
func (a *answer) settle() (trusted bool) {
	if a.trusted() {
		a.differences()
		return true
	}
	text, first, empty, silent := a.kinds()
	total := a.usage.Completion
	n := total.Int()
	switch {
	case !total.Known(), n == 0, text == n:
		a.ones(false, false, false)
	case text == 1 && n <= maxTokens:
		a.ones(false, false, false)
		for i := range a.notes {
			a.notes[i].count *= int32(n)
		}
	case text+empty == n:
		a.ones(false, true, false)
	case text+silent == n:
		a.ones(false, false, true)
	case text+empty+silent == n:
		a.ones(false, true, true)
	case text+first+empty == n:
		a.ones(true, true, false)
	case text+first+empty+silent == n:
		a.ones(true, true, true)
	default:
		a.ones(false, false, false)
		for i := range a.notes {
			a.notes[i].count *= several
		}
	}
	return false
}

// kinds counts the messages with text, the empty ones in front of them and
// between them, and those that finish without text. Such a one may have been a
// token (an end-of-text token shows nothing) or an empty end. An empty one in
// front is seldom a token: it opens the stream.
func (a *answer) kinds() (text, first, empty, silent int) {
	for _, n := range a.notes {
		switch {
		case n.texts():
			text++
		case n.marks&finishes != 0:
			silent++
		case text == 0:
			first++
		default:
			empty++
		}
	}
	return text, first, empty, silent
}

func (n note) texts() bool { return n.marks&(hasText|hasReason) != 0 }

// ones counts each message as one token or none.
func (a *answer) ones(first, empty, silent bool) {
	text := false
	for i, n := range a.notes {
		is := empty
		text = text || n.texts()
		switch {
		case n.texts():
			is = true
		case n.marks&finishes != 0:
			is = silent
		case !text:
			is = first
		}
		a.notes[i].count = 0
		if is {
			a.notes[i].count = 1
		}
	}
}

// trusted reports whether the counting in use can be believed for this answer.
// Of messages with text the first and at least half must bring tokens by it:
// counts that stand still, or come late or at the end alone, are no running counts.
func (a *answer) trusted() bool {
	if a.by == byText {
		return false
	}
	sum, before, moved, text := 0, int32(0), 0, 0
	for _, n := range a.notes {
		tokens := a.step(n, before)
		if tokens < 0 {
			return false
		}
		sum += int(tokens)
		before = max(before, n.count)
		if n.texts() {
			if text++; tokens > 0 {
				moved++
			}
			if sum == 0 {
				return false
			}
		}
	}
	total := a.usage.Completion
	if total.Known() && sum == total.Int()-1 && a.endsSilently() {
		sum++
	}
	return sum > 0 && 2*moved >= text && (!total.Known() || sum == total.Int())
}

// step is how many tokens a message brought, where so many had come before it.
func (a *answer) step(n note, before int32) int32 {
	switch {
	case n.count == uncounted:
		return 0
	case a.by == byTokens:
		return n.count
	}
	return n.count - before
}

// endsSilently reports whether the last message finished the answer and
// brought no token that the counting shows.
func (a *answer) endsSilently() bool {
	last := len(a.notes) - 1
	if last < 0 || a.notes[last].marks&finishes == 0 {
		return false
	}
	before := int32(0)
	for _, n := range a.notes[:last] {
		before = max(before, n.count)
	}
	return a.step(a.notes[last], before) == 0
}

// differences turns the counts of a trusted counting into tokens per message.
func (a *answer) differences() {
	sum, before := 0, int32(0)
	silent := a.endsSilently()
	for i, n := range a.notes {
		a.notes[i].count = a.step(n, before)
		before = max(before, n.count)
		sum += int(a.notes[i].count)
	}
	if total := a.usage.Completion; silent && total.Known() && sum < total.Int() {
		a.notes[len(a.notes)-1].count++
	}
}

// chunks are the messages that brought tokens, and the offset of the last of them.
func (a *answer) chunks() (chunks record.Chunks, last time.Duration) {
	chunks = make(record.Chunks, 0, len(a.notes))
	for _, n := range a.notes {
		if n.count != 0 {
			chunks = append(chunks, record.Chunk{At: n.at.Seconds(), Early: n.early.Seconds(), Tokens: int(max(0, n.count))})
			last = n.at
		}
	}
	return chunks, last
}

// visible is when the first visible token came, where others came before it:
// tokens of reasoning, or some that show nothing, as where a server drops the
// reasoning.
func (a *answer) visible() record.Seconds {
	hidden := false
	for _, n := range a.notes {
		switch {
		case n.count == 0:
		case n.marks&hasText == 0:
			hidden = true
		case hidden:
			return record.InSeconds(n.at.Seconds())
		default:
			return record.Seconds{}
		}
	}
	return record.Seconds{}
}

// blurred counts the chunks that may have come noticeably before their timestamp.
func (a *answer) blurred() (n int) {
	for _, one := range a.notes {
		if one.count != 0 && one.early > blurring {
			n++
		}
	}
	return n
}

// generated is the number of tokens: the server's total, else the sum over
// messages; absent where neither is known. A total of 0 beside a text is none.
func (a *answer) generated(chunks record.Chunks) record.Count {
	if total := a.usage.Completion; total.Known() && (total.Int() > 0 || len(chunks) == 0 && !a.text) {
		return record.CountOf(total.Int())
	}
	if !a.streamed || len(chunks) == 0 {
		return record.Count{}
	}
	return chunks.Tokens()
}

// countOf turns a count of the stream into a cell.
func countOf(c stream.Count) record.Count {
	if !c.Known() {
		return record.Count{}
	}
	return record.CountOf(c.Int())
}

// secondsOf turns a span of the stream into a cell.
func secondsOf(s stream.Span) record.Seconds {
	if !s.Known() {
		return record.Seconds{}
	}
	return record.InSeconds(s.Float())
}
