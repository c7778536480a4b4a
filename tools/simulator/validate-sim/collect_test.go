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
func collected(t *testing.T, requests string) string { return collectedOf(t, requests, all) }

// collectedOf are some of the rows that collect writes.
func collectedOf(t *testing.T, requests string, of func(record.Summary) bool) string {
	t.Helper()
	in := csvio.NewReader[record.Request](nil, strings.NewReader(requests), func(reason string) { t.Error(reason) })
	var summary metrics.Summary
	for in.Scan() {
		summary.Add(in.Row())
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := csvio.NewWriter[record.Summary](&out)
	for _, row := range summary.Rows() {
		if !of(row) {
			continue
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}
