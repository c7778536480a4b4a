package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/record"
)

// run is the tool without a command: a server for a pipe, or for what stands
// behind "--".
func run(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readOptions(c)
	if err != nil {
		return err
	}
	var program string
	if c.Args().Present() {
		if program, err = exec.LookPath(c.Args().First()); err != nil {
			return cmdline.WithHint(cmdline.Usagef("%q is neither a command of serve-launch nor a program", c.Args().First()), "see `serve-launch --help`")
		}
	}
	s, err := o.serve(ctx, std, false)
	if err != nil {
		return err
	}
	if program != "" {
		err = s.runCommand(ctx, std, program, c.Args().Slice())
	} else {
		err = s.hold(ctx, std, o.drain)
	}
	s.end(err == nil)
	return err
}

// hold keeps the server for as long as somebody reads our output. An
// interrupt reaches the whole pipe: its reader still drains, so the server
// stays until the reader leaves or the limit passes.
func (s *serving) hold(ctx context.Context, std *cmdline.Std, drain time.Duration) error {
	if err := csvio.NewWriter[record.Server](std.Out).Write(s.row); err != nil {
		return fmt.Errorf("writing the server row: %w", err)
	}
	if s.server == nil {
		return nil
	}
	gone := launch.ReaderGone(std.Out)
	select {
	case <-gone:
		return nil
	case <-s.server.Exited():
		return s.died(std)
	case <-ctx.Done():
	}
	if !launch.HasReader(std.Out) {
		return ctx.Err()
	}
	select {
	case <-gone:
	case <-s.server.Exited():
	case <-time.After(drain):
		std.Warnf("the reader has not finished within %v of the interrupt", drain)
	}
	return ctx.Err()
}

// died is the error of a server that ended while it was needed.
func (s *serving) died(std *cmdline.Std) error {
	for _, line := range launch.Tail(s.log, 15) {
		std.Hintf("%s", line)
	}
	return fmt.Errorf("the server ended by itself: %s", s.server.Reason())
}

// runCommand runs the command with the row as its input; its exit status is
// ours. The terminal's Ctrl-C reaches it without us; any other signal that was
// sent to us alone is handed on.
func (s *serving) runCommand(ctx context.Context, std *cmdline.Std, program string, args []string) error {
	var row bytes.Buffer
	if err := csvio.NewWriter[record.Server](&row).Write(s.row); err != nil {
		return err
	}
	command := exec.Command(program, args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = &row, std.Out, std.Err
	if err := command.Start(); err != nil {
		return fmt.Errorf("running %s: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		return s.commandStatus(std, args[0], err)
	case <-ctx.Done():
	}
	interrupt := cmdline.Interrupted{}
	if errors.As(context.Cause(ctx), &interrupt) && interrupt.Signal != syscall.SIGINT {
		_ = command.Process.Signal(interrupt.Signal) // it may have ended just now
	}
	return s.commandStatus(std, args[0], <-ended)
}

// commandStatus turns the command's end into ours.
func (s *serving) commandStatus(std *cmdline.Std, name string, err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status := exit.ExitCode()
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return &cmdline.ExitError{Status: 128 + int(ws.Signal()), Message: fmt.Sprintf("%s was ended by a signal: %v", name, ws.Signal())}
		}
		return &cmdline.ExitError{Status: status}
	}
	if err != nil || s.server == nil {
		return err
	}
	select {
	case <-s.server.Exited():
		return s.died(std)
	default:
		return nil
	}
}
