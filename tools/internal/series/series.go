package series

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Series are the rows of one curve, sorted by load.
type Series[T any] struct {
	ID
	Rows []T
	// Repeated rows stand on the place of another one that is drawn.
	Repeated []T
}

// Splitter says what of a row matters for parting it from others.
type Splitter[T any] struct {
	Key func(T) record.Key
	// Place names the point of a curve: "8 clients". A curve has one row a place.
	Place func(T) string
	// Part, when given, always parts series and is part of their names.
	Part func(T) string
}

// splits are what parts rows that fall on one place, the first one first.
var splits = []struct {
	of      func(record.ServerKey) string
	unknown string
}{
	{func(k record.ServerKey) string { return string(k.Engine) }, "unknown engine"},
	{func(k record.ServerKey) string { return string(k.Hardware) }, "unknown hardware"},
	{func(k record.ServerKey) string { return fmt.Sprintf("speed %g", float64(k.Speed)) }, ""},
	{func(k record.ServerKey) string { return string(k.Run) }, "unnamed run"},
}

// Split parts the rows of a figure into series: by backend; by the workload,
// where it is not plain draws; by the runs' labels, where there are several; and, only where two rows would fall on the
// same place, by engine, then hardware, then speed, then run.
func (s Splitter[T]) Split(rows []T) []Series[T] {
	type id struct {
		engine                string
		role                  Role
		workload, label, part string
	}
	keys := make([]record.ServerKey, len(rows))
	for i, row := range rows {
		keys[i] = s.Key(row).ServerKey
	}
	byLabel := labelled(keys)
	groups := groupBy(rows, func(row T) id {
		k, load := s.Key(row).ServerKey, s.Key(row).LoadKey
		var this id
		this.engine, this.role = engineOf(k)
		this.workload = string(load.Workload)
		if byLabel && this.role != Published {
			this.label = labelOf(k)
		}
		if s.Part != nil {
			this.part = s.Part(row)
		}
		return this
	})
	slices.SortStableFunc(groups, func(a, b group[id, T]) int {
		return cmp.Or(cmp.Compare(a.id.role, b.id.role), cmp.Compare(rank(a.id.engine), rank(b.id.engine)),
			cmp.Compare(len(a.id.part), len(b.id.part)), cmp.Compare(a.id.part, b.id.part)) // TP 2 before TP 16
	})
	var all []Series[T]
	for _, g := range groups {
		id := ID{Engine: g.id.engine, Role: g.id.role, Suffix: join(g.id.part, g.id.workload, g.id.label)}
		for _, one := range s.part(Series[T]{ID: id, Rows: g.rows}, 0) {
			one.Variant = variant(all, one)
			all = append(all, s.settle(one))
		}
	}
	return all
}

// part splits one series by the first of the remaining splits that parts its
// rows, and what comes of it again, until each has one row a place.
func (s Splitter[T]) part(one Series[T], next int) []Series[T] {
	if next == len(splits) || !s.crowded(one.Rows) {
		return []Series[T]{one}
	}
	split := splits[next]
	groups := groupBy(one.Rows, func(row T) string { return split.of(s.Key(row).ServerKey) })
	if len(groups) == 1 {
		return s.part(one, next+1)
	}
	var parts []Series[T]
	for _, g := range groups {
		half := one
		half.Suffix, half.Rows = join(one.Suffix, cmp.Or(g.id, split.unknown)), g.rows
		parts = append(parts, s.part(half, next+1)...)
	}
	return parts
}

// crowded reports whether two rows fall on the same place.
func (s Splitter[T]) crowded(rows []T) bool {
	return len(groupBy(rows, s.Place)) < len(rows)
}

// settle sorts the rows by load and takes out those that repeat a place.
func (s Splitter[T]) settle(one Series[T]) Series[T] {
	var rows []T
	for _, g := range groupBy(one.Rows, s.Place) {
		rows = append(rows, g.rows[0])
		one.Repeated = append(one.Repeated, g.rows[1:]...)
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		k, l := s.Key(a), s.Key(b)
		return cmp.Or(cmp.Compare(k.RateRPS, l.RateRPS), cmp.Compare(k.NumClients, l.NumClients), cmp.Compare(k.NumReplicas, l.NumReplicas))
	})
	one.Rows = rows
	return one
}

// Common keeps the places that every series has, as the original suite does,
// and names the others.
func (s Splitter[T]) Common(all []Series[T]) (kept []Series[T], left []string) {
	count := make(map[string]int)
	var places []string
	for _, one := range all {
		for _, row := range one.Rows {
			place := s.Place(row)
			if count[place]++; count[place] == 1 {
				places = append(places, place)
			}
		}
	}
	for _, one := range all {
		one.Rows = slices.DeleteFunc(slices.Clone(one.Rows), func(row T) bool { return count[s.Place(row)] < len(all) })
		kept = append(kept, one)
	}
	return kept, slices.DeleteFunc(places, func(place string) bool { return count[place] == len(all) })
}

func variant[T any](all []Series[T], one Series[T]) int {
	n := 0
	for _, other := range all {
		if other.Engine == one.Engine && other.Role == one.Role {
			n++
		}
	}
	return n
}

type group[K comparable, T any] struct {
	id   K
	rows []T
}

// groupBy gathers rows of one id, in the order of first appearance.
func groupBy[K comparable, T any](rows []T, id func(T) K) []group[K, T] {
	var groups []group[K, T]
	index := make(map[K]int)
	for _, row := range rows {
		k := id(row)
		i, known := index[k]
		if !known {
			i = len(groups)
			index[k] = i
			groups = append(groups, group[K, T]{id: k})
		}
		groups[i].rows = append(groups[i].rows, row)
	}
	return groups
}

// join writes "vLLM, TP 4, new": the parts that are not empty.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}
