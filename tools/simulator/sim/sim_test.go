package sim

import (
	"math"
	"math/rand/v2"
	"testing"
)

func config(t testing.TB, policy string) Config {
	t.Helper()
	model, err := LookupModel("llama-2-7b-hf")
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := LookupGPU("a6000")
	if err != nil {
		t.Fatal(err)
	}
	return Config{Model: model, Hardware: gpu, TP: 1, Policy: policy}
}

// Every policy, with a cache too small for its load: each token comes once and
// in order, the cache never overflows, the budget holds, nothing is left over.
func TestConservation(t *testing.T) {
	for _, policy := range Policies() {
		for seed := range uint64(20) {
			cfg := config(t, policy)
			cfg.Hardware.GB = 17 // about 4,000 tokens beside the weights
			checkConservation(t, cfg, seed)
			if cfg.PrefixCache = CachesPrefixes(policy); cfg.PrefixCache {
				checkConservation(t, cfg, seed)
			}
		}
	}
}

// The scheduler knows of a request request_s after its arrival, whatever it does then;
// while it knows of none, a step waits.
func TestRequestsAreKnownLater(t *testing.T) {
	cfg := config(t, "fastgen")
	calibration, err := DefaultCalibration(cfg.Hardware, cfg.Policy)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Calibration = calibration
	cfg.Calibration.RequestS = 0.01
	engine, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for id, arrived := range []float64{0, 1, 1.001, 1.002} {
		if err := engine.Submit(arrived, int64(id), 10, 2, nil); err != nil {
			t.Fatal(err)
		}
	}
	engine.Abort(3)
	if s := engine.Stats(); s.Waiting != 3 || s.Steps != 0 {
		t.Errorf("%+v", s)
	}
	for _, want := range []struct {
		at        float64
		sequences int
		wait      float64
	}{{0, 0, 0.01}, {0.01, 1, 0}, {0.5, 1, 0}, {1, 0, 0.01}, {1.01, 1, 0}, {1.0111, 2, 0}, {1.5, 1, 0}} {
		step, busy := engine.Step(want.at)
		if !busy || step.Sequences != want.sequences || want.wait > 0 && !(math.Abs(step.Duration-want.wait) < 1e-12) {
			t.Errorf("at %v: %+v, %v; want %d sequences or a wait of %v", want.at, step, busy, want.sequences, want.wait)
		}
	}
	if _, busy := engine.Step(2); busy || engine.Stats().Steps != 5 {
		t.Errorf("a step of nothing, or %+v", engine.Stats())
	}
}

func checkConservation(t *testing.T, cfg Config, seed uint64) {
	t.Helper()
	engine, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	next, limit := map[int64]int{}, map[int64]int{}
	submit := func(id int64) {
		prompt, length := 1+rng.IntN(1500), 1+rng.IntN(200)
		if err := engine.Submit(0, id, prompt, length, from(tokens(int(id%3), prompt), id)); err != nil {
			t.Fatal(err)
		}
		next[id], limit[id] = 0, length
	}
	sent := int64(0)
	for ; sent < 20; sent++ {
		submit(sent)
	}
	for steps := 0; ; steps++ {
		if steps > 100000 {
			t.Fatalf("%s, seed %d: no end; %+v", cfg.Policy, seed, engine.Stats())
		}
		step, busy := engine.Step(0)
		if !busy {
			break
		}
		if step.BatchTokens > engine.Budget() || step.Duration <= 0 || step.Sequences > engine.cfg.MaxSeqs {
			t.Fatalf("%s, seed %d: %+v over the budget of %d", cfg.Policy, seed, step, engine.Budget())
		}
		if usage := engine.Stats().KVUsage; usage < 0 || usage > 1 {
			t.Fatalf("%s, seed %d: KV usage %v", cfg.Policy, seed, usage)
		}
		for _, token := range step.Tokens {
			if token.Index != next[token.ID] || token.Last != (token.Index == limit[token.ID]-1) {
				t.Fatalf("%s, seed %d: token %+v, want index %d of %d", cfg.Policy, seed, token, next[token.ID], limit[token.ID])
			}
			next[token.ID]++
			if token.Last && sent < 60 {
				submit(sent)
				sent++
			}
		}
		if steps%37 == 36 {
			engine.Abort(rng.Int64N(sent))
		}
	}
	if s := engine.Stats(); s.Running+s.Waiting != 0 || s.KVUsage != 0 || engine.kv.free() != engine.blocks || len(engine.byID) != 0 {
		t.Errorf("%s, seed %d: left over: %+v, %d sequences", cfg.Policy, seed, s, len(engine.byID))
	}
}

