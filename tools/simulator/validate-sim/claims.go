package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// claim is a row of claims: a headline of the blog of 2023-11, as published
// and out of the model. Off is the difference as a share.
type claim struct {
	Kind      record.Text `csv:"kind"` // headline, or detail
	Claim     record.Text `csv:"claim"`
	Published record.Rate `csv:"published"`
	Model     record.Rate `csv:"model"`
	Off       record.Rate `csv:"off_share"`
}

func newClaim(kind, text string, published, model float64) claim {
	return claim{record.Text(kind), record.Text(text), record.RateOf(published), record.RateOf(model), record.RateOf(model/published - 1)}
}

// headline marks the claims that must hold.
const headline = "headline"

// llama70B is where all headlines were measured.
func llama70B(backend string, prompt, gen int) published.Config {
	return published.Config{Figure: "fastgen-blog-2023-11", Hardware: "4xA100-80GB", Model: "llama-2-70b", TP: 4, Prompt: prompt, Gen: gen, Backend: backend}
}

// clientCounts are those of the blog's figures.
var clientCounts = []int{1, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32}

func claimsFlags() []cli.Flag {
	return []cli.Flag{&cli.Float64Flag{Name: "max-error", Value: 0.15, Usage: "allow a ratio to be off by this `SHARE`"}}
}

func claims(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	return writeClaims(c.Float64("max-error"), std)
}

// writeClaims holds each claim against the model; a headline that is off by more
// than maxError is an error.
func writeClaims(maxError float64, std *cmdline.Std) error {
	var rows []claim
	for _, collect := range []func() ([]claim, error){effectiveClaim, throughputClaim, tokenLatencyClaims} {
		more, err := collect()
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	w := csvio.NewWriter[claim](std.Out)
	beyond := 0
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
		if row.Kind == headline && math.Abs(row.Off.Float()) > maxError {
			beyond++
		}
	}
	if beyond > 0 {
		return fmt.Errorf("%d claims are off by more than is allowed", beyond)
	}
	return nil
}

// effectiveClaim: 2.3x effective throughput, prompt 2600, generation 60, at 4
// tokens per second; the best number of clients of each.
func effectiveClaim() ([]claim, error) {
	best := map[string]float64{}
	for _, backend := range []string{"fastgen", "vllm"} {
		for _, clients := range clientCounts {
			m, err := simulate(published.Point{Config: llama70B(backend, 2600, 60), Clients: clients, SLAGenTPS: 4}, sim.Constants(), publishedRequests)
			if err != nil {
				return nil, err
			}
			best[backend] = max(best[backend], m.effective)
		}
	}
	return []claim{newClaim(headline, "effective throughput at 4 tokens/s: fastgen / vllm", 2.3, best["fastgen"]/best["vllm"])}, nil
}

// throughputClaim: twice the throughput at 9 s, prompt 1200, generation 128.
func throughputClaim() ([]claim, error) {
	at := map[string]float64{}
	for _, backend := range []string{"fastgen", "vllm"} {
		var latencies []float64
		for _, clients := range clientCounts {
			m, err := simulate(published.Point{Config: llama70B(backend, 1200, 128), Clients: clients}, sim.Constants(), publishedRequests)
			if err != nil {
				return nil, err
			}
			latencies = append(latencies, m.latency)
		}
		var err error
		if at[backend], err = throughputAt(9, latencies); err != nil {
			return nil, err
		}
	}
	return []claim{newClaim(headline, "throughput at a latency of 9 s: fastgen / vllm", 1.36/0.67, at["fastgen"]/at["vllm"])}, nil
}

// throughputAt is clients / latency where the curve passes a latency, between
// two points on a straight line.
func throughputAt(seconds float64, latencies []float64) (float64, error) {
	for i := 1; i < len(latencies); i++ {
		low, high := latencies[i-1], latencies[i]
		if low <= seconds && seconds <= high {
			part := (seconds - low) / (high - low)
			return (1-part)*float64(clientCounts[i-1])/low + part*float64(clientCounts[i])/high, nil
		}
	}
	return 0, errors.New("the curve does not reach the latency")
}

// tokenLatencyClaims: figure 5's percentiles and the ratio of the P95s.
func tokenLatencyClaims() ([]claim, error) {
	list, err := published.TokenLatencies()
	if err != nil {
		return nil, err
	}
	var rows []claim
	p95 := map[string][2]float64{}
	for _, p := range list {
		m, err := simulate(published.Point{Config: p.Config, Clients: p.Clients}, sim.Constants(), publishedRequests)
		if err != nil {
			return nil, err
		}
		at := metrics.Percentiles(middleGaps(m.rows), 50, 90, 95)
		for i, want := range []float64{p.P50, p.P90, p.P95} {
			rows = append(rows, newClaim("detail", fmt.Sprintf("token latency P%d of %s (s)", []int{50, 90, 95}[i], p.Backend), want, at[i]))
		}
		p95[p.Backend] = [2]float64{p.P95, at[2]}
	}
	vllm, fastgen := p95["vllm"], p95["fastgen"]
	return append([]claim{newClaim(headline, "token latency P95: vllm / fastgen", vllm[0]/fastgen[0], vllm[1]/fastgen[1])}, rows...), nil
}

// middleGaps are the token times as collect gaps counts them for figure 5:
// without the first and the last 100 requests, and of each without the first
// two, which are its TTFT and its first gap, and without the last.
func middleGaps(rows []record.Request) []float64 {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b record.Request) int { return cmp.Compare(a.StartS.Float(), b.StartS.Float()) })
	var gaps []float64
	for _, r := range rows[skippedRequests : len(rows)-skippedRequests] {
		for i := skippedTokens; i < len(r.ChunkS)-1; i++ {
			gaps = append(gaps, r.ChunkS[i].At-r.ChunkS[i-1].At)
		}
	}
	return gaps
}
