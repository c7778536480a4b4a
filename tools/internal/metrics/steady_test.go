package metrics

import (
	"math"
	"testing"

	"fastgenbench/tools/internal/record"
)

// Two clients, the second of which begins at 1 s and ends last: both are at
// work from 1 s to 7 s, and three requests end well in that time.
func TestSteadyWindowIsWhereAllClientsWork(t *testing.T) {
	rows := []record.Request{
		steadyRow(0, 0, 2), steadyRow(0, 2, 3), steadyRow(0, 5, 2),
		steadyRow(1, 1, 4), steadyRow(1, 5, 5),
	}
	rows[1].Status = record.Failed
	var s Summary
	for i, row := range rows {
		row.Request = record.CountOf(i)
		s.Add(row)
	}
	got := s.Rows()[0]
	if got.SteadyS.Float() != 6 || got.SteadyRPS.Float() != 0.5 {
		t.Errorf("steady for %v at %v, want 6 s at 0.5/s", got.SteadyS, got.SteadyRPS)
	}
	if got.PauseMaxS.Float() != 0.25 || math.Abs(got.ClientCPU.Float()-0.5) > 1e-9 {
		t.Errorf("longest pause %v, share of the processors %v", got.PauseMaxS, got.ClientCPU)
	}
}

func TestNoSteadyWindow(t *testing.T) {
	for name, rows := range map[string][]record.Request{
		"a client that never ran":              {steadyRow(0, 0, 2)},
		"clients that were not there together": {steadyRow(0, 0, 2), steadyRow(1, 3, 2)},
	} {
		var s Summary
		for i, row := range rows {
			row.Request = record.CountOf(i)
			s.Add(row)
		}
		if got := s.Rows()[0]; got.SteadyS.Known() || got.SteadyRPS.Known() {
			t.Errorf("%s: steady for %v at %v", name, got.SteadyS, got.SteadyRPS)
		}
	}
}

func steadyRow(client int, start, latency float64) record.Request {
	row := record.Request{Client: record.CountOf(client), StartS: record.InSeconds(start), LatencyS: record.InSeconds(latency),
		PauseS: record.InSeconds(0.25 * float64(client)), ClientCPU: record.RateOf(0.5), Status: record.OK}
	row.NumClients, row.Speed = 2, 1
	return row
}
