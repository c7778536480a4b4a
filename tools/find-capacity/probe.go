package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// prober runs the load command and passes its rows on.
type prober struct {
	*options
	std *cmdline.Std
	// server is the text of the server's row, which each run reads; nil where the
	// command knows its server itself.
	server  []byte
	out     *csvio.Writer[record.Request]
	rows    int  // that were passed on
	skipped int  // that could not be read
	virtual bool // the server's time is
}

// measure runs the command once: the n-th batch at a load.
func (p *prober) measure(ctx context.Context, load float64, n, requests int) (*batch, error) {
	b := &batch{requests: requests, goodput: metrics.Goodput{SLOs: []metrics.SLO{p.slo}}}
	take := func(row record.Request) error { return p.take(b, row, load) }
	var err error
	if p.outDir == "" {
		err = p.stream(ctx, p.arguments(load, n, requests), take)
	} else {
		err = p.folder(ctx, p.arguments(load, n, requests), filepath.Join(p.outDir, p.folderName(load, n)), take)
	}
	p.virtual = b.virtual
	rows := b.goodput.Rows()
	if len(rows) > 0 {
		b.row = rows[0]
	}
	if err != nil {
		return b, err
	}
	return b, p.check(b, rows)
}

// check refuses what no search can go on with.
func (p *prober) check(b *batch, rows []record.Goodput) error {
	switch {
	case len(rows) == 0:
		return fmt.Errorf("%s wrote no rows", p.command[0])
	case len(rows) > 1:
		return cmdline.WithHint(fmt.Errorf("%s measures %d points instead of one", p.command[0], len(rows)), "give it one --mean-prompt-length and one --mean-max-new-tokens")
	case !b.row.Good.Known():
		return cmdline.WithHint(fmt.Errorf("no request can be judged by %s", p.slo), "measure with --stream; collect says more of the rows")
	}
	return nil
}

// arguments are the command's, and what makes it this run.
func (p *prober) arguments(load float64, n, requests int) []string {
	flag := "--rate"
	if p.clients {
		flag = "--num-clients"
	}
	args := append(slices.Clone(p.command), flag, number(load), "--num-requests", strconv.Itoa(requests),
		"--seed", strconv.FormatUint(p.seed+uint64(n-1), 10), "--run", fmt.Sprintf("%s.%d", p.run, n))
	if p.quiet && !p.says("quiet") {
		args = append(args, "--quiet")
	}
	return args
}

func number(load float64) string { return strconv.FormatFloat(load, 'f', -1, 64) }

// folderName is where a run keeps its rows, below --out-dir.
func (p *prober) folderName(load float64, n int) string {
	if p.clients {
		return fmt.Sprintf("clients%s-%d", number(load), n)
	}
	return fmt.Sprintf("rate%s-%d", number(load), n)
}

// take passes a row on, and counts it.
func (p *prober) take(b *batch, row record.Request, load float64) error {
	if err := p.out.Write(row); err != nil {
		return fmt.Errorf("writing rows: %w", err)
	}
	p.rows++
	if measured := loadOf(row.Key, p.clients); measured != load {
		return fmt.Errorf("%s was given a load of %g and measured one of %g", p.command[0], load, measured)
	}
	b.add(row)
	return nil
}

func loadOf(k record.Key, clients bool) float64 {
	if clients {
		return float64(k.NumClients)
	}
	return float64(k.RateRPS)
}

// stream runs the command and takes its rows as they come. Where one cannot be
// taken, nobody reads the rest, which ends the command.
func (p *prober) stream(ctx context.Context, args []string, take func(record.Request) error) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close() // read only: nothing can be lost
	taken := make(chan error, 1)
	go func() {
		err := p.read(nil, read, take)
		read.Close()
		taken <- err
	}()
	err = p.execute(ctx, args, write)
	write.Close() // the command has its own
	if takeErr := <-taken; takeErr != nil && !errors.Is(takeErr, csvio.ErrNoInput) {
		return takeErr
	}
	return err
}

// folder runs the command with a folder of its own for its rows, which it leaves as
// they are where they are there, and takes the rows that it left.
func (p *prober) folder(ctx context.Context, args []string, folder string, take func(record.Request) error) error {
	err := p.execute(ctx, append(args, "--out-dir", folder), p.std.Out)
	files, globErr := filepath.Glob(filepath.Join(escape(folder), "*.csv"))
	if len(files) == 0 { // a point that was cut short
		files, globErr = filepath.Glob(filepath.Join(escape(folder), "*.csv.part"))
	}
	if globErr != nil || len(files) == 0 {
		return errors.Join(err, globErr)
	}
	if readErr := p.read(files, nil, take); readErr != nil && !errors.Is(readErr, csvio.ErrNoInput) {
		return readErr
	}
	return err
}

// escape keeps a folder's name from being read as a pattern.
func escape(folder string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(folder)
}

// read takes all rows of files, or of a stream.
func (p *prober) read(files []string, in io.Reader, take func(record.Request) error) error {
	rows := csvio.NewReader[record.Request](files, in, func(reason string) { p.std.Warnf("%s", reason) })
	for rows.Scan() {
		if err := take(rows.Row()); err != nil {
			return err
		}
	}
	p.skipped += rows.Skipped()
	if err := rows.Err(); err != nil && !errors.Is(err, csvio.ErrNoInput) {
		return fmt.Errorf("the rows of %s: %w", p.command[0], err)
	}
	return rows.Err()
}

// execute runs the command to its end. That requests failed is not a failure of a probe.
func (p *prober) execute(ctx context.Context, args []string, stdout io.Writer) error {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Stdout, command.Stderr = stdout, p.std.Err
	if p.server != nil {
		command.Stdin = bytes.NewReader(p.server)
	}
	command.Cancel = func() error {
		cmdline.HandOn(ctx, command.Process)
		return nil
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("running %s: %w", args[0], err)
	}
	p.std.OnAbort(func() { _ = command.Process.Signal(syscall.SIGTERM) }) // it may have ended
	err := command.Wait()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit) && exit.ExitCode() == statusPartial:
		return nil
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return &cmdline.ExitError{Status: exit.ExitCode()}
	case err != nil:
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return nil
}

// statusPartial is that of a run with failed requests.
const statusPartial = 3
