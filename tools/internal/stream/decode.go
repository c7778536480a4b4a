package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object as encoding/json reads it. Servers differ in the
// types of what they send. A value of an unexpected type says nothing.
type object = map[string]any

// decode reads a message in full. It passes over what is not a JSON object and
// finds the errors that every protocol has in common. A message without an
// object that is not skipped is the end mark.
func decode(m Message) (o object, passed bool, err error) {
	data := bytes.TrimSpace(m.Data)
	switch {
	case string(m.Name) == "error":
		return nil, false, &ServerError{ErrorText(data)}
	case string(data) == "[DONE]":
		return nil, false, nil
	case len(data) == 0 || data[0] != '{' && data[0] != '[':
		return nil, true, nil
	}
	var v any
	syntax := (*json.SyntaxError)(nil) // any other error leaves out the value that caused it
	err = json.Unmarshal(data, &v)
	if list := listOf(v); len(list) > 0 {
		o = objectOf(list[0])
	}
	switch {
	case data[0] == '{' && errors.As(err, &syntax):
		return nil, false, fmt.Errorf("the answer cannot be read: %.80q: %w", data, err)
	case isError(m, o):
		return nil, false, &ServerError{ErrorText(data)}
	case data[0] == '[':
		return nil, true, nil
	}
	return o, false, nil
}

// object reads an object as the scanner does, but takes any value.
func (r *reading) object(o object, at level) {
	for _, f := range fields[at] {
		v, has := o[f.key]
		if !has {
			continue
		}
		switch f.as {
		case asInner:
			r.object(objectOf(v), f.at)
		case asChoices:
			r.hasChoices = true
			for _, element := range listOf(v) {
				if choice := objectOf(element); choice != nil {
					r.Choice = true
					r.object(choice, f.at)
				}
			}
		case asVisible:
			r.see(v)
		case asReasoning:
			r.think(v)
		case asRole:
			r.Role = r.Role || textOf(v) != ""
		case asFinish:
			r.Finish = max(r.Finish, finishOf(textOf(v)))
		case asIDs:
			if list, ok := v.([]any); ok {
				r.Tokens.add(len(list))
			}
		case asKind, asPart, asStatus:
			r.names[f.as] = []byte(textOf(v))
		case asFault:
			if r.fault == nil && !isNothing(v) {
				r.fault = v
			}
		case asQueueMS, asTTFTMS:
			r.span(f.as, number(v))
		case asName, asBirth:
		default:
			r.count(f.as, countOf(v))
		}
	}
}

// see notes whether a text or a list of parts brings visible text or reasoning.
func (e *Event) see(v any) {
	switch v := v.(type) {
	case string:
		e.Text = e.Text || v != ""
	case []any:
		for _, part := range v {
			e.see(part)
		}
	case object:
		kind := textOf(v["type"])
		if strings.Contains(kind, "thinking") || strings.Contains(kind, "reasoning") {
			e.think(v)
		} else {
			e.Text = e.Text || hasText(v)
		}
	}
}

func (e *Event) think(v any) { e.Reasoning = e.Reasoning || hasText(v) }

// hasText reports whether there is a text that is not empty in v, which may be
// a text, a part, a tool call, or a list of them.
func hasText(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case []any:
		return slices.ContainsFunc(v, hasText)
	case object:
		isText := func(key string) bool { return hasText(v[key]) }
		return slices.ContainsFunc(textKeys[:], isText) || !isNothing(v["arguments"]) || !isNothing(v["input"])
	}
	return false
}

var textKeys = [...]string{"text", "content", "refusal", "thinking", "reasoning", "summary", "value", "partial_json", "function", "custom"}

// isNothing reports whether a value says nothing: null, false, 0, "", or no more
// than such values in a list or an object.
func isNothing(v any) bool {
	isSomething := func(v any) bool { return !isNothing(v) }
	switch v := v.(type) {
	case []any:
		return !slices.ContainsFunc(v, isSomething)
	case object:
		return !slices.ContainsFunc(slices.Collect(maps.Values(v)), isSomething)
	}
	return v == nil || v == false || v == 0.0 || v == ""
}

// listOf returns the elements of a list. A single object stands for a list of one.
func listOf(v any) []any {
	if _, ok := v.(object); ok {
		return []any{v}
	}
	list, _ := v.([]any)
	return list
}

func objectOf(v any) object {
	o, _ := v.(object)
	return o
}

func textOf(v any) string {
	text, _ := v.(string)
	return text
}

// number reads a number, which may be written as text. NaN stands for none.
func number(v any) float64 {
	n, ok := v.(float64)
	if !ok {
		var err error
		if n, err = strconv.ParseFloat(textOf(v), 64); err != nil {
			return math.NaN()
		}
	}
	return n
}

// countOf reads a whole number, however it is written.
func countOf(v any) Count {
	n := number(v)
	if n != math.Trunc(n) || n > maxCount {
		return Count{}
	}
	return CountOf(int(max(n, -1)))
}
