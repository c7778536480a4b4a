// Package tools_test holds the house together: what may import what, that
// documents tell the truth, and that the tools keep their promises over real
// pipes and signals (testdata/*.txtar).
package tools_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const internal = "fastgenbench/tools/internal/"

// mayImport is the table of docs/design: for each package its neighbours and,
// behind them, the third parties that it alone may use.
var mayImport = map[string]string{
	"record":   "",
	"csvio":    "record gocsv",
	"cmdline":  "cli/v2 x/term x/sys/unix",
	"openai":   "",
	"backend":  "openai record",
	"protocol": "openai stamp record prompt x/net/http2 protobuf",
	"stamp":    "x/sys/unix",
	"launch":   "x/sys/unix",
	"prompt":   "",
	"load":     "prompt record x/sys/unix",
	"metrics":  "record",
	"series":   "record",
	"chart":    "go-chart/v2",
	"plot":     "chart cmdline csvio record series cli/v2", // what the plot tools share of their mains
	"sim":      "",
}

// everyMain may use these third parties beside all internal packages.
const everyMain = "cli/v2 x/sys/unix progressbar"

func TestImportsKeepTheirDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		name, isInternal := strings.CutPrefix(words[0], internal)
		allowed, known := mayImport[name]
		if isInternal && !known {
			t.Errorf("package %s is not in the table of who may import what", name)
		}
		if !isInternal {
			allowed = everyMain
		}
		for _, path := range words[1:] {
			neighbour, ours := strings.CutPrefix(path, internal)
			switch {
			case !ours && !strings.Contains(strings.Split(path, "/")[0], "."):
				continue // the standard library, or a tool's own internal package
			case ours && !isInternal:
				continue // a main wires what it likes
			case ours && slices.Contains(strings.Fields(allowed), neighbour):
				continue
			case !ours && slices.ContainsFunc(strings.Fields(allowed), func(a string) bool { return strings.Contains(path, a) }):
				continue
			}
			t.Errorf("%s must not import %s", words[0], path)
		}
	}
}
