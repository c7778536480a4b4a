package metrics

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// trend is of requests that start once a second and take so long.
func trend(n int, latency func(i int) float64) *Trend {
	t := &Trend{}
	for i := range n {
		t.Add(record.Request{StartS: record.InSeconds(float64((i * 7) % n)), LatencyS: record.InSeconds(latency((i * 7) % n)), Status: record.OK})
	}
	return t
}

func TestTrend(t *testing.T) {
	rng := newRand()
	for name, c := range map[string]struct {
		trend *Trend
		want  string
	}{
		"even":               {trend(100, func(int) float64 { return 2 }), ""},
		"noise":              {trend(100, func(int) float64 { return 1 + rng.Float64() }), ""},
		"a ramp at first":    {trend(100, func(i int) float64 { return min(3, 1+float64(i)/10) }), ""},
		"a queue that grows": {trend(100, func(i int) float64 { return 1 + float64(i)/10 }), "latencies still rose: from 7.200 to 9.700 s"},
		"one that shrinks":   {trend(100, func(i int) float64 { return 11 - float64(i)/10 }), ""},
		"too short":          {trend(100, func(int) float64 { return 50 }), "requests were sent for only 2.0 mean latencies"},
		"nothing":            {&Trend{}, "requests were sent for only 0.0 mean latencies"},
		"one":                {trend(1, func(int) float64 { return 1 }), "requests were sent for only 0.0 mean latencies"},
	} {
		if got := c.trend.Unsteady(); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	grows := trend(100, func(i int) float64 { return 1 + float64(i)/10 })
	grows.Add(record.Request{StartS: record.InSeconds(1e6), LatencyS: record.InSeconds(0), Status: record.Cancelled})
	if got := grows.Unsteady(); got == "" {
		t.Error("a cancelled request counts")
	}
}
