package main

import (
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/record"
)

// pair is a point that both sides have measured.
type pair struct{ before, after *point }

// matched are the points of two sides: those of both, and the names of those
// that one side alone has.
type matched struct {
	pairs  []pair
	single []string
}

// match pairs the points of two sides. That they have none in common is an error,
// which names the columns in which they differ.
func (o options) match(sides [2]*side) (matched, error) {
	var m matched
	beforeOrder, before := sides[0].points(o)
	afterOrder, after := sides[1].points(o)
	for _, id := range beforeOrder {
		if after[id] != nil {
			m.pairs = append(m.pairs, pair{before[id], after[id]})
		} else {
			m.single = append(m.single, sides[0].label+" alone has "+describe(before[id].key))
		}
	}
	for _, id := range afterOrder {
		if before[id] == nil {
			m.single = append(m.single, sides[1].label+" alone has "+describe(after[id].key))
		}
	}
	if len(m.pairs) == 0 {
		return m, nothingInCommon(beforeOrder, afterOrder)
	}
	return m, nil
}

// nothingInCommon is the error of two sides without a point in common.
func nothingInCommon(before, after []record.Key) error {
	what, names := unlike(before, after)
	err := fmt.Errorf("the sides have no point in common: %s", strings.Join(what, ", "))
	if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(mayDiffer(), name) }) {
		return cmdline.WithHint(err, "measure the same loads of both")
	}
	return cmdline.WithHint(err, "--ignore "+strings.Join(names, ",")+" compares them anyway")
}

// report names the points that cannot be compared.
func (m matched) report(std *cmdline.Std) {
	const many = 20
	for _, what := range m.single[:min(many, len(m.single))] {
		std.Warnf("%s", what)
	}
	if more := len(m.single) - many; more > 0 {
		std.Warnf("and %d more points that only one side has", more)
	}
}
