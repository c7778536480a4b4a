//go:build !race

// Long without need under the race detector: see model_test.go.

package main

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// rowsOfText are the rows in what the tool wrote; all can be read.
func rowsOfText[T csvio.Row](t *testing.T, args ...string) []T {
	t.Helper()
	text, errs, status := tooled(t, "", args...)
	if status != 0 {
		t.Fatalf("%v: status %d, %s", args, status, errs)
	}
	in := csvio.NewReader[T](nil, strings.NewReader(text), func(s string) { t.Error(s) })
	var rows []T
	for in.Scan() {
		rows = append(rows, in.Row())
	}
	if in.Err() != nil || len(rows) == 0 {
		t.Fatalf("%v: %d rows, %v", args, len(rows), in.Err())
	}
	return rows
}

// What was not published and what no client saw is absent.
func TestNothingIsMadeUp(t *testing.T) {
	for _, r := range rowsOfText[record.Summary](t, "rows", "--figure", "fp6") {
		if r.Requests != 128 || r.OK != 128 || r.TTFTMeanS.Known() || r.InFlightMean.Known() {
			t.Errorf("%+v", r)
		}
	}
	for _, r := range rowsOfText[record.Goodput](t, "rows", "--goodput") {
		if r.Requests != publishedRequests || r.Good.Known() || !r.EffectiveRPS.Known() {
			t.Errorf("%+v", r)
		}
	}
	for _, r := range rowsOfText[record.Gaps](t, "rows", "--gaps") {
		if r.Gaps.Known() || r.P99S.Known() || !r.P50S.Known() {
			t.Errorf("%+v", r)
		}
	}
	requests := rowsOfText[record.Request](t, "simulate", "--figure", "fp6-blog-2024-03/fig1-g250")
	for _, r := range requests {
		if r.BlurredChunks.Known() || r.LagS.Known() || r.ClientCPU.Known() || r.DueS.Known() || r.Clock != "virtual" || r.EndS != r.LatencyS {
			t.Fatalf("%+v", r)
		}
	}
	if len(requests)%128 != 0 {
		t.Errorf("%d requests", len(requests))
	}
}
