//go:build !race

// Long without need under the race detector: see model_test.go.

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Measured rows are held against what was published, or against other rows; a
// point that is off by too much is reported and is an error.
func TestCompare(t *testing.T) {
	published, _, _ := tooled(t, "", "rows", "--figure", "fig8-left")
	measured := strings.ReplaceAll(published, ",published-", ",sim-")
	slower := filepath.Join(t.TempDir(), "slower.csv")
	if err := os.WriteFile(slower, []byte(strings.ReplaceAll(measured, ",1.856000,", ",1.900000,")), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		rows   string
		args   []string
		status int
		within int
		said   string
	}{
		"as published":       {measured, nil, 0, 27, "27 points: off by 0.4 %"},
		"one point is off":   {strings.ReplaceAll(measured, ",1.856000,", ",2.856000,"), nil, 1, 0, "points are off by more than is allowed"},
		"nothing in common":  {strings.ReplaceAll(measured, ",A6000,", ",L4,"), nil, 1, 0, "none of the rows has a counterpart"},
		"other rows":         {measured, []string{"--against", slower}, 0, 18, "2.3 % at worst"},
		"other rows, narrow": {measured, []string{"--against", slower, "--max-error", "0.01"}, 1, 0, "1 of 18 points"},
		"no such rows":       {measured, []string{"--against", slower + "x"}, 1, 0, "slower.csvx"},
		"both":               {measured, []string{"--against", slower, "--goodput"}, 2, 0, "--against compares latencies"},
	} {
		out, stderr, status := tooled(t, c.rows, append([]string{"compare"}, c.args...)...)
		if status != c.status || !strings.Contains(stderr, c.said) || c.status == 0 && strings.Count(out, ",within\n") != c.within {
			t.Errorf("%s: status %d, %q, %d points within", name, status, stderr, strings.Count(out, ",within\n"))
		}
	}
}