// Dynamic SplitFuse: a decode never waits for a prompt, and prompts fill the
// rest of the budget in order of arrival.
func TestSplitFuse(t *testing.T) {
	engine, err := New(Config{Model: config(t, "").Model, Hardware: config(t, "").Hardware, TP: 1, Policy: "fastgen", MaxBatchedTokens: 768})
	if err != nil {
		t.Fatal(err)
	}
	for id, prompt := range []int{700, 1000, 100} {
		if err := engine.Submit(0, int64(id), prompt, 5, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct {
		tokens int
		ids    []int64
	}{{768, []int64{0}}, {768, []int64{0}}, {1 + 165 + 100, []int64{0, 1, 2}}, {3, []int64{0, 1, 2}}} {
		step, _ := engine.Step(0)
		if step.BatchTokens != want.tokens || len(step.Tokens) != len(want.ids) {
			t.Fatalf("pass %d: %d tokens in, %v out; want %+v", i, step.BatchTokens, step.Tokens, want)
		}
		for j, id := range want.ids {
			if step.Tokens[j].ID != id {
				t.Errorf("pass %d: token %d is of request %d, want %d", i, j, step.Tokens[j].ID, id)
			}
		}
	}
}

// vLLM 0.2: decoding stands still while prompts are processed, whole.
func TestPrefillFirst(t *testing.T) {
	engine, err := New(config(t, "vllm-0.2"))
	if err != nil {
		t.Fatal(err)
	}
	for id, prompt := range []int{1000, 900, 2600} {
		if err := engine.Submit(0, int64(id), prompt, 5, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct{ tokens, out int }{{1900, 2}, {2600, 1}, {3, 3}} {
		step, _ := engine.Step(0)
		if step.BatchTokens != want.tokens || len(step.Tokens) != want.out {
			t.Errorf("pass %d: %d tokens in, %d out; want %+v", i, step.BatchTokens, len(step.Tokens), want)
		}
	}
}

func TestTensorParallelismPaysItsAllReduces(t *testing.T) {
	one, four := config(t, "fastgen"), config(t, "fastgen")
	one.Calibration, _ = DefaultCalibration(one.Hardware, "fastgen")
	four.Calibration = one.Calibration
	four.TP = 4
	b := batch{tokens: 768, reads: 768, pairs: 768 * 384, seqs: 1}
	t1, t4 := one.forwardSeconds(b), four.forwardSeconds(b)
	if t4 >= t1 || t4 <= t1/4 {
		t.Errorf("a pass takes %v on one GPU and %v on four", t1, t4)
	}
}

func TestRefusals(t *testing.T) {
	cfg := config(t, "fastgen")
	for name, change := range map[string]func(*Config){
		"policy": func(c *Config) { c.Policy = "orca" },
		"tp":     func(c *Config) { c.TP = 0 },
		"memory": func(c *Config) { c.Hardware.GB = 8 },
	} {
		bad := cfg
		change(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	engine, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]int{{0, 1}, {1, 0}, {4000, 97}} {
		if err := engine.Submit(0, 1, c[0], c[1], nil); err == nil {
			t.Errorf("a prompt of %d and %d new tokens passed", c[0], c[1])
		}
	}
	if _, err := LookupModel("gpt-5"); err == nil {
		t.Error("an unknown model was found")
	}
	if _, err := LookupGPU("TPU"); err == nil {
		t.Error("unknown hardware was found")
	}
}
