package tools_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var longFlag = regexp.MustCompile(`--[a-z][a-z0-9_-]*`)

// flagsOf are the flags that a tool's help lists, with hyphens.
func flagsOf(t *testing.T, tool string) []string {
	t.Helper()
	help, err := exec.Command(filepath.Join(binaries, tool), "--help").Output()
	if err != nil {
		t.Fatalf("%s --help: %v", tool, err)
	}
	all := longFlag.FindAllString(strings.ReplaceAll(string(help), "_", "-"), -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// Whatever serve-launch and loadgen take can be said to run-benchmark, but for
// what it decides itself.
func TestRunBenchmarkTakesTheFlagsOfBoth(t *testing.T) {
	own := []string{"--pending", "--name", "--vllm-api"}
	taken := flagsOf(t, "run-benchmark")
	for _, tool := range []string{"serve-launch", "loadgen"} {
		for _, flag := range flagsOf(t, tool) {
			if !slices.Contains(taken, flag) && !slices.Contains(own, flag) {
				t.Errorf("%s of %s is not a flag of run-benchmark", flag, tool)
			}
		}
	}
}
