package series

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// row is a point in short.
type row struct {
	backend, engine, hardware, run string
	speed                          float64
	clients                        int
}

func (r row) key() record.Key {
	k := record.Key{
		ServerKey: record.ServerKey{Run: record.Text(r.run), Backend: record.Text(r.backend), Engine: record.Text(r.engine),
			Hardware: record.Text(r.hardware), Speed: record.Ratio(max(r.speed, 1)), Model: "m/x", TPSize: 1, NumReplicas: 1},
		LoadKey: record.LoadKey{NumClients: r.clients},
	}
	return k
}

var splitter = Splitter[row]{Key: row.key, Place: func(r row) string { return fmt.Sprint(r.clients) }}

// told is a split in words: names and client counts.
func told(all []Series[row]) []string {
	var lines []string
	for _, s := range all {
		line := s.Name() + ":"
		for _, r := range s.Rows {
			line += fmt.Sprintf(" %d", r.clients)
		}
		if n := len(s.Repeated); n > 0 {
			line += fmt.Sprintf(" (%d repeated)", n)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestSplit(t *testing.T) {
	const day1, day2 = "2026-01-02T03:04:05Z", "20260103-040506"
	for name, c := range map[string]struct {
		rows []row
		want []string
	}{
		"nothing": {},
		"backends in the order of the table, loads sorted": {
			[]row{{backend: "other", clients: 1}, {backend: "published-vllm", clients: 1}, {backend: "sim-fastgen", clients: 2}, {backend: "vllm", clients: 8}, {backend: "vllm", clients: 2}, {backend: "fastgen", clients: 1}},
			[]string{"DeepSpeed-FastGen: 1", "vLLM: 2 8", "other: 1", "DeepSpeed-FastGen (simulated): 2", "vLLM (published): 1"},
		},
		"resumed sweep is one series": {
			[]row{{backend: "vllm", run: day1, engine: "vllm 1", clients: 1}, {backend: "vllm", run: day2, engine: "vllm 1", clients: 2}},
			[]string{"vLLM: 1 2"},
		},
		"another engine that meets no point does not part": {
			[]row{{backend: "vllm", engine: "vllm 1", clients: 1}, {backend: "vllm", engine: "vllm 2", clients: 2}},
			[]string{"vLLM: 1 2"},
		},
		"engines on one point part all": {
			[]row{{backend: "vllm", engine: "vllm 1", clients: 1}, {backend: "vllm", engine: "vllm 2", clients: 1}, {backend: "vllm", engine: "vllm 2", clients: 2}},
			[]string{"vLLM, vllm 1: 1", "vLLM, vllm 2: 1 2"},
		},
		"hardware before speed": {
			[]row{{backend: "vllm", hardware: "L4", speed: 1, clients: 1}, {backend: "vllm", hardware: "H200", speed: 2, clients: 1}, {backend: "vllm", clients: 1}},
			[]string{"vLLM, L4: 1", "vLLM, H200: 1", "vLLM, unknown hardware: 1"},
		},
		"engine, then speed": {
			[]row{{backend: "sim-vllm", engine: "a", speed: 1, clients: 1}, {backend: "sim-vllm", engine: "a", speed: 20, clients: 1}, {backend: "sim-vllm", engine: "b", clients: 1}},
			[]string{"vLLM (simulated), a, speed 1: 1", "vLLM (simulated), a, speed 20: 1", "vLLM (simulated), b: 1"},
		},
		"runs come last": {
			[]row{{backend: "vllm", run: day1, clients: 1}, {backend: "vllm", run: day2, clients: 1}},
			[]string{"vLLM, " + day1 + ": 1", "vLLM, " + day2 + ": 1"},
		},
		"labels part by themselves": {
			[]row{{backend: "vllm", run: "old", clients: 1}, {backend: "vllm", run: "new", clients: 2}, {backend: "vllm", run: day1, clients: 3}},
			[]string{"vLLM, old: 1", "vLLM, new: 2", "vLLM: 3"},
		},
		"one label says nothing": {
			[]row{{backend: "vllm", run: "exp", clients: 1}, {backend: "fastgen", run: "exp", clients: 1}, {backend: "published-vllm", run: "fig8", clients: 1}},
			[]string{"DeepSpeed-FastGen: 1", "vLLM: 1", "vLLM (published): 1"},
		},
		"simulated by its engine": {
			[]row{{backend: "openai", engine: "sim-engine 1", clients: 1}, {backend: "openai", engine: "gpt", clients: 1}},
			[]string{"OpenAI: 1", "OpenAI (simulated): 1"},
		},
		"the same row twice": {
			[]row{{backend: "vllm", clients: 1}, {backend: "vllm", clients: 1}, {backend: "vllm", clients: 2}},
			[]string{"vLLM: 1 2 (1 repeated)"},
		},
	} {
		if got := told(splitter.Split(c.rows)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

// No row is lost or doubled, names are unique, no series has a place twice.
func TestSplitLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	for range 2000 {
		var rows []row
		for range rng.IntN(20) {
			rows = append(rows, row{pick("vllm", "sim-vllm", "published-vllm", "x"), pick("", "e1"), pick("L4", "H200"), pick("old", "new", "2026-01-01"), 1 + float64(rng.IntN(2)), rng.IntN(3)})
		}
		all := splitter.Split(rows)
		names, n := make(map[string]bool), 0
		for _, s := range all {
			places := make(map[int]bool)
			for _, r := range s.Rows {
				if places[r.clients] {
					t.Fatalf("%s has two rows at %d clients", s.Name(), r.clients)
				}
				places[r.clients] = true
			}
			if names[s.Name()] {
				t.Fatalf("two series are called %s in %q", s.Name(), told(all))
			}
			names[s.Name()] = true
			n += len(s.Rows) + len(s.Repeated)
		}
		if n != len(rows) {
			t.Fatalf("%d rows came out of %d: %q", n, len(rows), told(all))
		}
	}
}

func TestPart(t *testing.T) {
	by := splitter
	by.Part = func(r row) string { return r.hardware }
	rows := []row{{backend: "vllm", hardware: "TP 16", clients: 1}, {backend: "vllm", hardware: "TP 2", clients: 2}}
	if got, want := told(by.Split(rows)), []string{"vLLM, TP 2: 2", "vLLM, TP 16: 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestCommon(t *testing.T) {
	rows := []row{{backend: "vllm", clients: 1}, {backend: "vllm", clients: 2}, {backend: "vllm", clients: 4}, {backend: "fastgen", clients: 2}, {backend: "fastgen", clients: 4}, {backend: "fastgen", clients: 8}}
	kept, left := splitter.Common(splitter.Split(rows))
	if got, want := told(kept), []string{"DeepSpeed-FastGen: 2 4", "vLLM: 2 4"}; !slices.Equal(got, want) {
		t.Errorf("kept %q", got)
	}
	if strings.Join(left, " ") != "8 1" {
		t.Errorf("left %q", left)
	}
}

func TestRenamedStaysSimulated(t *testing.T) {
	id := ID{Engine: "vllm", Role: Simulated, Suffix: "old"}
	if got := id.Renamed("Ours"); got != "Ours (simulated), old" || id.Backend() != "sim-vllm" {
		t.Errorf("renamed %q, backend %q", got, id.Backend())
	}
}

func TestPanels(t *testing.T) {
	type point struct {
		batch, tp int
		level     string
	}
	rows := []point{{768, 1, "a"}, {768, 2, "a"}, {0, 1, "a"}, {512, 1, "a"}, {768, 1, "b"}, {0, 4, "a"}, {768, 1, "a"}}
	config := func(p point) Config { return Config{MaxRaggedBatchSize: p.batch, TPSize: p.tp} }
	var got [][]point
	for _, p := range Panels(rows, config, func(p point) string { return p.level }) {
		got = append(got, p.Rows)
	}
	want := [][]point{
		{{768, 1, "a"}, {0, 1, "a"}, {768, 1, "a"}}, // an unknown batch size goes with each known one
		{{768, 2, "a"}},
		{{0, 1, "a"}, {512, 1, "a"}},
		{{768, 1, "b"}},
		{{0, 4, "a"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestConfig(t *testing.T) {
	c := Config{Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 2, MeanPromptLength: 2600, MeanMaxNewTokens: 60, OpenLoop: true}
	if got := c.Title(); got != "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60, TP: 1, Replicas: 2, open loop" {
		t.Errorf("title %q", got)
	}
	for model, want := range map[string]string{"a/b/c": "c", "c": "c", "a/c/": "c", "/": ""} {
		if got := (Config{Model: model}).ModelName(); got != want {
			t.Errorf("%q is called %q, want %q", model, got, want)
		}
	}
}

// Models with the same last part get as many parts as tell them apart; the
// others keep the short name.
func TestPanelsHaveTitlesThatDiffer(t *testing.T) {
	models := []string{"/ckpt/step-1000/model", "/ckpt/step-2000/model", "a/x", "a/x/", "model", "/b/ckpt/step-2000/model", "org/Llama-2-7b"}
	want := []string{"step-1000/model", "/ckpt/step-2000/model", "a/x", "a/x/", "model", "b/ckpt/step-2000/model", "Llama-2-7b"}
	var got []string
	panels := Panels(models, func(m string) Config { return Config{Model: m} }, func(string) int { return 0 })
	for _, p := range panels {
		got = append(got, p.ModelName())
	}
	if !slices.Equal(got, want) {
		t.Errorf("names %q\nwant  %q", got, want)
	}
	batches := []int{768, 512, 0}
	for i, p := range Panels(batches, func(n int) Config { return Config{Model: "m", MaxRaggedBatchSize: n} }, func(int) int { return 0 }) {
		if want := fmt.Sprintf(", Batch: %d", batches[i]); !strings.HasSuffix(p.Title(), want) {
			t.Errorf("title %q does not end with %q", p.Title(), want)
		}
	}
}

func FuzzShortNames(f *testing.F) {
	f.Add("/a/b", "b")
	f.Add("a/b/", "a/b")
	f.Add("", "/")
	f.Fuzz(func(t *testing.T, a, b string) {
		names := shortNames([]string{a, b})
		if a != b && names[a] == names[b] {
			t.Errorf("%q and %q are both called %q", a, b, names[a])
		}
	})
}

// Points of different workloads are different curves, which say so.
func TestWorkloadsAreSeriesOfTheirOwn(t *testing.T) {
	var rows []record.Key
	for _, workload := range []string{"", "chat.jsonl"} {
		for _, clients := range []int{1, 2} {
			rows = append(rows, record.Key{ServerKey: record.ServerKey{Backend: "vllm", Speed: 1},
				LoadKey: record.LoadKey{NumClients: clients, Workload: record.Text(workload)}})
		}
	}
	split := Splitter[record.Key]{Key: func(k record.Key) record.Key { return k }, Place: func(k record.Key) string { return fmt.Sprint(k.NumClients) }}
	all := split.Split(rows)
	if len(all) != 2 || all[0].Name() != "vLLM" || all[1].Name() != "vLLM, chat.jsonl" || len(all[1].Rows) != 2 {
		t.Errorf("%d series: %+v", len(all), all)
	}
}

func TestRepeats(t *testing.T) {
	rows := []row{
		{backend: "vllm", run: "old.1", clients: 1}, {backend: "vllm", run: "old.1", clients: 2}, {backend: "vllm", run: "old.2", clients: 1},
		{backend: "vllm", run: "old.10", clients: 1}, {backend: "vllm", run: "old.2", clients: 1}, // repeats a place
		{backend: "vllm", run: "v0.11", clients: 1}, {backend: "vllm", run: "new.1", engine: "a", clients: 1}, {backend: "vllm", run: "new.2", engine: "b", clients: 1},
		{backend: "vllm", run: ".1", clients: 1}, {backend: "vllm", run: "x.", clients: 1},
	}
	var got []string
	for _, b := range Repeats(rows, row.key, func(r row) string { return fmt.Sprint(r.clients) }) {
		line := string(b.Key.Run) + ":"
		for _, r := range b.Rows {
			line += " " + r.run
		}
		got = append(got, line)
	}
	want := []string{"old: old.1 old.2 old.10", "old: old.1", "old: old.2", "v0.11: v0.11", "new: new.1", "new: new.2", ".1: .1", "x.: x."}
	if !slices.Equal(got, want) {
		t.Errorf("bundles\n%q\nwant\n%q", got, want)
	}
}

// The turns of sessions have one key; each of them is repeated by itself.
func TestRepeatsOfPlaces(t *testing.T) {
	rows := []row{{run: "a.1", engine: "turn 1"}, {run: "a.1", engine: "turn 2"}, {run: "a.2", engine: "turn 1"}, {run: "a.2", engine: "turn 2"}}
	all := Repeats(rows, func(r row) record.Key { return record.Key{ServerKey: record.ServerKey{Run: record.Text(r.run)}} },
		func(r row) string { return r.engine })
	if len(all) != 2 || len(all[0].Rows) != 2 || len(all[1].Rows) != 2 || all[1].Rows[1].engine != "turn 2" {
		t.Errorf("%+v", all)
	}
}
