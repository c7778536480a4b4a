package backend

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Need is something missing here, and the command that would provide it.
type Need struct{ Missing, Hint string }

const simulate = "run it where they are; or simulate: --backend sim-fastgen"

func needProgram(path func() (string, error), hint string) []Need {
	if _, err := path(); err != nil {
		return []Need{{err.Error(), hint}}
	}
	return nil
}

// needGPUs asks for as many NVIDIA GPUs as the settings spread over.
func needGPUs(s Settings) []Need {
	want := s.TPSize * s.NumReplicas
	if have := len(gpus()); have < want {
		return []Need{{fmt.Sprintf("%d of the %d GPUs it takes", have, want), simulate}}
	}
	return nil
}

// needModule asks for a Python module in the engine's environment.
func needModule(s Settings, engine, module, hint string) []Need {
	python, err := s.python(engine)
	if err != nil {
		return []Need{{err.Error(), hint}}
	}
	find := "import importlib.util,sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
	_, err = ask(askLimit, python, "-c", find, module)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.Exited():
		return []Need{{"no Python module " + module + " in " + python, hint}}
	case err != nil:
		return []Need{{fmt.Sprintf("looking for the Python module %s in %s: %v", module, python, err), hint}}
	}
	return nil
}

// lookPath finds a program beside this one or in PATH.
func lookPath(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); isProgram(beside) {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("no %s beside this program or in PATH", name)
	}
	return filepath.Abs(path)
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// installed is where `make engines` puts an engine's file: this program is in
// the checkout's bin/, engines are in its .engines/.
func installed(engine, file string) string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	path := filepath.Join(filepath.Dir(self), "..", ".engines", engine, file)
	if !isProgram(path) {
		return ""
	}
	return path
}

// python is the interpreter of an engine's environment: --python, else the
// variable of the engine's name, such as VLLM_PYTHON, else the one that `make
// engines` made, else python3 in PATH.
func (s Settings) python(engine string) (string, error) {
	variable := strings.ToUpper(engine) + "_PYTHON"
	for _, python := range []string{s.Python, os.Getenv(variable), installed(engine, "bin/python")} {
		if python == "" {
			continue
		}
		path, err := exec.LookPath(python)
		if err != nil {
			return "", fmt.Errorf("no interpreter %s", python)
		}
		return filepath.Abs(path)
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		return "", errors.New("no python3 in PATH, no --python and no " + variable)
	}
	return filepath.Abs(path)
}

// environment puts an interpreter's folder first in PATH: engines call their
// helpers (deepspeed, ninja) by bare name.
func environment(python string) []string {
	return []string{"PATH=" + filepath.Dir(python) + string(os.PathListSeparator) + os.Getenv("PATH")}
}

// packageVersion is the version of a Python package, "" when it has none. The
// error is an interpreter that did not say.
func packageVersion(python, name string) (string, error) {
	out, err := ask(askLimit, python, "-c", "import importlib.metadata,sys; print(importlib.metadata.version(sys.argv[1]))", name)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", fmt.Errorf("the version of %s: %w", name, err)
	}
	return strings.TrimSpace(out), nil
}

// cacheFolder makes a folder of the user's for what an engine must read from a file.
func cacheFolder(name string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("a place for the engine's files: %w", err)
	}
	folder := filepath.Join(cache, "serve-launch", name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("a place for the engine's files: %w", err)
	}
	return folder, nil
}
