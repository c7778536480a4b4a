package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// tally sums up a point for the people who watch, by collect's definitions;
// collect does it for keeps.
type tally struct {
	requests, ok int
	failure      string // the first
	mean         mean   // latency
	ttft, gap    float64
	firsts, gaps int
	rates        float64 // tokens per second, summed over requests
	rated        int     // requests of which that is known
	lags         []float64
	turns        int // of sessions
	endedEarly   int // sessions, with a turn that failed
	waits        int // requests that waited for a place
	waited       float64

	began, ended time.Time
	cpu          time.Duration // the process's at the beginning, then spent
	pause        time.Duration

	virtual bool    // times are a lockstep server's
	span    float64 // from the point's start to the last end, in virtual seconds
}

func newTally() *tally { return &tally{began: time.Now(), cpu: cpuTime()} }

func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// cpuShare is the share of this process's processors that used is in a time.
func cpuShare(used, in time.Duration) float64 {
	return used.Seconds() / in.Seconds() / float64(runtime.GOMAXPROCS(0))
}

// add counts one row.
func (t *tally) add(row record.Request) {
	t.requests++
	t.virtual = row.Clock == "virtual"
	t.session(row)
	t.span = max(t.span, row.StartS.Float()+row.LatencyS.Float())
	if row.Status != record.OK {
		if t.failure == "" {
			t.failure = string(row.Error)
		}
		return
	}
	t.ok++
	t.mean.add(row)
	if rate := tokensOf(row) / row.LatencyS.Float(); rate > 0 {
		t.rates += rate
		t.rated++
	}
	if row.LagS.Known() {
		t.lags = append(t.lags, row.LagS.Float())
	}
	n := len(row.ChunkS)
	if n == 0 {
		return
	}
	t.ttft += row.ChunkS[0].At
	t.firsts++
	if tokens := row.ChunkS[1:].Tokens(); tokens.Known() {
		t.gap += row.ChunkS[n-1].At - row.ChunkS[0].At
		t.gaps += tokens.Int()
	}
}

// session counts turns, and what the cap on concurrency made requests wait.
func (t *tally) session(row record.Request) {
	if row.Turn.Known() {
		t.turns++
		if row.Status != record.OK {
			t.endedEarly++
		}
	}
	const counts = 1e-3 // seconds: less is no wait for a place
	if wait := row.StartS.Float() - row.DueS.Float(); row.RateRPS > 0 && row.NumClients > 0 && wait > counts {
		t.waits++
		t.waited += wait
	}
}

// tokensOf is what request_tps counts, as the original does: the generated
// tokens of a stream, else the prompt's, too.
func tokensOf(row record.Request) float64 {
	if len(row.ChunkS) > 0 {
		return row.GeneratedTokens.Float()
	}
	return row.PromptTokens.Float() + row.GeneratedTokens.Float()
}

func (t *tally) end(pulse *stamp.Pulse) {
	t.ended = time.Now()
	t.cpu = cpuTime() - t.cpu
	t.pause = pulse.Longest(t.began, t.ended)
}

func (t *tally) failed() int { return t.requests - t.ok }

// verdict is the error of a point of which nothing came.
func (t *tally) verdict() error {
	if t.ok > 0 || t.requests == 0 {
		return nil
	}
	return fmt.Errorf("all %d requests of the point failed: %s", t.requests, t.failure)
}

// line is the original's line after each point, and how the client fared.
func (t *tally) line(p point) string {
	k := p.key
	load := fmt.Sprintf("clients: %d", k.NumClients)
	if k.RateRPS > 0 {
		load = fmt.Sprintf("rate: %g/s", float64(k.RateRPS))
	}
	if p.repeat > 0 {
		load += fmt.Sprintf(", run: %s", k.Run)
	}
	latency := t.mean.value()
	queries := float64(k.NumClients) / latency
	if k.RateRPS > 0 || t.turns > 0 { // users think
		queries = float64(t.ok) / t.took(k)
	}
	line := fmt.Sprintf("%s, %s, prompt (mean): %d tokens, generation (mean): %d tokens", k.Backend, load, k.MeanPromptLength, k.MeanMaxNewTokens)
	line += known(", query throughput: %.3f queries/s", queries)
	line += known(", token throughput (per request): %.1f tokens/s", t.rates/float64(t.rated))
	line += known(", query latency: %.3f s", latency)
	line += known(", token generation latency: %.4f s/token", t.gap/float64(t.gaps))
	line += known(", first token received: %.3f s", t.ttft/float64(t.firsts))
	if t.failed() > 0 {
		line += fmt.Sprintf(", %d of %d failed (%s)", t.failed(), t.requests, t.failure)
	}
	if t.endedEarly > 0 {
		line += fmt.Sprintf(", %d sessions ended with a turn that failed", t.endedEarly)
	}
	if t.waits > 0 {
		line += fmt.Sprintf(", %d waited for one of %d slots, %.3f s on average, which their latency does not include", t.waits, k.NumClients, t.waited/float64(t.waits))
	}
	return line + t.client()
}

// took is how long the point took, in virtual seconds.
func (t *tally) took(k record.Key) float64 {
	if t.virtual {
		return t.span
	}
	return t.ended.Sub(t.began).Seconds() * float64(k.Speed)
}

// client says how the client itself fared, in wall time. Of virtual time there is
// only how fast it went.
func (t *tally) client() string {
	if t.virtual {
		return fmt.Sprintf("; virtual time: %.3f s, computed in %.2f s", t.span, t.ended.Sub(t.began).Seconds())
	}
	share := cpuShare(t.cpu, t.ended.Sub(t.began))
	line := fmt.Sprintf("; client: %.0f %% of its processors, longest pause %.1f ms", 100*share, 1e3*t.pause.Seconds())
	if len(t.lags) > 0 {
		slices.Sort(t.lags)
		line += fmt.Sprintf(", lag p99 %.2f ms", 1e3*t.lags[len(t.lags)*99/100])
	}
	return line
}

// known prints a figure that could be had.
func known(format string, value float64) string {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return ""
	}
	return fmt.Sprintf(format, value)
}
