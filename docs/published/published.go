// Package published holds published measurements of DeepSpeed-FastGen and
// vLLM as data: the CSV files beside it, which README.md explains.
package published

import (
	"bytes"
	_ "embed" // the CSV files are part of every binary that reads them
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
)

//go:embed curves.csv
var curvesCSV []byte

//go:embed percentiles.csv
var percentilesCSV []byte

// Config is what a figure's curve was measured with.
type Config struct {
	// Figure is the publication and the figure in it, "blog/figN-part".
	Figure string
	// Hardware is the number of GPUs and their name, such as 4xA100-80GB.
	Hardware string
	// Model is the short name in the figure, such as llama-2-70b.
	Model string
	// TP is the tensor-parallel size, Prompt and Gen the mean lengths in tokens.
	TP, Prompt, Gen int
	// Backend is fastgen or vllm, or in the FP6 figures fastgen-fp6 or fastgen-fp16.
	Backend string
}

// Point is one point of a curve. What is not plotted is NaN.
type Point struct {
	Config
	Clients int
	// ThroughputRPS is clients / mean latency, LatencyS that mean in seconds.
	ThroughputRPS, LatencyS float64
	// EffectiveRPS is the requests per second that keep the figure's service
	// level: TTFT as README.md says, and token gaps of SLAGenTPS tokens/s.
	EffectiveRPS, SLAGenTPS float64
}

// Percentiles are those of the token gaps of one point, in seconds.
type Percentiles struct {
	Config
	Clients       int
	P50, P90, P95 float64
}

// Points returns all points of the curves, in the order of the file.
func Points() ([]Point, error) {
	var points []Point
	err := read("curves.csv", curvesCSV, func(c *cells) {
		points = append(points, Point{
			Config: c.config(), Clients: c.whole("clients"),
			ThroughputRPS: c.number("throughput_rps"), LatencyS: c.number("latency_s"), EffectiveRPS: c.number("effective_rps"),
			SLAGenTPS: c.number("sla_gen_tps"),
		})
	})
	return points, err
}

// TokenLatencies returns the published percentiles.
func TokenLatencies() ([]Percentiles, error) {
	var list []Percentiles
	err := read("percentiles.csv", percentilesCSV, func(c *cells) {
		list = append(list, Percentiles{
			Config: c.config(), Clients: c.whole("clients"),
			P50: c.number("p50_s"), P90: c.number("p90_s"), P95: c.number("p95_s"),
		})
	})
	return list, err
}

// cells are one line's cells by their column; the first fault is kept.
type cells struct {
	columns map[string]int
	line    []string
	err     error
}

func read(name string, file []byte, row func(*cells)) error {
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c := &cells{columns: map[string]int{}}
	for i, column := range lines[0] {
		c.columns[column] = i
	}
	for i, line := range lines[1:] {
		c.line = line
		if row(c); c.err != nil {
			return fmt.Errorf("%s, row %d: %w", name, i+1, c.err)
		}
	}
	return nil
}

func (c *cells) text(column string) string {
	i, known := c.columns[column]
	if !known {
		c.err = fmt.Errorf("no column %s", column)
		return ""
	}
	return c.line[i]
}

func (c *cells) number(column string) float64 {
	text := c.text(column)
	if text == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		c.err = fmt.Errorf("%s: %w", column, err)
	}
	return v
}

func (c *cells) whole(column string) int {
	n, err := strconv.Atoi(c.text(column))
	if err != nil {
		c.err = fmt.Errorf("%s: %w", column, err)
	}
	return n
}

func (c *cells) config() Config {
	return Config{
		Figure: c.text("figure"), Hardware: c.text("hardware"), Model: c.text("model"), TP: c.whole("tp"),
		Prompt: c.whole("prompt"), Gen: c.whole("gen"), Backend: c.text("backend"),
	}
}
