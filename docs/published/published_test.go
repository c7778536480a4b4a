package published

import (
	"math"
	"testing"
)

// Throughput is clients / mean latency in every figure; an effective
// throughput has its level, and nothing else has one.
func TestPoints(t *testing.T) {
	points, err := Points()
	if err != nil {
		t.Fatal(err)
	}
	if len(points) != 558 {
		t.Errorf("%d points", len(points))
	}
	for _, p := range points {
		switch latency, effective := !math.IsNaN(p.LatencyS), !math.IsNaN(p.EffectiveRPS); {
		case latency == effective:
			t.Errorf("%+v: latency or effective throughput, one of them", p)
		case latency && math.Abs(p.ThroughputRPS*p.LatencyS/float64(p.Clients)-1) > 0.004:
			t.Errorf("%+v: throughput x latency is not the number of clients", p)
		case effective != !math.IsNaN(p.SLAGenTPS):
			t.Errorf("%+v: a level without effective throughput, or the other way round", p)
		}
		if p.TP < 1 || p.Prompt < 1 || p.Gen < 1 || p.Hardware == "" || p.Model == "" || p.Backend == "" {
			t.Errorf("%+v: a cell is empty", p)
		}
	}
}

func TestPercentiles(t *testing.T) {
	list, err := TokenLatencies()
	if err != nil || len(list) != 2 {
		t.Errorf("%d percentiles, %v", len(list), err)
	}
	for _, p := range list {
		if !(p.P50 <= p.P90 && p.P90 <= p.P95) {
			t.Errorf("%+v: percentiles fall", p)
		}
	}
}
