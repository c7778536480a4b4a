// Package metrics folds request rows into rows a point: Summary, Goodput and
// Gaps. A fold takes rows with Add, in any order and from any number of files,
// and gives its rows and what is wrong with them once all are in; it does no
// I/O. Samples are kept until then, because percentiles are exact: two to three
// bytes of memory for each byte of CSV.
//
// The definitions are those of the DeepSpeed-FastGen benchmark scripts
// (microsoft/DeepSpeedExamples, benchmarks/inference/mii), where they have one.
// All figures are over requests that ended ok. Where a request has a due time
// (open loop), its latency and its time to first token count from there, so a
// request that had to wait to be sent is not flattered.
package metrics
