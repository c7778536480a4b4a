package synth

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/workload"
)

var plan = Plan{
	Seed: 3, Sessions: 400, Arrivals: load.Arrivals{Rate: 2, Burstiness: 1}, Turns: 4, TurnsVar: 0.3, ThinkTime: 5,
	Lengths: prompt.Lengths{MeanPrompt: 200, MeanNew: 50, PromptVar: 0.5, NewVar: 0.5}, MaxPrompt: 4000,
	Prefixes: Prefixes{Length: 128, Number: 8, Zipf: true}, BlockSize: 64,
}

func made(t *testing.T, p Plan) (all []workload.Request, tally Tally) {
	t.Helper()
	tally, err := p.Make(func(r workload.Request) error {
		if err := r.Validate(); err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
		if err := r.CheckBlocks(p.BlockSize); err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
		all = append(all, r)
		return nil
	})
	if err != nil || tally.Requests != len(all) {
		t.Fatalf("%+v of %d, %v", tally, len(all), err)
	}
	return all, tally
}

// A turn's prompt is the prompt of the turn before, its answer, and something new.
func TestSessionsGrow(t *testing.T) {
	all, tally := made(t, plan)
	var before workload.Request
	sessions, thought := 0, 0.0
	seen := map[uint64]string{}
	for _, r := range all {
		if r.Session != before.Session {
			sessions++
			if !r.Timestamp.Known() || r.Delay.Known() || r.HashIDs[0] >= 16 {
				t.Fatalf("a session begins with %+v", r)
			}
		} else {
			if r.Timestamp.Known() || r.InputLength <= before.InputLength+before.OutputLength || !slices.Equal(r.HashIDs[:len(before.HashIDs)], before.HashIDs) {
				t.Fatalf("%+v follows %+v", r, before)
			}
			thought += r.Delay.Float()
		}
		for _, id := range r.HashIDs[2:] {
			if other, known := seen[id]; known && other != r.Session || id < 16 {
				t.Fatalf("block %d is in sessions %s and %s", id, other, r.Session)
			}
			seen[id] = r.Session
		}
		before = r
	}
	if n := len(all) - sessions; sessions != 400 || len(all) < 1400 || len(all) > 1650 || math.Abs(thought/float64(n)-5) > 0.5 || tally.Cut > 0 {
		t.Errorf("%d requests in %d sessions, %v s of thought in the mean, %+v", len(all), sessions, thought/float64(n), tally)
	}
}

func TestPlansFollowTheSeed(t *testing.T) {
	first, _ := made(t, plan)
	again, _ := made(t, plan)
	longer, other := plan, plan
	longer.Sessions, longer.Arrivals.Rate = 500, 0
	other.Seed = 4
	more, _ := made(t, longer)
	others, _ := made(t, other)
	if fmt.Sprint(first) != fmt.Sprint(again) || fmt.Sprint(first) == fmt.Sprint(others) {
		t.Error("the seed does not decide")
	}
	for i, r := range first {
		if r.Session != more[i].Session || r.InputLength != more[i].InputLength || !slices.Equal(r.HashIDs, more[i].HashIDs) || more[i].Timestamp.Known() {
			t.Fatalf("%+v in a longer plan is %+v", r, more[i])
		}
	}
}

func TestSessionsEndBeforeTheyAreTooLong(t *testing.T) {
	short := plan
	short.MaxPrompt = 500
	all, tally := made(t, short)
	longest := 0
	for _, r := range all {
		longest = max(longest, r.InputLength)
	}
	if longest > 500 || tally.Cut < 100 {
		t.Errorf("longest %d, %+v", longest, tally)
	}
}

func TestSingleRequestsHaveNoSession(t *testing.T) {
	single := Plan{Seed: 1, Sessions: 50, Turns: 1, Lengths: prompt.Lengths{MeanPrompt: 100, MeanNew: 5, Law: prompt.Fixed}, MaxPrompt: 1000, BlockSize: 512}
	all, _ := made(t, single)
	for i, r := range all {
		if r.Session != "" || r.Timestamp.Known() || r.InputLength != 100 || r.OutputLength != 5 || !slices.Equal(r.HashIDs, []uint64{uint64(i)}) {
			t.Fatalf("%+v", r)
		}
	}
}

func TestPopularityOfPrefixes(t *testing.T) {
	for zipf, want := range map[bool]float64{false: 1, true: 2} { // the first against the second
		p := plan
		p.Sessions, p.Turns, p.Prefixes.Zipf = 20000, 1, zipf
		counts := make([]float64, 8)
		all, _ := made(t, p)
		for _, r := range all {
			counts[r.HashIDs[0]/2]++
		}
		if ratio := counts[0] / counts[1]; math.Abs(ratio/want-1) > 0.12 || counts[7] == 0 {
			t.Errorf("zipf %v: %v", zipf, counts)
		}
	}
	if err := (Prefixes{Length: 1000}).Check(512); err == nil || !strings.HasSuffix(err.Error(), "1024 would be") {
		t.Error(err)
	}
}
