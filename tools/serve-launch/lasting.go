package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/record"
)

// note is what is remembered of a lasting server: its guard and its row.
type note struct {
	Guard launch.Process
	Log   string
	Row   record.Server
}

// notesDir is where the notes of this user's lasting servers lie.
func notesDir() (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("user-%d", os.Getuid()))
	}
	dir = filepath.Join(dir, "serve-launch")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("the folder of running servers: %w", err)
	}
	return dir, nil
}

func notePath(name string) (string, error) {
	if name == "" || filepath.Base(name) != name {
		return "", cmdline.Usagef("--name %q is no plain name", name)
	}
	dir, err := notesDir()
	return filepath.Join(dir, name+".json"), err
}

// readNote reads a note; that of a server that has ended is none.
func readNote(path string) (*note, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !n.Guard.Alive() {
		return nil, os.Remove(path)
	}
	return &n, nil
}

func start(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readOptions(c)
	if err != nil {
		return err
	}
	if o.backend.Command == nil {
		return cmdline.Usagef("--backend %s starts nothing", o.backend.Name)
	}
	path, err := notePath(o.name)
	if err != nil {
		return err
	}
	running, err := readNote(path)
	if err != nil {
		return err
	}
	if running != nil {
		return cmdline.WithHint(fmt.Errorf("%s runs already at %s", o.name, running.Row.URL), "stop it, restart it, or start this one under another --name")
	}
	s, err := o.serve(ctx, std, true)
	if err != nil {
		return err
	}
	text, err := json.Marshal(note{launch.Identify(s.server.GuardPID), s.log, s.row})
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		s.server.Stop()
		return fmt.Errorf("remembering the server: %w", err)
	}
	return csvio.NewWriter[record.Server](std.Out).Write(s.row)
}

func stop(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	name := c.String("name")
	if name == "" {
		name = c.String("backend")
	}
	path, err := notePath(name)
	if err != nil {
		return err
	}
	n, err := readNote(path)
	if err != nil {
		return err
	}
	if n == nil {
		return cmdline.WithHint(fmt.Errorf("no server called %s runs", name), "see `serve-launch status`")
	}
	ctx, cancel := context.WithTimeout(ctx, c.Duration("stop-timeout")+10*time.Second)
	defer cancel()
	if err := n.Guard.Terminate(ctx); err != nil {
		return err
	}
	std.Notef("stopped %s", name)
	return os.Remove(path)
}

func restart(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readOptions(c)
	if err != nil {
		return err
	}
	path, err := notePath(o.name)
	if err != nil {
		return err
	}
	if n, err := readNote(path); err != nil {
		return err
	} else if n != nil {
		if err := stop(ctx, c, std); err != nil {
			return err
		}
	}
	return start(ctx, c, std)
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
		if n == nil {
			continue
		}
		if err := w.Write(n.Row); err != nil {
			return err
		}
	}
	return nil
}
