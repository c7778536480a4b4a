package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// runCommand runs the command with the row as its input; its exit status is
// ours, and its life the server's.
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
	var exited <-chan struct{}
	if s.server != nil {
		exited = s.server.Exited()
	}
	interrupted := ctx.Done()
	var died error
	for {
		select {
		case err := <-ended:
			return commandError(ctx, args[0], err, died)
		case <-exited: // said at once: the command may go on for long
			exited, died = nil, s.died(std)
			std.Warnf("%v", died)
		case <-interrupted:
			interrupted = nil
			cmdline.HandOn(ctx, command.Process)
		}
	}
}

// commandError turns the command's end into ours. died is the server's, which
// was printed already; it counts where the command makes nothing of it.
func commandError(ctx context.Context, name string, err, died error) error {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		status := exit.ExitCode()
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			message := fmt.Sprintf("%s was ended by a signal: %v", name, ws.Signal())
			if ctx.Err() != nil { // as it was asked to
				message = ""
			}
			return &cmdline.ExitError{Status: 128 + int(ws.Signal()), Message: message}
		}
		return &cmdline.ExitError{Status: status}
	case err != nil:
		return fmt.Errorf("running %s: %w", name, err)
	case died != nil:
		return &cmdline.ExitError{Status: 1}
	}
	return nil
}
