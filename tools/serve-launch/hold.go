package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
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
	if !c.Args().Present() {
		return o.hold(ctx, std)
	}
	program, err := exec.LookPath(c.Args().First())
	if err != nil {
		return cmdline.Usagef("no such program: %q", c.Args().First())
	}
	s, err := o.serve(ctx, std)
	if err != nil {
		return err
	}
	defer s.end()
	return s.runCommand(ctx, std, program, c.Args().Slice())
}

// errReaderLeft is why a start is called off when nobody waits for its row.
var errReaderLeft = errors.New("the reader has exited")

// hold serves a pipe: the server lives as long as somebody reads our output,
// from the first moment of its start.
func (o options) hold(ctx context.Context, std *cmdline.Std) error {
	gone := launch.ReaderGone(std.Out)
	starting, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-gone:
			cancel(errReaderLeft)
		case <-starting.Done():
		}
	}()
	s, err := o.serve(starting, std)
	left := context.Cause(starting) == errReaderLeft
	cancel(nil)
	<-watched
	if left && errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return err
	}
	defer s.end()
	if err := csvio.NewWriter[record.Server](std.Out).Write(s.row); err != nil {
		return fmt.Errorf("writing the server row: %w", err)
	}
	if s.server == nil {
		return nil
	}
	return s.wait(ctx, std, gone)
}

// wait holds the server. An interrupt reaches the whole pipe: its reader still
// drains, so the server stays until the reader leaves or the limit passes.
func (s *serving) wait(ctx context.Context, std *cmdline.Std, gone <-chan struct{}) error {
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
	over := time.NewTimer(s.drain)
	defer over.Stop()
	select {
	case <-gone:
	case <-s.server.Exited():
		return s.died(std)
	case <-over.C:
		std.Warnf("the reader has not finished within %v of the interrupt", s.drain)
	}
	return ctx.Err()
}
