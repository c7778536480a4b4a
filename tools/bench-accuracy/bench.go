package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"fastgenbench/tools/bench-accuracy/internal/join"
	"fastgenbench/tools/bench-accuracy/internal/trial"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// bench is what is measured and with what.
type bench struct {
	clients            []int
	maxRate, totalRate float64
	chunk              int
	bin, floor, keep   string
	peers, tokenizer   string
	names              []string // of the peers to run
	failed             int      // peers that did not get through
}

// point is one number of streams.
type point struct {
	clients, requests, tokens int
	rate                      float64 // tokens a second and stream
	ttft                      string
	dir                       string
}

// point decides how fast and how long n streams run: at most the total rate,
// for about three seconds, and at least ten requests.
func (b *bench) point(n int) point {
	p := point{clients: n, requests: max(n, 10), rate: min(b.maxRate, b.totalRate/float64(n)), ttft: "500ms"}
	if n > 1000 {
		p.ttft = "3s" // all requests are read before the first token is due
	}
	p.tokens = max(30, int(3*p.rate))
	p.dir = filepath.Join(b.keep, strconv.Itoa(n))
	return p
}

// model is the name that the sender serves under.
const model = "accuracy"

// measure runs a point against loadgen and whatever else is asked for. Each row
// goes to out as it is there; a peer that fails is told to warn.
func (b *bench) measure(ctx context.Context, p point, out func(Row) error, warn func(string, ...any)) error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	row, err := b.loadgen(ctx, p)
	if err == nil {
		err = out(row)
	}
	if err == nil && b.floor != "" {
		if row, err = b.runFloor(ctx, p); err == nil {
			err = out(row)
		}
	}
	if err != nil {
		return err
	}
	for _, q := range peers {
		if !slices.Contains(b.names, q.name) || ctx.Err() != nil {
			continue
		}
		row, err := b.runPeer(ctx, p, q)
		if err != nil {
			warn("%s, %d streams: %v", q.name, p.clients, err)
			b.failed++
		} else if err := out(row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (b *bench) sender(p point, truth string) []string {
	return []string{filepath.Join(b.bin, "sim-engine"), "--policy", "pace", "--model", model, "--stagger", "--quiet",
		"--pace", fmt.Sprint(p.rate), "--pace-ttft", p.ttft, "--tokens-per-chunk", strconv.Itoa(b.chunk), "--truth", truth}
}

// withSender runs a client against a fresh sender and returns the truth.
func (b *bench) withSender(ctx context.Context, p point, name string, client func(url string) error) (join.Truth, error) {
	dir := filepath.Join(p.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	log := filepath.Join(dir, "truth.csv")
	_ = os.Remove(filepath.Join(dir, "port")) // of an earlier run
	sender, err := trial.StartSender(ctx, b.sender(p, log), dir)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(client(sender.URL), sender.Stop()); err != nil {
		return nil, err
	}
	f, err := os.Open(log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return join.ReadTruth(f)
}

func (b *bench) loadgen(ctx context.Context, p point) (Row, error) {
	file := filepath.Join(p.dir, "rows.csv")
	var used trial.Usage
	truth, err := b.withSender(ctx, p, "loadgen", func(url string) error {
		out, err := os.Create(file)
		if err != nil {
			return err
		}
		args := []string{filepath.Join(b.bin, "loadgen"), "--backend", "openai", "--url", url, "--model", model, "--stream", "--quiet",
			"--num-clients", strconv.Itoa(p.clients), "--num-requests", strconv.Itoa(p.requests), "--warmup", "0",
			"--mean-prompt-length", "8", "--prompt-length-var", "0", "--mean-max-new-tokens", strconv.Itoa(p.tokens), "--max-new-tokens-var", "0"}
		const partial = 3 // the rows say which requests failed
		used, err = trial.RunClient(ctx, args, out, os.Stderr, partial)
		return errors.Join(err, out.Close())
	})
	if err != nil {
		return Row{}, err
	}
	var e join.Errors
	rows := csvio.NewReader[record.Request]([]string{file}, nil, func(string) { e.Unmatched++ })
	for rows.Scan() {
		e.Add(truth, rows.Row())
	}
	return newRow("loadgen", p, e, used), rows.Err()
}
