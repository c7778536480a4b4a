// Validate-sim compares the simulator with published measurements.
package main

import (
	"runtime/debug"

	"fastgenbench/tools/internal/cmdline"
)

const manual = `Without a command it runs the model in virtual time for every published point
and writes one CSV row per curve: its mean and worst error, and whether the
constants were fitted to it. Totals of fitted and held-out curves go to stderr.

  validate-sim | column -s, -t
  validate-sim rows --figure fig8-left > published.csv
  validate-sim simulate --figure fig8-left | collect | cat published.csv - | plot-th-lat > both.png
  collect results/sim-*/*.csv | validate-sim compare
  validate-sim sweep --tp-size 1,2 | collect goodput | plot-eff-th > sweep.png
  collect measured/*.csv | validate-sim calibrate --hardware L4 > constants.txt
  collect measured/*.csv | validate-sim predict --hardware L4 --calibration "$(cat constants.txt)"`

func main() {
	debug.SetGCPercent(400) // a point's rows are garbage as soon as they are summed up
	cmdline.Main(tool())
}

const operands = "[[label=]file.csv ...]"

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "validate-sim", Summary: "compares the simulator with published measurements", Manual: manual, Run: table,
		Commands: []cmdline.Tool{
			{Name: "rows", Summary: "write the published points as summary rows", Flags: rowsFlags(), Run: rows,
				Manual: "Backends are published-fastgen and published-vllm. With --goodput it writes the points\nof effective throughput, as goodput rows."},
			{Name: "compare", Summary: "compare measured rows with the published points, or with others", Operands: operands, Flags: compareFlags(), Run: compare,
				Manual: "Reads summary rows, with --goodput goodput rows, of sim-fastgen and sim-vllm, and\nwrites CSV: measured, expected, difference. Expected are the published values, or with\n--against those of the same loads in another file, such as simulate's. The exit status\nis 1 if a point is off by more than allowed, or if no row has a counterpart."},
			{Name: "claims", Summary: "compare the claims of the blog with the model", Flags: claimsFlags(), Run: claims,
				Manual: "Writes CSV: the main ratios of the blog of November 2023, and the token latencies of\nits figure 5, as published and as modelled. The exit status is 1 if a ratio is off by\nmore than allowed."},
			{Name: "simulate", Summary: "write the model's requests at the published loads", Flags: simulateFlags(), Run: simulateFigures,
				Manual: "Writes request rows like loadgen's, of backends sim-fastgen and sim-vllm, in virtual\ntime, for collect and the plots."},
			{Name: "sweep", Summary: "write the model's requests for any model, GPU and load", Flags: sweepFlags(), Run: sweep,
				Manual: "Writes request rows like loadgen's, in virtual time, for every combination of the\ngiven sizes and numbers. A replica that does not fit its GPUs is skipped."},
			{Name: "fit", Summary: "fit the constants to the published points again", Flags: fitFlags(), Run: fit,
				Manual: "Takes minutes. Writes one CSV row per fitted constant: its present value and the newly\nfitted one. The errors before and after go to stderr."},
			{Name: "predict", Summary: "compare the model with measured rows", Operands: operands, Flags: predictFlags(), Run: predict,
				Manual: "Reads summary rows of one engine, as collect writes them, simulates the same\nrequests and writes CSV: throughput and mean latency, TTFT and TPOT, measured and\nsimulated, and the share by which the simulated one is larger. The replica's sizes are\nthe row's, and so are its model and token budget unless flags give others."},
			{Name: "calibrate", Summary: "fit constants to measured rows", Operands: operands, Flags: calibrateFlags(), Run: calibrate,
				Manual: "Reads summary rows of one engine on one kind of GPU, as collect writes them, and\nprints the constants in one line, for --calibration of sweep and sim-engine. Two or\nthree points suffice: one client, and many."},
		},
	}
}
