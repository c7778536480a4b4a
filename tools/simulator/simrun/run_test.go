package simrun

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simtest"
)

func run(t testing.TB, cfg sim.Config, replicas, clients, requests int, seed uint64, lengths prompt.Lengths) []record.Request {
	t.Helper()
	rows, err := Run(context.Background(), cfg, replicas, Load{Key: record.Key{LoadKey: record.LoadKey{NumClients: clients}},
		Requests: requests, Seed: seed, Size: func(i int) prompt.Size { return lengths.Draw(seed, i) }})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

var short = prompt.Lengths{MeanPrompt: 500, MeanNew: 30, PromptVar: 0.3, NewVar: 0.3, Context: 4096}

// same reports whether two runs saw the same times.
func same(a, b []record.Request) bool {
	return slices.EqualFunc(a, b, func(a, b record.Request) bool {
		return a.StartS == b.StartS && a.LatencyS == b.LatencyS && a.Client == b.Client && slices.Equal(a.ChunkS, b.ChunkS)
	})
}

func TestRunIsDeterminedByItsSeed(t *testing.T) {
	once := run(t, simtest.A6000(t, "fastgen"), 2, 8, 60, 7, short)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, processors := range []int{1, 4} {
		runtime.GOMAXPROCS(processors)
		if !same(once, run(t, simtest.A6000(t, "fastgen"), 2, 8, 60, 7, short)) {
			t.Errorf("%d processors: other times", processors)
		}
	}
	if other := run(t, simtest.A6000(t, "fastgen"), 2, 8, 60, 8, short); same(once, other) || other[0].StartS == once[0].StartS {
		t.Error("another seed made the same load")
	}
}

// A request that is more than the cache holds is an error, not a wait.
func TestARequestThatCannotBe(t *testing.T) {
	long := prompt.Lengths{MeanPrompt: 5000, MeanNew: 10}
	_, err := Run(context.Background(), simtest.A6000(t, "fastgen"), 1, Load{Key: record.Key{LoadKey: record.LoadKey{NumClients: 3}},
		Requests: 9, Size: func(i int) prompt.Size { return long.Draw(1, i) }})
	if err == nil {
		t.Error("no error")
	}
}

func TestAnInterruptedRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(ctx, simtest.A6000(t, "fastgen"), 1, Load{Key: record.Key{LoadKey: record.LoadKey{NumClients: 3}},
		Requests: 9, Size: func(i int) prompt.Size { return short.Draw(1, i) }})
	if err == nil {
		t.Error("the interrupt was not reported")
	}
}

// What is cancelled leaves the engine at once, whether its pass has begun or not.
func TestCancelled(t *testing.T) {
	engine, err := NewEngine(simtest.A6000(t, "fastgen"), 1)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]int{}
	for _, id := range []string{"a", "b", "c"} {
		engine.Send(&Request{ID: id, Size: prompt.Size{Prompt: 100, New: 3}, Token: func(float64, bool) { tokens[id]++ }})
	}
	step := lockstep.Step{Until: 0.001, Sent: 3}
	first, err := engine.Advance(context.Background(), step)
	if err != nil || first.Now != 0.001 || first.Ended != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	step = lockstep.Step{Until: 100, Sent: 3, Cancelled: []string{"a", "c", "d"}}
	last, err := engine.Advance(context.Background(), step)
	if err != nil || last.Ended != 3 || last.Now >= 1 || tokens["a"]+tokens["c"] != 0 || tokens["b"] != 3 {
		t.Errorf("%+v, %v, tokens %v", last, err, tokens)
	}
}
