package plot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A plot's package comment behind its first sentence is its manual.
func TestManualsAreThePackageComments(t *testing.T) {
	mains, err := filepath.Glob("../../plot-*/main.go")
	if err != nil || len(mains) < 3 {
		t.Fatalf("mains %q, %v", mains, err)
	}
	for _, path := range mains {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		_, comment, _ := strings.Cut(strings.ReplaceAll(file.Doc.Text(), "\t", "  "), "\n\n")
		if got, want := words(manual(file)), words(strings.Replace(comment, "It reads", "Reads", 1)); got != want {
			t.Errorf("%s: the manual is\n%s\nthe package comment\n%s", path, got, want)
		}
	}
}

// words is a text without its line breaks.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func manual(file *ast.File) (text string) {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && spec.Names[0].Name == "manual" {
			text, _ = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		}
		return true
	})
	return text
}
