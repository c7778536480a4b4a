package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Trouble is something that a reader of a point's figures has to know.
type Trouble struct {
	// Point names the point, What says what is wrong with it, and Cure what may
	// be done, if anything.
	Point, What, Cure string
	// Partial: rows were left out of figures, or some may have counted twice.
	Partial bool
}

func trouble(p *point, partial bool, what, cure string) Trouble {
	return Trouble{Point: pointName(p.key), What: what, Cure: cure, Partial: partial}
}

// Troubles lists what is wrong with the points, in their order.
func (p *Points) Troubles() []Trouble {
	points := p.sorted()
	troubles := mixedSettings(points)
	for _, one := range points {
		troubles = append(troubles, one.troubles()...)
	}
	return troubles
}

func (p *point) troubles() []Trouble {
	var list []Trouble
	add := func(partial bool, cure, format string, args ...any) {
		list = append(list, trouble(p, partial, fmt.Sprintf(format, args...), cure))
	}
	if p.copies > 0 {
		add(true, "", "rows that are there twice, and count once: %d", p.copies)
	}
	if p.repeated > 0 {
		add(true, "give each file a run of its own: a=first.csv b=second.csv",
			"rows with the request number of another row, which all count: %d", p.repeated)
	}
	if failed := len(p.requests) - len(p.ok); failed > 0 {
		add(false, "", "%d of %d requests did not end ok; figures are over the others", failed, len(p.requests))
	}
	if n := count(p.ok, request.unstreamed); n > 0 && count(p.ok, request.streamed) > 0 {
		add(true, "", "%d of %d requests were not streamed; ttft and gaps are without them", n, len(p.ok))
	}
	if p.limit != "" {
		add(false, "give loadgen more cores, or lower the load or the simulator's speed", "client-limited: %s", p.limit)
	}
	return list
}

func count(requests []request, is func(request) bool) int {
	n := 0
	for _, r := range requests {
		if is(r) {
			n++
		}
	}
	return n
}

// pointName names a point in one line for people.
func pointName(k record.Key) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, tp_size %d", k.Backend, k.Model, k.TPSize)
	if k.NumReplicas != 1 {
		fmt.Fprintf(&b, ", num_replicas %d", k.NumReplicas)
	}
	fmt.Fprintf(&b, ", prompt %d, gen %d, %d clients", k.MeanPromptLength, k.MeanMaxNewTokens, k.NumClients)
	if k.RateRPS != 0 {
		fmt.Fprintf(&b, ", rate %v", float64(k.RateRPS))
	}
	if k.Run != "" {
		fmt.Fprintf(&b, ", run %s", k.Run)
	}
	return b.String()
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
			troubles = append(troubles, trouble(mixed[0], false, "its rows have mixed settings, each has its own point: "+differences(mixed),
				"give each file a run of its own: a=first.csv b=second.csv"))
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
