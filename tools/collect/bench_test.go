package main

import (
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// BenchmarkCollect reads and sums up 11 points of 512 requests with 60 chunk
// stamps each; MB/s are those of the CSV. On one core:
//
//	go test -run '^$' -bench Collect -cpu 1 ./tools/collect
func BenchmarkCollect(b *testing.B) {
	path, size := requestsFile(b)
	std := &cmdline.Std{Name: "collect", In: os.Stdin, Out: os.Stdout, Err: io.Discard}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		var fold metrics.Summary
		if _, err := (input{operands: []string{path}}).read(std, fold.Add); err != nil {
			b.Fatal(err)
		}
		if rows := fold.Rows(); len(rows) != 11 {
			b.Fatalf("%d points", len(rows))
		}
	}
}

func requestsFile(b *testing.B) (path string, size int64) {
	path = filepath.Join(b.TempDir(), "requests.csv")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := csvio.NewWriter[record.Request](file)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, clients := range []int{1, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32} {
		for i := range 512 {
			if err := out.Write(request(rng, clients, i)); err != nil {
				b.Fatal(err)
			}
		}
	}
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

func request(rng *rand.Rand, clients, i int) record.Request {
	r := record.Request{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "20261123T102034Z", Backend: "sim-fastgen", Engine: "sim-engine 1.0", Hardware: "A6000",
				Speed: 20, Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		Client: record.CountOf(i % clients), Request: record.CountOf(i), StartS: record.InSeconds(float64(i)),
		PromptTokens: record.CountOf(2600), MaxNewTokens: record.CountOf(60), GeneratedTokens: record.CountOf(60),
		Clock: "kernel", LagS: record.InSeconds(0.000012), Attempts: record.CountOf(1), Status: record.OK,
	}
	now := rng.IntN(900000)
	for range 60 {
		r.ChunkS = append(r.ChunkS, record.Chunk{At: float64(now) / 1e6, Tokens: 1})
		now += int(rng.ExpFloat64() * 40000)
	}
	r.LatencyS = record.InSeconds(r.ChunkS[59].At)
	r.EndS = r.LatencyS
	return r
}
