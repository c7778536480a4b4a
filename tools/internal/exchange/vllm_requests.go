package exchange

import (
	"fmt"
	"math"

	"fastgenbench/tools/internal/record"
)

// vllmRequests are the rows of the arrays, none where the file has no start
// times: it has no details, or an older client wrote it.
func vllmRequests(f *fields, program string) ([]record.Request, error) {
	starts := f.numbers("start_times")
	n := len(starts)
	if n == 0 {
		return nil, nil
	}
	a := vllmArrays{
		inputs: f.numbers("input_lens"), outputs: f.numbers("output_lens"), ttfts: f.numbers("ttfts"), itls: f.lists("itls"),
		latencies: f.numbers("latencies"), queues: f.numbers("queue_times"), errors: f.list("errors"), statuses: f.list("statuses"),
		serverQueues: f.numbers("server_queue_times"), serverTTFTs: f.numbers("server_ttfts"),
	}
	for _, one := range []struct {
		key       string
		n         int
		mayBeNone bool
	}{
		{"input_lens", len(a.inputs), false}, {"output_lens", len(a.outputs), false}, {"ttfts", len(a.ttfts), false}, {"itls", len(a.itls), false},
		{"errors", len(a.errors), true}, {"latencies", len(a.latencies), true}, {"queue_times", len(a.queues), true}, {"statuses", len(a.statuses), true},
		{"server_queue_times", len(a.serverQueues), true}, {"server_ttfts", len(a.serverTTFTs), true},
	} {
		if one.n != n && !(one.n == 0 && one.mayBeNone) {
			return nil, fmt.Errorf("%s has %d entries, start_times %d", one.key, one.n, n)
		}
	}
	open := rate(f) > 0
	all := make([]record.Request, n)
	for i, start := range starts {
		all[i] = a.row(f, i)
		all[i].StartS, all[i].Clock = record.InSeconds(start), record.Text(program)
		if open && len(a.queues) > 0 {
			all[i].DueS = record.InSeconds(start - a.queues[i])
		}
	}
	beginAtZero(all)
	return all, nil
}

// vllmArrays have one entry per request.
type vllmArrays struct {
	inputs, outputs, ttfts, latencies, queues, serverQueues, serverTTFTs []float64
	itls                                                                 [][]float64
	errors, statuses                                                     []any
}

func (a vllmArrays) row(f *fields, i int) record.Request {
	place := func(key string) string { return fmt.Sprintf("%s[%d]", key, i) }
	r := record.Request{
		Request: record.CountOf(i), PromptTokens: f.countOf(place("input_lens"), a.inputs[i]), Attempts: record.CountOf(1),
		ServerQueueS: record.InSeconds(at(a.serverQueues, i)), ServerTTFTS: record.InSeconds(at(a.serverTTFTs, i)),
		LatencyS: record.InSeconds(a.latency(i)), Error: a.fault(i), Status: record.OK,
	}
	if len(a.statuses) > 0 {
		word, _ := a.statuses[i].(string)
		r.Status = record.Status(word)
	} else if r.Error != "" {
		r.Status = record.Failed
	}
	if r.Status != record.OK {
		return r
	}
	if a.outputs[i] > 0 {
		r.GeneratedTokens = f.countOf(place("output_lens"), a.outputs[i])
	}
	if !math.IsNaN(a.ttfts[i]) {
		r.ChunkS = chunksOf(a.ttfts[i], a.itls[i], r.GeneratedTokens)
	}
	return r
}

// latency is the entry, or in files of older clients the last token's arrival.
func (a vllmArrays) latency(i int) float64 {
	if len(a.latencies) > 0 {
		return a.latencies[i]
	}
	sum := a.ttfts[i]
	for _, gap := range a.itls[i] {
		sum += gap
	}
	return sum
}

// fault is what went wrong: what the file says, or that there was no token.
func (a vllmArrays) fault(i int) record.Text {
	if len(a.errors) > 0 {
		if text, _ := a.errors[i].(string); text != "" {
			return record.Text(record.Clean(text))
		}
	}
	if a.outputs[i] == 0 && a.ttfts[i] == 0 && len(a.itls[i]) == 0 {
		return "no token and no error"
	}
	return ""
}

func at(values []float64, i int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return values[i]
}
