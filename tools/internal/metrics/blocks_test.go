package metrics

import (
	"testing"

	"fastgenbench/tools/internal/record"
)

// The blocks of a point are its requests, in the order of their starts.
func TestBlocks(t *testing.T) {
	level, err := ParseSLO("ttft:150")
	if err != nil {
		t.Fatal(err)
	}
	rows := loop(2, 43, 200, func(i int, r *record.Request) {
		if i >= 40 {
			r.Status = record.Failed
		}
	})
	s := summaryOf(shuffled(newRand(), rows)...)
	blocks := s.Blocks(key(2))
	if len(blocks) != 10 {
		t.Fatalf("%d blocks of 43 requests of 2 clients", len(blocks))
	}
	for i, b := range blocks {
		if b.Requests != 4 || b.OK != 4 || b.Key != key(2) || b.LatencyMeanS != record.InSeconds(0.28) || b.WallRPS != record.RateOf(4/0.5602) {
			t.Errorf("block %d: %+v", i, b)
		}
	}
	g := Goodput{Points: s.Points, SLOs: []SLO{level}}
	for i, b := range g.Blocks(key(2)) {
		if b.EffectiveRPS != blocks[i].WallRPS || b.Good.Int() != 4 {
			t.Errorf("block %d: %+v", i, b)
		}
	}
	if few := summaryOf(loop(8, 31, 200, nil)...); few.Blocks(key(8)) != nil || few.Blocks(key(3)) != nil {
		t.Error("blocks of too few requests, or of a point that is not there")
	}
}
