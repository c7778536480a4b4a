package main

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

// The example of docs/format.md is what collect makes of it.
func TestExampleOfTheDocument(t *testing.T) {
	document := file(t, "../../docs/format.md")
	request := assignments(t, document, "request")
	var names, cells []string
	for _, column := range csvio.Columns[record.Request]() {
		names, cells = append(names, column), append(cells, request[column])
		delete(request, column)
	}
	if len(request) > 0 {
		t.Errorf("no such columns: %v", request)
	}
	got := testkit.Run(strings.Join(names, ",") + "\n" + strings.Join(cells, ",") + "\n")
	if got.Status != 0 || got.Stderr != "" {
		t.Fatalf("status %d, %s", got.Status, got.Stderr)
	}
	want := assignments(t, document, "summary")
	for _, summary := range table(t, got.Stdout) {
		for _, column := range csvio.Columns[record.Summary]()[len(csvio.Columns[record.Key]()):] {
			cell, _, _ := strings.Cut(want[column], " ")
			if summary[column] != cell {
				t.Errorf("%s is %q, in the document %q", column, summary[column], cell)
			}
			delete(want, column)
		}
	}
	if len(want) > 0 {
		t.Errorf("no such columns: %v", want)
	}
}

// assignments reads the block of lines "column = value" with a name.
func assignments(t *testing.T, document, name string) map[string]string {
	t.Helper()
	_, block, found := strings.Cut(document, "\n```"+name+"\n")
	block, _, ended := strings.Cut(block, "\n```\n")
	if !found || !ended {
		t.Fatalf("no block %q", name)
	}
	all := map[string]string{}
	for _, line := range strings.Split(block, "\n") {
		column, value, found := strings.Cut(line, " = ")
		if !found {
			t.Fatalf("%q is no assignment", line)
		}
		all[column] = value
	}
	return all
}
