package main

import (
	"context"
	"math"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// claim is a row of claims: a headline of the FastGen blog of November 2023 and
// what the model says of it. All are ratios of FastGen to vLLM, or the reverse
// for latencies.
type claim struct {
	Claim     record.Text `csv:"claim"`
	Published record.Rate `csv:"published"`
	Simulated record.Rate `csv:"simulated"`
}

// llama70b is a point of Llama-2-70b on four A100.
func llama70b(backend string, clients, prompt, gen int) published.Point {
	return published.Point{Clients: clients, Config: published.Config{Figure: "fastgen-blog-2023-11/claims", Hardware: "4xA100-80GB",
		Model: "llama-2-70b", TP: 4, Prompt: prompt, Gen: gen, Backend: backend}}
}

func claims(_ context.Context, _ *cli.Context, std *cmdline.Std) error {
	goodput, err := ratio(effective, llama70b("fastgen", 16, 2600, 60), llama70b("vllm", 6, 2600, 60))
	if err != nil {
		return err
	}
	tail, err := ratio(p95Gap, llama70b("vllm", 16, 2600, 128), llama70b("fastgen", 16, 2600, 128))
	if err != nil {
		return err
	}
	rate, err := ratio(rateAt9s, llama70b("fastgen", 0, 1200, 128), llama70b("vllm", 0, 1200, 128))
	if err != nil {
		return err
	}
	return writeAll(std.Out, []claim{
		{"effective throughput at 4 tokens/s (prompt 2600 gen 60; FastGen 16 clients, vLLM 6)", 2.3, record.Rate(goodput)},
		{"P95 token latency (prompt 2600 gen 128; 16 clients)", 3.7, record.Rate(tail)},
		{"throughput at 9 s (prompt 1200 gen 128)", 2.0, record.Rate(rate)},
	})
}

func ratio(of func(published.Point, *sim.Constants) (float64, error), a, b published.Point) (float64, error) {
	above, err := of(a, sim.Fitted())
	if err != nil {
		return 0, err
	}
	below, err := of(b, sim.Fitted())
	return above / below, err
}

// p95Gap is the 95th percentile of the token latencies as figure 5 has it: the
// first and the last 100 requests are left out.
func p95Gap(p published.Point, constants *sim.Constants) (float64, error) {
	results, err := simulate(p, constants)
	if err != nil {
		return 0, err
	}
	fold := metrics.Gaps{SkipRequests: 100, SkipTokens: 2}
	for _, row := range requests(record.Key{}, results) {
		fold.Add(row)
	}
	return float64(fold.Rows()[0].P95S), nil
}

// rateAt9s is clients / mean latency where the latency is 9 s, between two
// numbers of clients on a straight line.
func rateAt9s(p published.Point, constants *sim.Constants) (float64, error) {
	const at = 9
	rate, latency := 0.0, 0.0
	for p.Clients = 1; p.Clients <= 64; p.Clients++ {
		results, err := simulate(p, constants)
		if err != nil {
			return 0, err
		}
		now := meanLatency(results)
		nowRate := float64(p.Clients) / now
		if now >= at {
			return rate + (nowRate-rate)*(at-latency)/(now-latency), nil
		}
		rate, latency = nowRate, now
	}
	return math.NaN(), nil
}
