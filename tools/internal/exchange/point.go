package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	"fastgenbench/tools/internal/record"
)

// settle completes the keys of points, gives them to their requests, and
// leaves out what cannot be. It returns how many points and requests those are.
func settle(points []Point, given record.Key, warn func(string)) (kept []Point, dropped int) {
	for i, p := range points {
		p.Summary.Key = complete(p.Summary.Key, given)
		if err := nameable(p.Summary.Key); err != nil {
			warn(fmt.Sprintf("point %d: %v", i+1, err))
			dropped++
			continue
		}
		if err := p.Summary.Validate(); p.Stated && err != nil {
			warn(fmt.Sprintf("point %d: %v", i+1, err))
			dropped++
			continue
		}
		all := len(p.Requests)
		p.settleRequests(func(reason string) { warn(fmt.Sprintf("point %d, %s", i+1, reason)) })
		dropped += all - len(p.Requests)
		if p.Stated || len(p.Requests) > 0 {
			kept = append(kept, p)
		}
	}
	return kept, dropped
}

func (p *Point) settleRequests(warn func(string)) {
	kept := p.Requests[:0]
	for i, r := range p.Requests {
		r.Key = p.Summary.Key
		if err := r.Validate(); err != nil {
			warn(fmt.Sprintf("request %d: %v", i, err))
			continue
		}
		kept = append(kept, r)
	}
	p.Requests = kept
}

// nameable reports why a key is incomplete, and which flag completes it.
func nameable(k record.Key) error {
	switch {
	case k.Model == "":
		return errors.New("the file does not name the model: give --model")
	case k.Backend == "":
		return errors.New("the file does not name the backend: give --backend")
	}
	return k.Validate()
}

// complete puts what is given over what a file says.
func complete(k, given record.Key) record.Key {
	return record.Key{
		ServerKey: record.ServerKey{
			Run: cmp.Or(given.Run, k.Run), Backend: cmp.Or(given.Backend, k.Backend), Engine: cmp.Or(given.Engine, k.Engine),
			Hardware: cmp.Or(given.Hardware, k.Hardware), Speed: cmp.Or(given.Speed, k.Speed, 1), Model: cmp.Or(given.Model, k.Model),
			TPSize: cmp.Or(given.TPSize, k.TPSize), NumReplicas: cmp.Or(given.NumReplicas, k.NumReplicas),
			MaxRaggedBatchSize: cmp.Or(given.MaxRaggedBatchSize, k.MaxRaggedBatchSize),
		},
		LoadKey: record.LoadKey{
			NumClients: cmp.Or(given.NumClients, k.NumClients), MeanPromptLength: cmp.Or(given.MeanPromptLength, k.MeanPromptLength),
			MeanMaxNewTokens: cmp.Or(given.MeanMaxNewTokens, k.MeanMaxNewTokens), RateRPS: cmp.Or(given.RateRPS, k.RateRPS),
		},
	}
}

// joinRequests makes one point of points of one request each. Times of files
// that count from the epoch begin with the first request.
func joinRequests(points []Point) Point {
	all := points[0]
	all.Requests = nil
	for _, p := range points {
		all.Requests = append(all.Requests, p.Requests...)
	}
	for i := range all.Requests {
		all.Requests[i].Request = record.CountOf(i)
	}
	beginAtZero(all.Requests)
	all.Summary.MeanPromptLength = meanLength(all.Requests, func(r record.Request) record.Count { return r.PromptTokens })
	all.Summary.MeanMaxNewTokens = meanLength(all.Requests, func(r record.Request) record.Count { return r.GeneratedTokens })
	return all
}

// beginAtZero counts the starts and due times from the first of them.
func beginAtZero(requests []record.Request) {
	zero := math.Inf(1)
	for _, r := range requests {
		for _, one := range []record.Seconds{r.StartS, r.DueS} {
			if one.Known() {
				zero = min(zero, one.Float())
			}
		}
	}
	for i, r := range requests {
		requests[i].StartS = record.InSeconds(r.StartS.Float() - zero)
		requests[i].DueS = record.InSeconds(r.DueS.Float() - zero)
	}
}

// meanLength is the mean length of the requests that ended ok, in whole
// tokens: it stands for the length that was asked for, which files do not have.
func meanLength(requests []record.Request, of func(record.Request) record.Count) int {
	sum, n := 0.0, 0.0
	for _, r := range requests {
		if length := of(r); r.Status == record.OK && length.Known() {
			sum, n = sum+length.Float(), n+1
		}
	}
	return int(math.Round(sum / max(1, n)))
}

// chunksOf are the chunks of an answer from the time to its first and the gaps
// between them. Each brought a token where there are as many as tokens; one
// alone brought all; else it is not known which brought how many.
func chunksOf(ttft float64, gaps []float64, generated record.Count) record.Chunks {
	n := len(gaps) + 1
	tokens := 0
	switch {
	case !generated.Known() || generated.Int() == n:
		tokens = 1
	case n == 1 && generated.Int() <= record.MaxTokens:
		tokens = generated.Int()
	}
	all := make(record.Chunks, 1, n)
	all[0] = record.Chunk{At: ttft, Tokens: tokens}
	for _, gap := range gaps {
		ttft += gap
		all = append(all, record.Chunk{At: ttft, Tokens: tokens})
	}
	return all
}

// measuredBy is the doubt of a summary that another program made.
func measuredBy(program string) record.Text {
	return record.Text("measured by " + program + ": how late it read is unknown")
}

// runOf names a sweep by a date in one of the spellings of the programs, ""
// where it is not one of them.
func runOf(date record.Text) record.Text {
	for _, layout := range []string{time.RFC3339, vllmTime, runTime, "2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999"} {
		if t, err := time.Parse(layout, string(date)); err == nil {
			return record.Text(t.UTC().Format(runTime))
		}
	}
	return ""
}

// status is that of a point by its counts.
func status(ok, requests int) record.Status {
	if ok < requests {
		return record.Partial
	}
	return record.Complete
}

// per is a quotient that is absent where it is not finite.
func per(v, n float64) record.Rate {
	if q := v / n; !math.IsInf(q, 0) {
		return record.RateOf(q)
	}
	return record.Rate{}
}

// closedLoop is num_clients / mean latency, absent in an open loop.
func closedLoop(s record.Summary) record.Rate {
	if s.NumClients == 0 || s.RateRPS > 0 {
		return record.Rate{}
	}
	return per(float64(s.NumClients), s.LatencyMeanS.Float())
}
