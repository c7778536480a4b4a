package tools_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// binaries is where the tools are, so that scripts run what users run: where make
// test has built them, else where TestMain does.
var binaries = os.Getenv("TOOLS_BIN")

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	if binaries != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "tools")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// As make does in a clone without history: the copy of the repository in which
	// documented commands run then has nothing to link.
	if out, err := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", dir+"/", "./...").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the tools: %v\n%s", err, out)
		return 1
	}
	binaries = dir
	return m.Run()
}

// TestScripts runs each file of testdata: one promise a file, over real pipes,
// real processes and real signals.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			root, err := filepath.Abs("..")
			if err != nil {
				return err
			}
			env.Setenv("PATH", binaries+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("REPO", root)
			env.Setenv("XDG_RUNTIME_DIR", env.WorkDir)
			return nil
		},
	})
}
