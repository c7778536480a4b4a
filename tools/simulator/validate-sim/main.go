// Validate-sim holds the simulator against published measurements.
package main

import "fastgenbench/tools/internal/cmdline"

const manual = `Without a command it runs the model in virtual time for every published point
and writes a CSV row a curve: its mean and worst error, and whether the
constants were fitted to it. The sums of fitted and held-out curves go to stderr.

  validate-sim | column -s, -t
  validate-sim rows --figure fig8-left > published.csv
  validate-sim simulate --figure fig8-left | collect | cat published.csv - | plot-th-lat > both.png
  collect results/sim-*/*.csv | validate-sim compare
  validate-sim sweep --tp-size 1,2 | collect goodput | plot-eff-th > sweep.png
  collect measured/*.csv | validate-sim calibrate --hardware L4`

func main() { cmdline.Main(tool()) }

const operands = "[[label=]file.csv ...]"

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "validate-sim", Summary: "the simulator against published measurements", Manual: manual, Run: table,
		Commands: []cmdline.Tool{
			{Name: "rows", Summary: "write the published points as summary rows", Flags: rowsFlags(), Run: rows,
				Manual: "Backends are published-fastgen and published-vllm. With --goodput the points of\neffective throughput as goodput rows."},
			{Name: "compare", Summary: "hold measured rows against the published points, or against others", Operands: operands, Flags: compareFlags(), Run: compare,
				Manual: "Reads summary rows, with --goodput goodput rows, of sim-fastgen and sim-vllm, and\nwrites CSV: measured, expected, difference. Expected is what was published, or with\n--against the same loads elsewhere, such as those of simulate. Exit status 1 when a\npoint is off by more than allowed, or when no row has a counterpart."},
			{Name: "claims", Summary: "hold the headlines of the blog against the model", Flags: claimsFlags(), Run: claims,
				Manual: "Writes CSV: the ratios that the blog of November 2023 leads with, and the token\nlatencies of its figure 5, as published and out of the model. Exit status 1 when a\nheadline is off by more than allowed."},
			{Name: "simulate", Summary: "write the model's requests at the published loads", Flags: simulateFlags(), Run: simulateFigures,
				Manual: "Writes request rows as loadgen does, of backends sim-fastgen and sim-vllm, in\nvirtual time: collect and the plots take them as measured ones."},
			{Name: "sweep", Summary: "write the model's requests for any model, GPU and load", Flags: sweepFlags(), Run: sweep,
				Manual: "Writes request rows as loadgen does, of every combination of the sizes and\nnumbers given, in virtual time. A replica that does not fit its GPUs is left out."},
			{Name: "fit", Summary: "fit the constants to the published points again", Flags: fitFlags(), Run: fit,
				Manual: "Takes minutes. Writes CSV, a row a fitted constant: its value in the table and by\nthe new fit. The errors before and after go to stderr."},
			{Name: "calibrate", Summary: "fit constants to measured rows", Operands: operands, Flags: calibrateFlags(), Run: calibrate,
				Manual: "Reads summary rows of one engine on one kind of GPU, as collect writes them, and\nprints the constants in one line, as sweep and sim-engine take them behind\n--calibration. Two or three points suffice: one client, and many."},
		},
	}
}
