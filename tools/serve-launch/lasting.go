package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/record"
)

func start(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readLasting(c)
	if err != nil {
		return err
	}
	return withNote(o.name, std, func(locked *lockedNote, running *note) error {
		if running != nil {
			return cmdline.WithHint(fmt.Errorf("%s is already running at %s", o.name, running.Row.URL), "stop it, restart it, or start this one under another --name")
		}
		return o.startLasting(ctx, std, locked)
	})
}

// withNote does something about the server called name while no other command
// can: running is nil where no such server runs.
func withNote(name string, std *cmdline.Std, do func(locked *lockedNote, running *note) error) error {
	locked, err := openNote(name)
	if err != nil {
		return err
	}
	defer locked.close()
	running, err := locked.running(std)
	if err != nil {
		return err
	}
	return do(locked, running)
}

func readLasting(c *cli.Context) (options, error) {
	o, err := readOptions(c)
	if err == nil && o.backend.Command == nil {
		err = cmdline.Usagef("--backend %s starts nothing", o.backend.Name)
	}
	return o, err
}

// startLasting remembers the server before it lets go of it: whoever is killed
// between, there is never a server without a note.
func (o options) startLasting(ctx context.Context, std *cmdline.Std, locked *lockedNote) error {
	s, err := o.serve(ctx, std)
	if err != nil {
		return err
	}
	n := note{launch.Identify(s.server.GuardPID), o.stop, s.log, s.ownLog, s.row}
	if err = locked.write(n); err == nil {
		if err = s.server.Keep(); err == nil {
			return csvio.NewWriter[record.Server](std.Out).Write(s.row)
		}
		_ = locked.forget(&n) // the server goes: the note would be stale, which readers see
	}
	s.end()
	return err
}

func stop(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	name := lastingName(c)
	return withNote(name, std, func(locked *lockedNote, running *note) error {
		if running == nil {
			return cmdline.WithHint(fmt.Errorf("no server named %s is running", name), "see `serve-launch status`")
		}
		return locked.stop(ctx, std, running, stopLimit(c, running))
	})
}

// stopLimit is how long a stop may take. The guard has the grace that start was
// given; --stop-timeout can make it shorter.
func stopLimit(c *cli.Context, n *note) time.Duration {
	if c.IsSet("stop-timeout") {
		return c.Duration("stop-timeout")
	}
	return n.Grace + 5*time.Second
}

// stop takes the server down.
func (b *lockedNote) stop(ctx context.Context, std *cmdline.Std, n *note, limit time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := n.Guard.Terminate(limited); err != nil {
		return fmt.Errorf("stopping %s: %w", b.name, err)
	}
	std.Notef("stopped %s", b.name)
	return b.forget(n)
}

func restart(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readLasting(c)
	if err != nil {
		return err
	}
	return withNote(o.name, std, func(locked *lockedNote, running *note) error {
		if running != nil {
			if err := locked.stop(ctx, std, running, stopLimit(c, running)); err != nil {
				return err
			}
		}
		return o.startLasting(ctx, std, locked)
	})
}

func status(_ context.Context, _ *cli.Context, std *cmdline.Std) error {
	dir, err := notesDir()
	if err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	w := csvio.NewWriter[record.Server](std.Out)
	if err := w.Header(); err != nil {
		return err
	}
	for _, path := range paths {
		n, err := readNote(path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		switch {
		case n == nil: // stopped since the folder was listed
		case n.Guard.Alive():
			std.Notef("%s: process group of guard %d, log in %s", name, n.Guard.PID, n.Log)
			if err := w.Write(n.Row); err != nil {
				return err
			}
		default:
			std.Notef("%s has exited, log in %s", name, n.Log)
		}
	}
	return nil
}
