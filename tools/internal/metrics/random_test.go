package metrics

import (
	"math/rand/v2"

	"fastgenbench/tools/internal/record"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(7, 11)) }

func key(clients int) record.Key {
	return record.Key{
		ServerKey: record.ServerKey{Run: "r1", Backend: "fastgen", Engine: "mii 0.3", Hardware: "A6000", Speed: 1,
			Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
		LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
	}
}

// at is a time on the rows' grain of a microsecond.
func at(micros int64) float64 { return float64(micros) / 1e6 }

// randomChunks has up to most chunks, at times of very different sizes, now and
// then several tokens at once or two chunks at the same time.
func randomChunks(rng *rand.Rand, most int) record.Chunks {
	var chunks record.Chunks
	now := rng.Int64N(3e6)
	for range 1 + rng.IntN(most) {
		chunks = append(chunks, record.Chunk{At: at(now), Tokens: 1 + rng.IntN(8)/6*rng.IntN(4)})
		now += rng.Int64N(1<<(rng.IntN(21))) * int64(rng.IntN(6)+1)
	}
	return chunks
}

func row(k record.Key, number int, start int64, chunks record.Chunks) record.Request {
	last := chunks[len(chunks)-1].At
	return record.Request{
		Key: k, Client: record.CountOf(number % max(1, k.NumClients)), Request: record.CountOf(number),
		StartS: record.InSeconds(at(start)), LatencyS: record.InSeconds(last),
		PromptTokens: record.CountOf(2600), MaxNewTokens: chunks.Tokens(), GeneratedTokens: chunks.Tokens(),
		ChunkS: chunks, Clock: "kernel", LagS: record.InSeconds(0.00002), Attempts: record.CountOf(1), Status: record.OK,
	}
}

// randomRows are n requests of one point, one in ten failed, no client idle.
func randomRows(rng *rand.Rand, k record.Key, n int) []record.Request {
	free := make([]int64, k.NumClients)
	rows := make([]record.Request, 0, n)
	for i := range n {
		client := i % len(free)
		r := row(k, i, free[client]+rng.Int64N(100), randomChunks(rng, 40))
		r.PromptTokens = record.CountOf(1 + rng.IntN(4000))
		free[client] += int64(microsOf(r.LatencyS)) + 100
		if rng.IntN(10) == 0 {
			r.Status, r.Error = record.Failed, "server died"
		}
		rows = append(rows, r)
	}
	return rows
}

func shuffled(rng *rand.Rand, rows []record.Request) []record.Request {
	mixed := append([]record.Request(nil), rows...)
	rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	return mixed
}

func summaryOf(rows ...record.Request) *Summary {
	var fold Summary
	for _, r := range rows {
		fold.Add(r)
	}
	return &fold
}

func levels() []Level {
	var list []Level
	for _, rule := range Rules() {
		for _, rate := range []float64{1, 2, 3, 4, 6, 8} {
			list = append(list, Level{PromptTPS: 512, GenTPS: rate, Rule: rule})
		}
	}
	return list
}
