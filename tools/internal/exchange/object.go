package exchange

import (
	"bytes"
	"encoding/json"
	"math"
)

// Object is a JSON object whose keys keep the order in which they were set.
type Object []member

type member struct {
	key   string
	value any
}

// set adds a key; a number that is not finite is null.
func (o *Object) set(key string, value any) {
	if v, isNumber := value.(float64); isNumber {
		value = finite(v)
	}
	*o = append(*o, member{key, value})
}

// setKnown adds a key whose value is not null.
func (o *Object) setKnown(key string, v float64) {
	if finite(v) != nil {
		o.set(key, v)
	}
}

// finite is v, nil where it is not known.
func finite(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// without is the object without some of its keys.
func (o Object) without(keys map[string]bool) Object {
	var kept Object
	for _, m := range o {
		if !keys[m.key] {
			kept = append(kept, m)
		}
	}
	return kept
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, m := range o {
		out.WriteByte("{,"[min(i, 1)])
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	if len(o) == 0 {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
