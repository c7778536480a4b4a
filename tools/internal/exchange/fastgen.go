package exchange

import (
	"errors"

	"fastgenbench/tools/internal/record"
)

// fastgenProgram is the clock of rows that the original suite measured.
const fastgenProgram = "run_benchmark.py"

// readFastGen reads the results of DeepSpeed-FastGen's run_benchmark.py: args,
// and of each request its prompt as text, the pieces of its answer and the
// times between them. Its latency ends with the answer, not with its last token,
// and stays so: the suite's figures are over it. It has no lengths in tokens but
// the number of pieces, and no request that failed.
func readFastGen(f *fields) (Point, error) {
	args := f.object("args")
	k := record.Key{
		ServerKey: record.ServerKey{
			Run: runOf(f.text("time")), Backend: args.text("backend"), Model: args.text("model"),
			TPSize: record.Setting(args.setting("tp_size")), NumReplicas: record.Setting(args.setting("num_replicas")), MaxRaggedBatchSize: record.Setting(args.setting("max_ragged_batch_size")),
		},
		LoadKey: record.LoadKey{
			NumClients: args.setting("num_clients"), MeanPromptLength: args.setting("mean_prompt_length"), MeanMaxNewTokens: args.setting("mean_max_new_tokens"),
		},
	}
	if k.Backend == "" {
		k.Backend = "fastgen" // in 2023 there was no other, and no such argument
	}
	var requests []record.Request
	for i, one := range f.objects("response_details") {
		r := fastgenRequest(one)
		r.Request = record.CountOf(i)
		requests = append(requests, r)
	}
	if len(requests) == 0 {
		return Point{}, errors.New("response_details: there is no request")
	}
	beginAtZero(requests)
	p := Point{Summary: record.Summary{Key: k}, Requests: requests, Notes: []string{"messages were counted, each is taken for one token; the lengths of prompts are not known"}}
	if k.Backend == "openai" {
		p.Notes = append(p.Notes, "its OpenAI client noticed a message when the next one came: ttft is too long by one gap")
	}
	return p, nil
}

func fastgenRequest(f *fields) record.Request {
	start, end := f.number("start_time"), f.number("end_time")
	r := record.Request{
		StartS: record.InSeconds(start), LatencyS: record.InSeconds(end - start), EndS: record.InSeconds(end - start),
		Clock: fastgenProgram, Attempts: record.CountOf(1), Status: record.OK,
	}
	times := f.numbers("token_gen_time")
	pieces, listed := f.values["generated_tokens"].([]any)
	// FastGen ends with an empty message, which is not a token.
	if n := len(times); listed && n == len(pieces) && n > 1 && pieces[n-1] == "" {
		times = times[:n-1]
	}
	if len(times) > 0 {
		r.GeneratedTokens = record.CountOf(len(times)) // as the suite has it: a message is a token
		r.ChunkS = chunksOf(times[0], times[1:], r.GeneratedTokens)
		// The times are differences of one clock, added up again.
		last := &r.ChunkS[len(r.ChunkS)-1]
		if latency := r.LatencyS.Float(); last.At > latency && last.At < latency+1e-5 {
			last.At = latency
		}
	}
	return r
}
