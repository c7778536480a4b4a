//go:build !race

package main

import (
	"bytes"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// collected is what collect writes of request rows.
func collected(t *testing.T, requests string) string {
	t.Helper()
	return written(t, summaries(t, requests), all)
}

// summaries are collect's rows.
func summaries(t *testing.T, requests string) []record.Summary {
	t.Helper()
	in := csvio.NewReader[record.Request](nil, strings.NewReader(requests), func(reason string) { t.Error(reason) })
	var summary metrics.Summary
	for in.Scan() {
		summary.Add(in.Row())
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return summary.Rows()
}

// written are some rows as CSV.
func written(t *testing.T, rows []record.Summary, which func(record.Summary) bool) string {
	t.Helper()
	var out bytes.Buffer
	w := csvio.NewWriter[record.Summary](&out)
	for _, row := range rows {
		if !which(row) {
			continue
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func all(record.Summary) bool { return true }
