package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// column is a column of the key, which distinguishes points.
type column struct {
	name string
	text func(record.Key) string
	// forget takes it out of a key; nil for those of the load: another load is
	// another point.
	forget func(*record.Key)
}

// columns are all but the run, which distinguishes the runs of a point.
var columns = []column{
	{"backend", func(k record.Key) string { return string(k.Backend) }, func(k *record.Key) { k.Backend = "" }},
	{"engine", func(k record.Key) string { return string(k.Engine) }, func(k *record.Key) { k.Engine = "" }},
	{"hardware", func(k record.Key) string { return string(k.Hardware) }, func(k *record.Key) { k.Hardware = "" }},
	{"speed", func(k record.Key) string { return fmt.Sprint(k.Speed) }, func(k *record.Key) { k.Speed = 0 }},
	{"model", func(k record.Key) string { return string(k.Model) }, func(k *record.Key) { k.Model = "" }},
	{"tp_size", func(k record.Key) string { return fmt.Sprint(k.TPSize) }, func(k *record.Key) { k.TPSize = 0 }},
	{"num_replicas", func(k record.Key) string { return fmt.Sprint(k.NumReplicas) }, func(k *record.Key) { k.NumReplicas = 0 }},
	{"max_ragged_batch_size", func(k record.Key) string { return fmt.Sprint(k.MaxRaggedBatchSize) }, func(k *record.Key) { k.MaxRaggedBatchSize = 0 }},
	{"num_clients", func(k record.Key) string { return fmt.Sprint(k.NumClients) }, nil},
	{"mean_prompt_length", func(k record.Key) string { return fmt.Sprint(k.MeanPromptLength) }, nil},
	{"mean_max_new_tokens", func(k record.Key) string { return fmt.Sprint(k.MeanMaxNewTokens) }, nil},
	{"rate_rps", func(k record.Key) string { return fmt.Sprint(k.RateRPS) }, nil},
}

// mayDiffer are the columns that --ignore takes.
func mayDiffer() []string {
	var names []string
	for _, c := range columns {
		if c.forget != nil {
			names = append(names, c.name)
		}
	}
	return names
}

// identity is what a point shares with that of the other side: its key but the
// run, the engine's version and what is ignored.
func (o options) identity(k record.Key) record.Key {
	name, _, _ := strings.Cut(string(k.Engine), " ")
	k.Run, k.Engine = "", record.Text(name)
	for _, c := range columns {
		if slices.Contains(o.ignore, c.name) {
			c.forget(&k)
		}
	}
	return k
}

// unlike lists the columns in which two sides' keys differ: with the values of
// both, and by name.
func unlike(before, after []record.Key) (what, names []string) {
	for _, c := range columns {
		if a, b := values(before, c), values(after, c); a != b {
			what = append(what, fmt.Sprintf("%s %s instead of %s", c.name, b, a))
			names = append(names, c.name)
		}
	}
	return what, names
}

// values lists what the keys have in a column.
func values(keys []record.Key, c column) string {
	all := map[string]bool{}
	for _, k := range keys {
		all[c.text(k)] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), " and ")
}

// describe names a point in one line for people.
func describe(k record.Key) string {
	parts := []string{string(k.Backend), string(k.Hardware), string(k.Model), fmt.Sprintf("tp_size %d", k.TPSize)}
	if k.Simulated() {
		parts[0] += " (simulated)"
	}
	if k.NumReplicas > 1 {
		parts = append(parts, fmt.Sprintf("num_replicas %d", k.NumReplicas))
	}
	parts = append(parts, fmt.Sprintf("prompt %d", k.MeanPromptLength), fmt.Sprintf("gen %d", k.MeanMaxNewTokens), load(k.LoadKey))
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func load(k record.LoadKey) string {
	switch {
	case k.RateRPS > 0:
		return fmt.Sprintf("%g queries/s", float64(k.RateRPS))
	case k.NumClients == 1:
		return "1 client"
	}
	return fmt.Sprintf("%d clients", k.NumClients)
}
