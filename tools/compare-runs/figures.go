package main

import "slices"

// figure is a column of a summary that is compared, or of a goodput row.
type figure struct {
	name string
	of   func(measured) float64 // NaN where it is not known
	less bool                   // less is better
}

// figures are all that are compared, in the order in which they are written.
var figures = []figure{
	{"wall_rps", func(r measured) float64 { return r.WallRPS.Float() }, false},
	{"generated_tps", func(r measured) float64 { return r.GeneratedTPS.Float() }, false},
	{"latency_mean_s", func(r measured) float64 { return r.LatencyMeanS.Float() }, true},
	{"ttft_mean_s", func(r measured) float64 { return r.TTFTMeanS.Float() }, true},
	{"ttft_p99_s", func(r measured) float64 { return r.TTFTP99S.Float() }, true},
	{"tpot_mean_s", func(r measured) float64 { return r.TPOTMeanS.Float() }, true},
	{"gap_p50_s", func(r measured) float64 { return r.GapP50S.Float() }, true},
	{"gap_p99_s", func(r measured) float64 { return r.GapP99S.Float() }, true},
	{"effective_rps", func(r measured) float64 { return r.goodput.Float() }, false},
}

func figureNames() []string {
	var names []string
	for _, f := range figures {
		names = append(names, f.name)
	}
	return names
}

// deciding names the figures that decide the verdict on a pair: by default those
// that a run has. The rate of an open loop is that of its schedule.
func (o options) deciding(p pair) []string {
	if len(o.decide) > 0 {
		return o.decide
	}
	var names []string
	for _, one := range []struct {
		name string
		is   func(measured) bool
	}{
		{"wall_rps", func(r measured) bool { return r.ThroughputRPS.Known() }},
		{"ttft_mean_s", func(r measured) bool { return r.TTFTMeanS.Known() }},
		{"tpot_mean_s", func(r measured) bool { return r.TPOTMeanS.Known() }},
	} {
		if p.has(one.is) {
			names = append(names, one.name)
		}
	}
	if !slices.Contains(names, "ttft_mean_s") {
		names = append(names, "latency_mean_s")
	}
	if len(o.slo) > 0 {
		names = append(names, "effective_rps")
	}
	return names
}

func (p pair) has(known func(measured) bool) bool {
	return slices.ContainsFunc(p.before.runs, known) || slices.ContainsFunc(p.after.runs, known)
}
