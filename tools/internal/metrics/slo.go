package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// SLO is a service level in the field's words: a request is good when each of its
// values is at most the bound. vLLM and SGLang write it "ttft:200 tpot:50 e2el:5000".
type SLO []Bound

// Bound is the most that one value of a request may be.
type Bound struct {
	// Part is ttft, tpot, itl or e2el.
	Part string
	// Percentile of a request's own inter-token latencies, 0 to 100; 0 is their
	// mean. Other parts are one value per request.
	Percentile float64
	// MS is the bound in milliseconds of the row's time.
	MS float64
}

// Parts are the values that a level may bound: time to first token, time per output
// token after the first (one value per request), inter-token latency (the request's
// mean, or a percentile of it: itl_p99), end-to-end latency.
func Parts() []string { return []string{"ttft", "tpot", "itl", "e2el"} }

const (
	slowest   = "itl_p"
	maxLevel  = 200  // bytes, the longest text cell
	mostMS    = 1e10 // 115 days
	partWords = "ttft, tpot, itl, itl_p99 (any percentile) or e2el"
)

// ParseSLO reads bounds in milliseconds, separated by spaces or commas:
// "ttft:200 tpot:50 itl_p99:100 e2el:5000". Its error says what cannot be read.
func ParseSLO(text string) (SLO, error) {
	var level SLO
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' }) {
		bound, err := parseBound(word)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(level, func(b Bound) bool { return b.name() == bound.name() }) {
			return nil, fmt.Errorf("%s has two bounds", bound.name())
		}
		level = append(level, bound)
	}
	slices.SortFunc(level, func(a, b Bound) int {
		return cmp.Or(cmp.Compare(slices.Index(Parts(), a.Part), slices.Index(Parts(), b.Part)), cmp.Compare(a.Percentile, b.Percentile))
	})
	switch {
	case len(level) == 0:
		return nil, fmt.Errorf("no bound is given; write NAME:MILLISECONDS, such as ttft:500")
	case len(level.String()) > maxLevel:
		return nil, fmt.Errorf("the level is longer than %d bytes", maxLevel)
	}
	return level, nil
}

func parseBound(word string) (Bound, error) {
	name, value, found := strings.Cut(word, ":")
	if !found {
		return Bound{}, fmt.Errorf("%q is not NAME:MILLISECONDS, such as ttft:500", word)
	}
	bound := Bound{Part: name}
	if percentile, is := strings.CutPrefix(name, slowest); is {
		p, err := strconv.ParseFloat(percentile, 64)
		if err != nil || !(p > 0 && p <= 100) {
			return Bound{}, fmt.Errorf("%q: a percentile is above 0 and at most 100", name)
		}
		bound = Bound{Part: "itl", Percentile: p}
	}
	if part, _, has := strings.Cut(name, "_p"); has && bound.Part != "itl" && slices.Contains(Parts(), part) {
		return Bound{}, fmt.Errorf("%q: a request has one %s; how many requests have to keep the level is its attainment", name, part)
	}
	if !slices.Contains(Parts(), bound.Part) {
		return Bound{}, fmt.Errorf("%q is not %s", name, partWords)
	}
	ms, err := strconv.ParseFloat(value, 64)
	if err != nil || !(ms > 0 && ms <= mostMS) {
		return Bound{}, fmt.Errorf("%q is not a bound in milliseconds, a number above 0", word)
	}
	bound.MS = ms
	return bound, nil
}

// String is the level as ParseSLO reads it: its parts in one order, no commas.
func (s SLO) String() string {
	words := make([]string, len(s))
	for i, b := range s {
		words[i] = b.String()
	}
	return strings.Join(words, " ")
}

// String is NAME:MILLISECONDS.
func (b Bound) String() string { return b.name() + ":" + plain(b.MS) }

func (b Bound) name() string {
	if b.Percentile > 0 {
		return slowest + plain(b.Percentile)
	}
	return b.Part
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Streamed reports whether the level bounds what only a streamed answer shows.
func (s SLO) Streamed() bool {
	return slices.ContainsFunc(s, func(b Bound) bool { return b.Part != "e2el" })
}

// micros is the bound in microseconds, without the noise of the multiplication.
func (b Bound) micros() float64 { return math.Round(b.MS*1e6) / 1e3 }
