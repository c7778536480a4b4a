package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Troubles lists what is wrong with the points, in their order: for each point
// what its doubt says in short, and what is not a doubt of a figure.
func (p *Points) Troubles() []Trouble {
	points := p.sorted()
	troubles := mixedSettings(points)
	for _, one := range points {
		for _, f := range one.findings {
			troubles = append(troubles, f.of(one))
		}
	}
	return troubles
}

// mixedSettings finds points that differ in what no sweep varies: the engine,
// the hardware, the simulator's speed. Their rows belong to one point by
// everything that was asked for, and to several by what answered.
func mixedSettings(points []*point) []Trouble {
	same := map[record.Key][]*point{}
	for _, p := range points {
		asked := p.key
		asked.Engine, asked.Hardware, asked.Speed = "", "", 1
		same[asked] = append(same[asked], p)
	}
	var troubles []Trouble
	for _, key := range slices.SortedFunc(maps.Keys(same), compareKeys) {
		if mixed := same[key]; len(mixed) > 1 {
			troubles = append(troubles, finding{what: "its rows have mixed settings, each has its own point: " + differences(mixed),
				hint: "give each file a run of its own: a=first.csv b=second.csv"}.of(mixed[0]))
		}
	}
	return troubles
}

// differences names the columns in which the points differ, and their values.
func differences(points []*point) string {
	var columns []string
	for _, column := range []struct {
		name string
		of   func(record.Key) string
	}{
		{"engine", func(k record.Key) string { return string(k.Engine) }},
		{"hardware", func(k record.Key) string { return string(k.Hardware) }},
		{"speed", func(k record.Key) string { return fmt.Sprint(float64(k.Speed)) }},
	} {
		values := map[string]bool{}
		for _, p := range points {
			values[column.of(p.key)] = true
		}
		if len(values) > 1 {
			columns = append(columns, column.name+" "+strings.Join(slices.Sorted(maps.Keys(values)), ", "))
		}
	}
	return strings.Join(columns, "; ")
}
