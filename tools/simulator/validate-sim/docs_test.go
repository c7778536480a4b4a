//go:build !race

// Long without need under the race detector: see model_test.go.

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"fastgenbench/tools/simulator/sim"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/simulator.md")

// The tables of docs/simulator.md are what the code says.
func TestTablesOfTheDocument(t *testing.T) {
	const path = "../../../docs/simulator.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	is := string(text)
	tables := map[string]string{"constants": constantTable(), "groups": groupTable(t), "claims": claimTable(t)}
	for name, of := range trials {
		tables[name] = calibratedTable(t, of)
	}
	for name, table := range tables {
		begin := "<!-- " + name + " -->\n"
		before, rest, found := strings.Cut(is, begin)
		old, after, ended := strings.Cut(rest, "<!-- end -->")
		if !found || !ended {
			t.Fatalf("%s has no place for the table of %s", path, name)
		}
		if old != table && !*update {
			t.Errorf("%s: the table of %s is not what the code says; go test ./tools/simulator/validate-sim -run Document -update\n%s", path, name, table)
		}
		is = before + begin + table + "<!-- end -->" + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(is), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func constantTable() string {
	var b strings.Builder
	b.WriteString("| owner | constant | value | fitted | source, or the figures that determine it most |\n| --- | --- | --- | --- | --- |\n")
	for _, k := range sim.Constants() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %g | %s | %s |\n", k.Owner, k.Name, k.Value, map[bool]string{true: "yes", false: "no"}[k.Fitted], k.Source)
	}
	return b.String()
}

func groupTable(t *testing.T) string {
	curves, err := judged()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| group | curves | points | mean error | worst |\n| --- | --- | --- | --- | --- |\n")
	for _, g := range groups(curves) {
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f %% | %.1f %% |\n", g.name, g.curves, g.points, 100*g.sum/float64(g.points), 100*g.worst)
	}
	return b.String()
}

func claimTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| claim | published | model |\n| --- | --- | --- |\n")
	for _, collect := range []func() ([]claim, error){effectiveClaim, throughputClaim, tokenLatencyClaims} {
		rows, err := collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintf(&b, "| %s | %.3g | %.3g |\n", row.Claim, row.Published.Float(), row.Model.Float())
		}
	}
	return b.String()
}

func TestClaims(t *testing.T) {
	out, errs, status := tooled(t, "", "claims")
	if status != 0 || strings.Count(out, "headline,") != 3 || strings.Count(out, "detail,") != 6 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if _, _, status := tooled(t, "", "claims", "--max-error", "0.01"); status != 1 {
		t.Errorf("status %d where a claim is off by more than is allowed", status)
	}
}
