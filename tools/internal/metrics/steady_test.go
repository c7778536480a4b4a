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
		row.Request = i
		s.Add(row)
	}
	got := s.Rows()[0]
	if got.SteadyS != 6 || got.SteadyRPS != 0.5 {
		t.Errorf("steady for %v s at %v/s, want 6 s at 0.5/s", got.SteadyS, got.SteadyRPS)
	}
	if got.PauseMaxS != 0.25 || math.Abs(float64(got.ClientCPU)-0.5) > 1e-9 {
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
			row.Request = i
			s.Add(row)
		}
		if got := s.Rows()[0]; got.SteadyS.Known() || got.SteadyRPS.Known() {
			t.Errorf("%s: steady for %v s at %v/s", name, got.SteadyS, got.SteadyRPS)
		}
	}
}

func steadyRow(client int, start, latency record.Seconds) record.Request {
	row := record.Request{Client: client, DueS: record.NoSeconds(), StartS: start, LatencyS: latency,
		PauseS: 0.25 * record.Seconds(client), ClientCPU: 0.5, LagS: record.NoSeconds(), ConnectS: record.NoSeconds(), Status: record.OK}
	row.NumClients = 2
	return row
}
