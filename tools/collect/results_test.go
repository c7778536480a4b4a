package main

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// redefined are columns that mean something else since results were committed.
var redefined = map[string]bool{"request_tps": true, "max_ragged_batch_size": true, "status": true}

// Committed rows are read, and give the figures that were committed with them.
func TestCommittedResults(t *testing.T) {
	const results = "../../results/*/*/"
	requests, err := filepath.Glob(results + "requests.csv")
	if err != nil || len(requests) < 5 {
		t.Fatalf("%d files, %v", len(requests), err)
	}
	std := &cmdline.Std{Name: "collect", Err: io.Discard}
	var fold metrics.Summary
	if skipped, err := (input{operands: requests}).read(std, fold.Add); err != nil || skipped > 0 {
		t.Fatalf("%d rows skipped, %v", skipped, err)
	}
	var out strings.Builder
	w := csvio.NewWriter[record.Summary](&out)
	limited, short := 0, 0
	for _, row := range fold.Rows() {
		switch doubt := string(row.Doubt); {
		case strings.Contains(doubt, "few requests per client"):
			short++
		case strings.Contains(doubt, "in flight"):
			t.Errorf("%d clients: %s", row.NumClients, doubt)
		}
		if row.Status == record.ClientLimited {
			limited++
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if limited != 2 || short != 2 {
		t.Errorf("%d points are client-limited, %d too short", limited, short)
	}
	now := table(t, out.String())
	summaries, err := filepath.Glob(results + "summary.csv")
	if err != nil || len(summaries) == 0 {
		t.Fatal(summaries, err)
	}
	same := 0
	for _, path := range summaries {
		for point, cells := range table(t, file(t, path)) {
			if now[point] == nil {
				continue // simulated or published, beside measured ones
			}
			for column, cell := range cells {
				if got, found := now[point][column]; !redefined[column] && (!found || got != cell) {
					t.Errorf("%s, %s: %s is %s, was %s", path, point, column, got, cell)
				}
				same++
			}
		}
	}
	if same < 2000 {
		t.Errorf("%d cells were compared", same)
	}
}

// table is CSV text by point and column.
func table(t *testing.T, text string) map[string]map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	points := map[string]map[string]string{}
	for _, line := range lines[1:] {
		cells := map[string]string{}
		for i, column := range lines[0] {
			cells[column] = line[i]
		}
		var key []string
		for _, column := range csvio.Columns[record.Key]() {
			if !redefined[column] {
				key = append(key, cells[column])
			}
		}
		points[strings.Join(key, " ")] = cells
	}
	return points
}
