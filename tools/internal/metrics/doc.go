// Package metrics aggregates request rows into rows per measured point:
// Summary, Goodput and Gaps. A fold takes rows with Add, in any order and from
// any number of files. Rows and Troubles give the result once all are in, and
// may be asked for in between. A fold does no I/O. Samples stay in memory,
// because percentiles are exact: two to three bytes for each byte of CSV.
//
// A request is identified by its key alone, so a fold over the rows of
// one point, as a load generator has them, is a Summary too.
//
// A decision about a point uses SLO, its attainment with an interval (Attainment), and
// whether the point was steady (Trend).
//
// The definitions are those of the DeepSpeed-FastGen benchmark scripts
// (microsoft/DeepSpeedExamples, benchmarks/inference/mii), where they have one.
// All times count from a request's start_s, in an open loop too: what it waited
// from due_s to start_s is a figure of its own. What is wrong with a point is
// found once, in Points, so that all folds give it one status and one doubt.
package metrics
