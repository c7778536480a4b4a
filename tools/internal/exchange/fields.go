package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"fastgenbench/tools/internal/record"
)

// fields reads the keys of one JSON object. What is absent or null is the zero
// value, or NaN; what cannot be is kept as the first fault, which names its
// place, so that a reader looks once, at its end.
type fields struct {
	place  string // of the object in its document, "" for the document
	values map[string]any
	fault  error
	root   *fields // where faults are kept
}

func object(document json.RawMessage) (*fields, error) {
	f := &fields{}
	f.root = f
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		return nil, err
	}
	values, isObject := value.(map[string]any)
	if !isObject {
		return nil, errors.New("it is not a JSON object")
	}
	f.values = values
	return f, nil
}

func (f *fields) keys() []string { return slices.Sorted(maps.Keys(f.values)) }

// has reports whether the key is there and not null.
func (f *fields) has(key string) bool { return f.values[key] != nil }

func (f *fields) hasAll(keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { _, found := f.values[key]; return !found })
}

func (f *fields) fail(key, format string, args ...any) {
	if f.root.fault == nil {
		f.root.fault = fmt.Errorf("%s%s: %s", f.place, key, fmt.Sprintf(format, args...))
	}
}

// most bounds every number: nanoseconds since 1970 are below it.
const most = 1e19

// number is a value that is not negative, NaN where it is not known.
func (f *fields) number(key string) float64 { return f.numberOf(key, f.values[key]) }

func (f *fields) numberOf(key string, value any) float64 {
	switch v := value.(type) {
	case nil:
		return math.NaN()
	case float64:
		if v < 0 || v > most {
			f.fail(key, "%g is not between 0 and %g", v, most)
		}
		return v
	case string:
		if v == "NaN" {
			return math.NaN()
		}
	}
	f.fail(key, "%.40v is not a number", value)
	return math.NaN()
}

// longest bounds a time in seconds: 300 years are a fault.
const longest = 1e10

// seconds is a number that is a time in seconds.
func (f *fields) seconds(key string) record.Seconds { return f.inSeconds(key, f.number(key)) }

func (f *fields) inSeconds(key string, v float64) record.Seconds {
	if v > longest {
		f.fail(key, "%g s are more than 300 years", v)
	}
	return record.InSeconds(v)
}

// positive is a number of which 0 means that there was nothing to measure.
func (f *fields) positive(key string) float64 {
	v := f.number(key)
	if v == 0 {
		return math.NaN()
	}
	return v
}

// setting is the first of some keys that is there, a whole number or one in
// quotes, as --metadata writes them; 0 where none is.
func (f *fields) setting(keys ...string) int {
	for _, key := range keys {
		if text, isText := f.values[key].(string); isText {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > math.MaxInt32 {
				f.fail(key, "%.40q is not a count", text)
			}
			return n
		}
		if f.has(key) {
			return f.count(key).Int()
		}
	}
	return 0
}

// count is a whole number, absent where it is not known.
func (f *fields) count(key string) record.Count { return f.countOf(key, f.number(key)) }

func (f *fields) countOf(key string, v float64) record.Count {
	switch {
	case math.IsNaN(v):
		return record.Count{}
	case v != math.Trunc(v) || v > math.MaxInt32:
		f.fail(key, "%g is not a count", v)
	}
	return record.CountOf(int(v))
}

// text is "" where it is not known.
func (f *fields) text(key string) record.Text {
	switch v := f.values[key].(type) {
	case nil:
		return ""
	case string:
		return record.Text(record.Clean(v))
	default:
		f.fail(key, "%.40v is not text", v)
		return ""
	}
}

// list is nil where there is none.
func (f *fields) list(key string) []any {
	switch v := f.values[key].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		f.fail(key, "it is not a list")
		return nil
	}
}

// numbers is a list of numbers, NaN where one is null.
func (f *fields) numbers(key string) []float64 { return f.numbersOf(key, f.list(key)) }

func (f *fields) numbersOf(key string, list []any) []float64 {
	all := make([]float64, len(list))
	for i, value := range list {
		if v, plain := value.(float64); plain && v >= 0 && v <= most {
			all[i] = v
			continue
		}
		all[i] = f.numberOf(fmt.Sprintf("%s[%d]", key, i), value)
	}
	return all
}

// lists is a list of lists of numbers.
func (f *fields) lists(key string) [][]float64 {
	list := f.list(key)
	all := make([][]float64, len(list))
	for i, value := range list {
		place := fmt.Sprintf("%s[%d]", key, i)
		inner, isList := value.([]any)
		if !isList && value != nil {
			f.fail(place, "it is not a list")
			continue
		}
		all[i] = f.numbersOf(place, inner)
	}
	return all
}

// object is the object below a key, an empty one where there is none.
func (f *fields) object(key string) *fields { return f.objectOf(key, f.values[key]) }

func (f *fields) objectOf(key string, value any) *fields {
	inner := &fields{place: f.place + key + ".", root: f.root}
	values, isObject := value.(map[string]any)
	if !isObject && value != nil {
		f.fail(key, "it is not an object")
	}
	inner.values = values
	return inner
}

// objects are the objects of a list.
func (f *fields) objects(key string) []*fields {
	var all []*fields
	for i, value := range f.list(key) {
		all = append(all, f.objectOf(fmt.Sprintf("%s[%d]", key, i), value))
	}
	return all
}
