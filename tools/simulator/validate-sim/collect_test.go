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
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}
