package metrics

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// capped are requests of an open loop that were due together, under a cap.
func capped(places int, starts ...float64) (rows []record.Request) {
	for i, start := range starts {
		row := record.Request{Key: key(places), Client: record.CountOf(i % places), Request: record.CountOf(i),
			DueS: record.InSeconds(0), StartS: record.InSeconds(start), LatencyS: record.InSeconds(1), EndS: record.InSeconds(1),
			Attempts: record.CountOf(1), Clock: "kernel", Status: record.OK}
		row.RateRPS = 5
		rows = append(rows, row)
	}
	return rows
}

// What a request waits for the cap on concurrency is no fault of the client, and is
// told; what it waits beyond that is the client's.
func TestWaitForTheCapIsNoLateness(t *testing.T) {
	one := summaryOf(capped(2, 0, 0, 1, 1, 2, 2)...).Rows()[0]
	if one.Status != record.Complete || !strings.Contains(string(one.Doubt), "waited for one of 2 slots") {
		t.Errorf("status %s, doubt %q", one.Status, one.Doubt)
	}
	if got := one.SendDelayP99S.Float(); got != 2 {
		t.Errorf("send delay %v, the wait from the due time is 2", got)
	}
	late := summaryOf(capped(2, 0, 0, 1.5, 1.5, 3, 3)...).Rows()[0]
	if late.Status != record.ClientLimited {
		t.Errorf("requests left half a second after a place was free: status %s, doubt %q", late.Status, late.Doubt)
	}
}

// Users who think are not in flight, which is no fault of anybody's.
func TestUsersWhoThink(t *testing.T) {
	var rows []record.Request
	for turn := range 4 {
		row := record.Request{Key: key(1), Client: record.CountOf(0), Request: record.CountOf(turn), Session: "s", Turn: record.CountOf(turn + 1),
			StartS: record.InSeconds(float64(10 * turn)), LatencyS: record.InSeconds(1), Attempts: record.CountOf(1), Clock: "kernel", Status: record.OK}
		if turn > 0 {
			row.DueS = row.StartS
		}
		rows = append(rows, row)
	}
	got := summaryOf(rows...).Rows()[0]
	if got.Doubt != "" || got.ThroughputRPS.Known() || got.Status != record.Complete {
		t.Errorf("doubt %q, throughput %v, status %s", got.Doubt, got.ThroughputRPS, got.Status)
	}
	if !got.SteadyS.Known() {
		t.Error("one user is a closed loop, which has a steady window")
	}
}
