package backend

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// gpus lists the NVIDIA GPUs that CUDA programs see by name, none where there
// is no driver.
func gpus() []string {
	args := []string{"--query-gpu=name", "--format=csv,noheader"}
	if seen, limited := os.LookupEnv("CUDA_VISIBLE_DEVICES"); limited {
		if seen == "" || strings.HasPrefix(seen, "-") {
			return nil
		}
		args = append(args, "--id="+seen)
	}
	out, err := ask(askLimit, "nvidia-smi", args...)
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(strings.TrimSpace(out), func(r rune) bool { return r == '\n' })
}

// Hardware names what a server on this machine runs on: the GPUs it takes, or
// the processor.
func Hardware(s Settings) string {
	found := gpus()
	if len(found) == 0 {
		return fmt.Sprintf("CPU %s (%d cores)", processor(), runtime.NumCPU())
	}
	name := strings.TrimPrefix(found[0], "NVIDIA ")
	if n := s.TPSize * s.NumReplicas; n > 1 {
		return fmt.Sprintf("%dx%s", n, name)
	}
	return name
}

func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
