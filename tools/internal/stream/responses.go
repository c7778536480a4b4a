package stream

import (
	"bytes"
	"errors"
)

// Responses reads a message of OpenAI's Responses API, streamed or whole. Its
// results are as those of OpenAI.
//
// The deltas of reasoning and of its summary have that word in their type. Other
// deltas bring text, refusals, and arguments and code for tools: all are text.
// A response that is incomplete has reached its length or was stopped by a
// filter, which are normal ends.
func Responses(m Message) (e Event, passed bool, err error) {
	var r scanner
	passed, err = r.read(m, inTypedEvent)
	if passed || err != nil || r.Last {
		return r.Event, passed, err
	}
	e.Usage = r.Usage
	switch kind := r.typeOf(m); {
	case string(kind) == "response.completed", string(kind) == "response.incomplete":
		e.Last, e.Finish = true, Finished
	case string(kind) == "response.failed", string(r.names[asStatus]) == "failed":
		return e, false, errors.New("the server says that the response failed, but not why")
	case bytes.HasPrefix(kind, []byte("response.")) && bytes.HasSuffix(kind, []byte(".delta")):
		e.Choice = true
		e.Reasoning = r.Text && bytes.Contains(kind, []byte("reasoning"))
		e.Text = r.Text && !e.Reasoning
	case string(r.names[asPart]) == "response":
		e.Choice, e.Text, e.Reasoning, e.Finish = true, r.Text, r.Reasoning, statusOf(r.names[asStatus])
	default:
		return Event{}, true, nil
	}
	return e, false, nil
}

// typeOf returns the type of an event, which the event's name repeats.
func (r *reading) typeOf(m Message) []byte {
	if len(r.names[asKind]) > 0 {
		return r.names[asKind]
	}
	return m.Name
}

func statusOf(status []byte) Finish {
	switch string(status) {
	case "completed", "incomplete":
		return Finished
	case "cancelled":
		return Aborted
	}
	return Unfinished
}
