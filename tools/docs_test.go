package tools_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

var cellName = regexp.MustCompile("`([a-z0-9_]+)`")

// documented lists the columns that docs/format.md gives a section.
func documented(t *testing.T, section string) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(text), "\n## "+section+"\n")
	if !found {
		t.Fatalf("docs/format.md has no section %s", section)
	}
	body, _, _ = strings.Cut(body, "\n## ")
	var columns []string
	for line := range strings.Lines(body) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, name := range cellName.FindAllStringSubmatch(cells[1], -1) {
				columns = append(columns, name[1])
			}
		}
	}
	return columns
}

func TestFormatListsEveryColumn(t *testing.T) {
	key := documented(t, "The key")
	for section, want := range map[string][]string{
		"Server":     csvio.Columns[record.Server](),
		"Request":    csvio.Columns[record.Request](),
		"Summary":    csvio.Columns[record.Summary](),
		"Goodput":    csvio.Columns[record.Goodput](),
		"Gaps":       csvio.Columns[record.Gaps](),
		"Turns":      csvio.Columns[record.Turns](),
		"Capacity":   csvio.Columns[record.Capacity](),
		"Comparison": csvio.Columns[record.Comparison](),
	} {
		prefix := key
		if section == "Server" {
			prefix = key[:9]
		}
		if got := append(slices.Clone(prefix), documented(t, section)...); !slices.Equal(got, want) {
			t.Errorf("%s: documented\n%q\nwritten\n%q", section, got, want)
		}
	}
}
