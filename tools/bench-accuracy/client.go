package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"fastgenbench/tools/bench-accuracy/internal/join"
	"fastgenbench/tools/bench-accuracy/internal/trial"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// client is something that is judged: how it is started and what it says.
type client struct {
	name string
	// args is its command line; its output goes to the file "out" in dir.
	args func(url, dir string, p point) ([]string, error)
	// judge compares what it left in dir with what was sent.
	judge func(dir string, p point, truth join.Truth) (Row, error)
}

// loadgen can be joined token by token.
func (b *bench) loadgen() client {
	return client{name: "loadgen", judge: judgeRows, args: func(url, dir string, p point) ([]string, error) {
		load, err := p.load(dir)
		if b.cert != nil {
			load = append(load, "--ca-file", b.cert.chain)
		}
		return append([]string{filepath.Join(b.bin, "loadgen"), "--url", url, "--model", model, "--stream", "--quiet", "--warmup", "0"}, load...), err
	}}
}

// Up to closedClients run as a closed loop. Its clients start spread over
// clients x 10 ms, too long for more to run at once; those follow a schedule
// of startRate requests per second.
const (
	closedClients = 100
	startRate     = 4000
)

// load are loadgen's flags for the point's requests.
func (p point) load(dir string) ([]string, error) {
	if p.clients <= closedClients {
		return []string{"--num-clients", strconv.Itoa(p.clients), "--num-requests", strconv.Itoa(p.requests),
			"--mean-prompt-length", "8", "--prompt-length-var", "0", "--mean-max-new-tokens", strconv.Itoa(p.tokens), "--max-new-tokens-var", "0"}, nil
	}
	var text strings.Builder
	text.WriteString("due_s,prompt_tokens,max_new_tokens\n")
	for i := range p.requests {
		fmt.Fprintf(&text, "%.6f,8,%d\n", float64(i)/startRate, p.tokens)
	}
	file := filepath.Join(dir, "schedule.csv")
	return []string{"--schedule", file}, os.WriteFile(file, []byte(text.String()), 0o644)
}

func judgeRows(dir string, p point, truth join.Truth) (Row, error) {
	var e join.Errors
	var fold metrics.Summary
	rows := csvio.NewReader[record.Request]([]string{filepath.Join(dir, "out")}, nil, func(string) {})
	rows.Need("request", "chunk_s")
	for rows.Scan() {
		e.Add(truth, rows.Row())
		fold.Add(rows.Row())
	}
	e.Unmatched += rows.Skipped()
	row := newRow("loadgen", p, e)
	for _, summary := range fold.Rows() {
		row.StatedGapP99ErrorS, row.Status = summary.GapP99ErrorS, summary.Status
	}
	return row, rows.Err()
}

// readerFloor only counts bytes; it reports no times, so those cells stay empty.
func (b *bench) readerFloor() client {
	return client{
		name: "epoll_reader",
		args: func(url, _ string, p point) ([]string, error) {
			port := url[strings.LastIndexByte(url, ':')+1:]
			return []string{b.floor, port, strconv.Itoa(p.clients), strconv.Itoa(p.tokens)}, nil
		},
		judge: func(_ string, p point, truth join.Truth) (Row, error) {
			e := sentTo(truth, p.tokens)
			row := newRow("epoll_reader", p, e)
			row.Unmatched = record.CountOf(max(0, p.clients-e.Requests))
			return row, nil
		},
	}
}

// sentTo collects what was sent in requests of so many tokens; a peer's probes
// are shorter.
func sentTo(truth join.Truth, tokens int) join.Errors {
	var e join.Errors
	for _, sent := range truth {
		e.AddTruth(sent, tokens)
	}
	return e
}

// startup is the point that shows what a client costs before it does anything.
var startup = point{clients: 1, requests: 1, tokens: 2, rate: 100, ttft: "10ms"}

// try runs a client on a point, against a fresh sender. start is what the
// client took at the startup point.
func (b *bench) try(ctx context.Context, c client, p point, start trial.Usage) (Row, error) {
	truth, used, err := b.run(ctx, c, p)
	if err != nil {
		return Row{}, err
	}
	row, err := c.judge(filepath.Join(p.dir, c.name), p, truth)
	if err != nil {
		return Row{}, err
	}
	row.cost(used, start, b.cores)
	row.Transport, row.Sent = "http", "spread"
	if b.cert != nil {
		row.Transport = "https"
	}
	if b.burst {
		row.Sent = "burst"
	}
	return row, nil
}

func (b *bench) run(ctx context.Context, c client, p point) (truth join.Truth, used trial.Usage, err error) {
	dir := filepath.Join(p.dir, c.name)
	if err := os.RemoveAll(dir); err != nil { // of an earlier run
		return nil, used, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, used, err
	}
	before := trial.Look()
	from, err := b.start(ctx, p, dir)
	if err != nil {
		return nil, used, err
	}
	used, err = b.runClient(ctx, c, p, b.url(from), dir)
	cpu, stopErr := from.stop()
	if err := errors.Join(err, stopErr); err != nil {
		return nil, used, err
	}
	used.Others = trial.Look().Others(before, used.CPU+cpu)
	truth, err = join.ReadTruth(from.logs, nil)
	return truth, used, err
}

func (b *bench) runClient(ctx context.Context, c client, p point, url, dir string) (used trial.Usage, err error) {
	args, err := c.args(url, dir, p)
	if err != nil {
		return used, err
	}
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		return used, err
	}
	var words bytes.Buffer
	const partial = 3 // loadgen's rows say which requests failed
	limit := b.patience + p.length()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	used, err = trial.RunClient(limited, b.cores.Client, args, out, &words, partial)
	switch {
	case err != nil && ctx.Err() == nil && limited.Err() != nil:
		err = fmt.Errorf("%s did not end within %v", args[0], limit)
	case err != nil:
		err = fmt.Errorf("%w: %s", err, lastLine(words.Bytes()))
	}
	return used, errors.Join(err, out.Close())
}

// lastLine is the last line that says something.
func lastLine(text []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return lines[len(lines)-1]
}
