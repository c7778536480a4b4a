package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// statusPartial is that of a sweep with failed requests: the next one can go on.
const statusPartial = 3

// sweep runs all sweeps, one after the other. It ends with the first that could
// not be done.
func (o *options) sweep(ctx context.Context, std *cmdline.Std) error {
	if o.lasting() {
		return o.sweepLasting(ctx, std)
	}
	var partial error
	for _, s := range o.plan() {
		err := s.run(ctx, std)
		if !isPartial(err) {
			if err != nil {
				return err
			}
			continue
		}
		partial = err
	}
	return partial
}

func isPartial(err error) bool {
	var exit *cmdline.ExitError
	return errors.As(err, &exit) && exit.Status == statusPartial
}

// run measures the points of one server that are left.
func (s step) run(ctx context.Context, std *cmdline.Std) error {
	if s.pending != nil {
		var left bytes.Buffer
		if err := runProgram(ctx, std, nil, &left, s.pending); err != nil {
			return err
		}
		if left.Len() == 0 {
			std.Notef("all points of %s exist", strings.Join(s.server, " "))
			return nil
		}
	}
	return runProgram(ctx, std, nil, std.Out, s.command)
}

// runProgram runs one of the suite's programs to its end. Its exit status
// becomes ours, and what it has to say it has said.
func runProgram(ctx context.Context, std *cmdline.Std, stdin io.Reader, stdout io.Writer, args []string) error {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, std.Err
	command.Cancel = func() error {
		cmdline.HandOn(ctx, command.Process)
		return nil
	}
	if err := command.Start(); err != nil {
		return cmdline.WithHint(fmt.Errorf("starting %s: %w", args[0], err), "make build puts the suite's programs into bin/")
	}
	std.OnAbort(func() { _ = command.Process.Signal(syscall.SIGTERM) }) // its second, too; it may have ended
	err := command.Wait()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return &cmdline.ExitError{Status: exit.ExitCode()}
	case err != nil:
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return ctx.Err()
}

// lasting reports that the sweep drives servers that serve-launch start started.
func (o *options) lasting() bool { return o.clientOnly && o.url == "" }

// sweepLasting drives each lasting server that is what the flags ask for.
func (o *options) sweepLasting(ctx context.Context, std *cmdline.Std) error {
	var status bytes.Buffer
	if err := runProgram(ctx, std, nil, &status, []string{"serve-launch", "status", "--quiet"}); err != nil {
		return err
	}
	in := csvio.NewReader[record.Server](nil, &status, func(reason string) { std.Warnf("serve-launch status: %s", reason) })
	var partial error
	found := 0
	for in.Scan() {
		if !o.asksFor(in.Row()) {
			continue
		}
		found++
		err := o.drive(ctx, std, in.Row())
		if err != nil && !isPartial(err) {
			return err
		}
		if err != nil {
			partial = err
		}
	}
	switch {
	case in.Err() != nil:
		return fmt.Errorf("serve-launch status: %w", in.Err())
	case found == 0:
		return cmdline.WithHint(fmt.Errorf("no such server is running: %s", shell(o.servers()[0])),
			"see serve-launch status; start it with serve-launch start, or give its address with --openai_api_url")
	}
	return partial
}

// asksFor reports whether a running server is one that the flags name; what
// they leave open is any.
func (o *options) asksFor(row record.Server) bool {
	among := func(values []int, value int) bool { return len(values) == 0 || slices.Contains(values, value) }
	return string(row.Backend) == o.backend.Name && (!o.modelGiven || string(row.Model) == o.model) &&
		among(o.tpSizes, int(row.TPSize)) && among(o.batches, int(row.MaxRaggedBatchSize)) && among(o.replicas, int(row.NumReplicas))
}

// drive hands a server's row to loadgen.
func (o *options) drive(ctx context.Context, std *cmdline.Std, row record.Server) error {
	var text bytes.Buffer
	if err := csvio.NewWriter[record.Server](&text).Write(row); err != nil {
		return err
	}
	return runProgram(ctx, std, &text, std.Out, append([]string{"loadgen"}, o.load...))
}
