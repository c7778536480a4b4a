package plan

import (
	"container/heap"
	"fmt"
	"math"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// entry is one request of a schedule, as it is to be sent.
type entry struct {
	workload.Request
	number, line int         // among those that are sent, from 0; in the file, from 1
	at           float64     // its timestamp, or that of what it follows
	due          float64     // in seconds from the start; NaN where it is not timed
	size         prompt.Size // a Prompt of 0 is not known
	whole        int         // tokens of prompt and generation together, before a cut
	cut          bool        // the generation gives way to the context
}

// lines reads the requests of a schedule in the order of their timestamps.
type lines struct {
	s      *Schedule
	bad    func(why string)
	file   *workload.Reader // nil for CSV
	list   []traced         // what is left of CSV
	latest float64          // timestamp so far
	ahead  window
	base   float64 // the first timestamp
	number int
	err    error
	before entry // the last one, before the times were bounded
}

func (s *Schedule) lines(bad func(why string)) *lines {
	l := &lines{s: s, bad: bad, list: s.list, latest: math.NaN(), base: math.NaN()}
	if !s.csv {
		l.file = workload.NewReader(s.begin(), s.Name, s.BlockSize, bad)
	}
	return l
}

// next returns the next request.
func (l *lines) next() (entry, bool) {
	for l.err == nil {
		e, ok := l.ordered()
		if !ok {
			return e, false
		}
		if e.due = math.NaN(); l.s.Timed {
			since := e.at - l.base
			if since < l.s.From || since >= l.s.Until {
				continue
			}
			e.due = (since - l.s.From) * l.s.Scale
		}
		e.number = l.number
		l.number++
		return e, true
	}
	return entry{}, false
}

// ordered returns the request with the smallest timestamp of those that are read
// ahead, or simply the next where they mean nothing.
func (l *lines) ordered() (entry, bool) {
	if !l.s.Timed {
		return l.usable()
	}
	for len(l.ahead) < lookAhead {
		e, ok := l.usable()
		if !ok {
			break
		}
		heap.Push(&l.ahead, &e)
	}
	if len(l.ahead) == 0 {
		return entry{}, false
	}
	e := *heap.Pop(&l.ahead).(*entry)
	if math.IsNaN(l.base) {
		l.base = e.at
		if l.s.csv { // which counts from the start
			l.base = 0
		}
	} else if e.at < l.before.at {
		l.err = fmt.Errorf("line %d: its timestamp is %.3f s before that of line %d, more than %d requests earlier: sort the file by timestamps", e.line, l.before.at-e.at, l.before.line, lookAhead)
		return e, false
	}
	l.before = e
	return e, true
}

// usable returns the next request in the file that can be sent.
func (l *lines) usable() (entry, bool) {
	for {
		e, ok := l.read()
		if !ok {
			return e, false
		}
		if err := l.fit(&e); err != nil {
			l.bad(fmt.Sprintf("%s:%d: %v", l.s.Name, e.line, err))
			continue
		}
		return e, true
	}
}

func (l *lines) read() (e entry, ok bool) {
	if l.file != nil {
		if ok = l.file.Scan(); ok {
			e = entry{Request: l.file.Request(), line: l.file.Line()}
		}
		l.err = l.file.Err()
		return e, ok
	}
	if len(l.list) == 0 {
		return e, false
	}
	one := l.list[0]
	l.list = l.list[1:]
	e.Request = workload.Request{Timestamp: record.InSeconds(one.due), InputLength: one.Prompt, OutputLength: one.New}
	e.line = one.line
	return e, true
}

// fit sets when a request is due and how large it is.
func (l *lines) fit(e *entry) error {
	if e.Timestamp.Known() {
		e.at = e.Timestamp.Float()
		l.latest = max(e.at, l.latest)
		if math.IsNaN(l.latest) {
			l.latest = e.at
		}
	} else {
		e.at = l.latest // it follows the line before it
		if l.s.Timed && (e.Session == "" || math.IsNaN(e.at)) {
			return fmt.Errorf("it has no timestamp to send it at")
		}
	}
	e.size = prompt.Size{Prompt: e.InputLength, New: e.OutputLength}
	if e.size.New == 0 {
		e.size.New = l.s.NewTokens
	}
	e.whole = e.size.Prompt + e.size.New
	if context := l.s.Context; context > 0 && e.whole > context {
		if e.size.Prompt >= context {
			return fmt.Errorf("its prompt of %d tokens does not fit the server's context of %d", e.size.Prompt, context)
		}
		e.size, e.cut = e.size.Within(context), true
	}
	return nil
}

// lookAhead is how many requests are read ahead to bring them into the order of
// their timestamps.
const lookAhead = 10_000

// window is a heap of requests, the earliest first.
type window []*entry

func (w window) Len() int { return len(w) }
func (w window) Less(i, j int) bool {
	return w[i].at < w[j].at || w[i].at == w[j].at && w[i].line < w[j].line
}
func (w window) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *window) Push(x any)   { *w = append(*w, x.(*entry)) }
func (w *window) Pop() any {
	last := len(*w) - 1
	x := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	return x
}
