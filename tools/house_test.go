// Package tools_test holds the house together: what may import what, that
// documents tell the truth, and that the tools keep their promises over real
// pipes and signals (testdata/*.txtar).
package tools_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// ours returns the name that docs/design.md has for a package of this module.
func ours(path string) (name string, ok bool) {
	path, ok = strings.CutPrefix(path, "fastgenbench/tools/")
	return strings.TrimPrefix(strings.Replace(path, "/internal/", "/", 1), "internal/"), ok
}

// packageTable reads the tables of docs/design.md: for each package its
// neighbours and the third parties that it may use.
func packageTable(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) == 5 && strings.TrimSpace(cells[1]) != "package" && !strings.Contains(cells[1], "---") {
			table[strings.TrimSpace(cells[1])] = cells[3]
		}
	}
	if len(table) < 10 {
		t.Fatalf("docs/design.md has a table of %d packages", len(table))
	}
	return table
}

// The layout is in the tree as committed: folders that Git otherwise ignores have a page.
func TestLayoutIsThere(t *testing.T) {
	for _, path := range []string{"go.mod", "go.sum", "Makefile", "run_all.sh", "run_example.sh", "results/README.md", "plots/README.md", "scripts/run_benchmark.sh"} {
		if out, err := exec.Command("git", "-C", "..", "ls-files", "--error-unmatch", path).CombinedOutput(); err != nil {
			t.Errorf("%s is not committed: %s", path, out)
		}
	}
}

// everyMain may use these third parties beside the packages.
const everyMain = "cli/v2 x/sys/unix progressbar"

func TestImportsKeepTheirDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{.Name}} {{join .Imports " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	table := packageTable(t)
	found := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		name, _ := ours(words[0])
		allowed, known := table[name]
		isMain := words[1] == "main"
		if isMain {
			allowed = everyMain
		} else if !known && words[1] != "tools" {
			t.Errorf("package %s is not in the tables of docs/design.md", name)
		}
		found[name] = true
		for _, path := range words[2:] {
			neighbour, isOurs := ours(path)
			switch {
			case isOurs && isMain && (inSimulator(name) || !inSimulator(neighbour)):
			case isOurs && slices.Contains(strings.Fields(allowed), neighbour):
			case !isOurs && !strings.Contains(strings.Split(path, "/")[0], "."): // the standard library
			case !isOurs && slices.ContainsFunc(strings.Fields(allowed), func(a string) bool { return strings.Contains(path, a) }):
			default:
				t.Errorf("%s must not import %s", words[0], path)
			}
		}
	}
	for name := range table {
		if !found[name] {
			t.Errorf("docs/design.md has a package %s, which does not exist", name)
		}
	}
}

func inSimulator(name string) bool { return strings.HasPrefix(name, "simulator/") }
