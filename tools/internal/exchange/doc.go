// Package exchange turns our rows into the result files of other programs, and
// their result files into our rows: one file of this package per format.
//
// Written is the file of `vllm bench serve --save-result --save-detailed`, which
// most programs of the field read. What is read is in the table of formats.
//
// Definitions are those of vllm 0.33.0 (vllm/benchmarks/serve.py), sglang 0.5.23
// (sglang/benchmark/serving.py), aiperf 0.13.0 and DeepSpeedExamples at 83757d9.
// docs/format.md names where they differ from ours.
package exchange
