package exchange

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// read reads a file of testdata and fails where anything is left out.
func read(t *testing.T, name string, key record.Key) []Point {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	points, dropped, err := Read(bytes.NewReader(text), Asked{Key: key}, func(s string) { t.Errorf("%s: %s", name, s) })
	if err != nil || dropped > 0 {
		t.Fatalf("%s: %d left out, %v", name, dropped, err)
	}
	return points
}

// rows are points as cells: the requests of each, or its summary.
func rows(t *testing.T, points []Point) string {
	t.Helper()
	var out bytes.Buffer
	requests, summaries := csvio.NewWriter[record.Request](&out), csvio.NewWriter[record.Summary](&out)
	for _, p := range points {
		for _, r := range p.Requests {
			if err := requests.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if len(p.Requests) > 0 {
			continue
		}
		if err := summaries.Write(p.Summary); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// The rows of each format; UPDATE_GOLDEN=1 writes them anew.
func TestGolden(t *testing.T) {
	for name, key := range map[string]record.Key{
		"vllm-python.json": {}, "vllm-rust.json": {ServerKey: record.ServerKey{Hardware: "H100", TPSize: 1, NumReplicas: 1}},
		"sglang.jsonl": {ServerKey: record.ServerKey{Model: "some/model"}}, "aiperf.json": {}, "fastgen.json": {}, "fastgen-openai.json": {},
		"aiperf.jsonl": {ServerKey: record.ServerKey{Model: "some/model", Backend: "sim-vllm"}, LoadKey: record.LoadKey{NumClients: 2}},
	} {
		got, golden := rows(t, read(t, name, key)), filepath.Join("testdata", name+".csv")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || got != string(want) {
			t.Errorf("%s became\n%s\nwant\n%s", name, got, want)
		}
	}
}

// What the requests of vLLM's file come to is what the file itself states.
func TestFiguresAreThoseOfTheFile(t *testing.T) {
	for _, name := range []string{"vllm-python.json", "vllm-rust.json"} {
		p := read(t, name, record.Key{})[0]
		var fold metrics.Details
		for _, r := range p.Requests {
			fold.Add(r)
		}
		ours := fold.Rows()[0].Summary
		for figure, pair := range map[string][2]record.Seconds{
			"mean TTFT": {ours.TTFTMeanS, p.Summary.TTFTMeanS}, "median TTFT": {ours.TTFTP50S, p.Summary.TTFTP50S}, "p99 TTFT": {ours.TTFTP99S, p.Summary.TTFTP99S},
			"mean TPOT": {ours.TPOTMeanS, p.Summary.TPOTMeanS}, "median TPOT": {ours.TPOTP50S, p.Summary.TPOTP50S}, "p99 TPOT": {ours.TPOTP99S, p.Summary.TPOTP99S},
			"mean latency": {ours.LatencyMeanS, p.Summary.LatencyMeanS}, "p99 latency": {ours.LatencyP99S, p.Summary.LatencyP99S},
			"throughput": {record.InSeconds(ours.ThroughputRPS.Float()), record.InSeconds(p.Summary.ThroughputRPS.Float())},
		} {
			got, want := cell(t, pair[0]), cell(t, pair[1])
			if got != want {
				t.Errorf("%s: %s is %s, the file says %s", name, figure, got, want)
			}
		}
		if !strings.Contains(string(ours.Doubt), "bench serve: how late it read is unknown") {
			t.Errorf("%s: doubt %q", name, ours.Doubt)
		}
	}
}

// The original's figures by its own definitions: latency is the mean of end -
// start, throughput clients / latency, the first token latency the mean of the
// first times, and the token latency that of all but each request's first and last.
func TestFiguresOfTheOriginal(t *testing.T) {
	var fold metrics.Details
	for _, r := range read(t, "fastgen.json", record.Key{})[0].Requests {
		fold.Add(r)
	}
	s := fold.Rows()[0].Summary
	for figure, pair := range map[string][2]float64{
		"latency": {s.LatencyMeanS.Float(), (1 + 1) / 2.}, "throughput": {s.ThroughputRPS.Float(), 2 / 1.},
		"first token": {s.TTFTMeanS.Float(), 0.5}, "token": {s.GapMeanS.Float(), (0.125 + 0.125 + 0.25) / 3},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			t.Errorf("%s is %v, want %v", figure, pair[0], pair[1])
		}
	}
}

func cell(t *testing.T, s record.Seconds) string {
	t.Helper()
	text, err := s.MarshalCSV()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What is not valid is reported with its place, and the rest is read.
func TestFaultsHaveAPlace(t *testing.T) {
	python, err := os.ReadFile("testdata/vllm-python.json")
	if err != nil {
		t.Fatal(err)
	}
	fastgen, err := os.ReadFile("testdata/fastgen.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text          []byte
		old, new      string
		want          string
		left, dropped int
	}{
		{python, `"ttfts": [0.25`, `"ttfts": [-0.25`, "document 1: ttfts[0]: -0.25 is not between 0 and", 0, 1},
		{python, `"ttfts": [0.25`, `"ttfts": ["0.25"`, "document 1: ttfts[0]: 0.25 is not a number", 0, 1},
		{python, `[0.125, 0.25]`, `[0.125, null, true]`, "document 1: itls[1][2]: true is not a number", 0, 1},
		{python, `"ttfts": [0.25, `, `"ttfts": [`, "document 1: ttfts has 3 entries, start_times 4", 0, 1},
		{python, `"latencies": [0.375`, `"latencies": [0.3`, "request 0: chunk_s lies between 0.25 and 0.375 s, outside of the latency of 0.3 s", 3, 1},
		{python, `"latencies": [0.375`, `"latencies": [null`, "request 0: start_s and latency_s must be known", 3, 1},
		{python, `"output_lens": [3`, `"output_lens": [2.5`, "document 1: output_lens[0]: 2.5 is not a count", 0, 1},
		{python, `"model_id": "some/model"`, `"model_id": null`, "point 1: the file does not name the model: give --model", 0, 1},
		{python, `"mean_ttft_ms": 291.6666666666667`, `"mean_ttft_ms": 1e15`, "document 1: mean_ttft_ms: 1e+12 s are more than 300 years", 0, 1},
		{python, `"tensor_parallel_size": "2"`, `"tp_size": "two"`, `document 1: tp_size: "two" is not a count`, 0, 1},
		{python, `"duration": 2.5`, `"duration": {}`, "document 1: duration: map[] is not a number", 0, 1},
		{python, `{"date"`, `{"a": 1} {"date"`, "document 1: its keys are those of none of vllm, sglang,", 4, 1},
		{python, `"rtfx"`, `"rtfx"]`, "line 1: not JSON: invalid character ']'", 0, 0},
		{fastgen, `"end_time": 1772600002.0`, `"end_time": 1772600000.0`, "point 1, request 0: latency_s -1 is not between 0 and 1e+10", 1, 1},
		{fastgen, `[0.5, 0.125`, `[7.5, 0.125`, "request 0: chunk_s lies between", 1, 1},
	} {
		text := bytes.Replace(c.text, []byte(c.old), []byte(c.new), 1)
		var told []string
		points, dropped, err := Read(bytes.NewReader(text), Asked{}, func(s string) { told = append(told, s) })
		if err != nil {
			told = append(told, err.Error())
		}
		left := 0
		for _, p := range points {
			left += len(p.Requests)
		}
		if all := strings.Join(told, "\n"); !strings.Contains(all, c.want) || left != c.left || dropped != c.dropped {
			t.Errorf("%s: %d requests, %d left out, told %q, want %q", c.new, left, dropped, all, c.want)
		}
	}
}

// One document, one after the other, and a list are all read; the documents in
// front of a fault are good.
func TestSeveralDocuments(t *testing.T) {
	rust, err := os.ReadFile("testdata/vllm-rust.json")
	if err != nil {
		t.Fatal(err)
	}
	one := strings.TrimSpace(string(rust))
	for text, want := range map[string]int{one: 1, one + "\n" + one: 2, one + one: 2, "[" + one + "," + one + "]": 2, "\ufeff" + one: 1, one + "\n{": 1} {
		points, _, err := Read(strings.NewReader(text), Asked{}, func(string) {})
		if err != nil || len(points) != want {
			t.Errorf("%.30q...: %d points, %v", text, len(points), err)
		}
	}
	for _, text := range []string{"", " \n", "{", "run,backend\n", "\x89PNG"} {
		if points, _, err := Read(strings.NewReader(text), Asked{}, func(string) {}); err == nil {
			t.Errorf("%q: %d points", text, len(points))
		}
	}
}

// Whatever the bytes are, rows that come out are valid and can be written.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json*")
	if err != nil || len(files) < 7 {
		f.Fatal(files, err)
	}
	for _, path := range files {
		if text, err := os.ReadFile(path); err != nil {
			f.Fatal(err)
		} else if !strings.HasSuffix(path, ".csv") {
			f.Add(text, "")
		}
	}
	for _, text := range []string{" ", `00"`, `{"unknown":{},"":1,"0":0}`} {
		f.Add([]byte(text), "unknown")
	}
	names, _ := Formats()
	for _, name := range names {
		f.Add([]byte(`{"metrics": {"a": {"value": [1, -1, NaN]}}, "completed": 1e300, "duration": 0}`), name)
	}
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		points, dropped, err := Read(bytes.NewReader(text), Asked{Format: name, Key: record.Key{ServerKey: record.ServerKey{Backend: "b", Model: "m"}}}, func(string) {})
		if err != nil {
			return
		}
		if dropped < 0 {
			t.Errorf("%d left out", dropped)
		}
		rows(t, points)
		for _, p := range points {
			for _, r := range p.Requests {
				if err := r.Validate(); err != nil {
					t.Error(err)
				}
			}
			if p.Stated && p.Summary.Validate() != nil {
				t.Error(p.Summary.Validate())
			}
		}
	})
}
