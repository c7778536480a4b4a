// Validate-sim holds the simulator against published measurements.
//
// Without a command it runs the model in virtual time for every published
// throughput-latency point and writes a CSV row a curve: its mean and worst
// error in latency, and whether the constants were fitted to it.
//
//	validate-sim | column -s, -t
//	validate-sim rows --figure fig8-left | plot-th-lat > published.png
//	collect results/sim-*/*.csv | validate-sim compare
//
// rows writes the published points as summary rows, for the plots; compare
// joins rows that were measured through the pipeline to the published points of
// the same load and fails when they are too far off.
package main

import "fastgenbench/tools/internal/cmdline"

const manual = `Without a command it runs the model in virtual time for every published
throughput-latency point and writes a CSV row a curve: its mean and worst
error in latency, and whether the constants were fitted to it.

  validate-sim | column -s, -t
  validate-sim rows --figure fig8-left | plot-th-lat > published.png
  collect results/sim-*/*.csv | validate-sim compare

rows writes the published points as summary rows, for the plots; compare
joins rows that were measured through the pipeline to the published points of
the same load and fails when they are too far off.`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "validate-sim", Summary: "the simulator against published measurements", Manual: manual, Run: table,
		Commands: []cmdline.Tool{
			{Name: "goodput", Summary: "the model against every published effective throughput", Run: goodputTable,
				Manual: "Writes a CSV row a curve: mean and worst error as shares of the figure's peak."},
			{Name: "claims", Summary: "the model against the headlines", Run: claims,
				Manual: "Writes a CSV row for each of three headline ratios of the FastGen blog."},
			{Name: "fit", Summary: "fit the constants again", Flags: fitFlags(), Run: fit,
				Manual: "Turns the constants of the model one after the other, from those in use on, and\nwrites them as CSV: minutes on two cores. Panels that are held out, and those that\ncontradict themselves, are not looked at."},
			{Name: "calibrate", Summary: "constants from rows measured on a real server", Operands: "[[label=]file.csv ...]", Flags: calibrateFlags(), Run: calibrate,
				Manual: "Reads summary rows of a closed loop, two or three points, and writes what\nsim-engine --calibration takes:\n\n  collect rows.csv | validate-sim calibrate --policy vllm --hardware H100-80GB"},
			{Name: "rows", Summary: "write the published points as summary rows", Flags: rowsFlags(), Run: rows,
				Manual: "Backends are published-fastgen and published-vllm. With --goodput the points of\neffective throughput as goodput rows."},
			{Name: "compare", Summary: "hold measured rows against the published points", Operands: "[[label=]file.csv ...]", Flags: compareFlags(), Run: compare,
				Manual: "Reads summary rows, with --goodput goodput rows, of sim-fastgen and sim-vllm, and\nwrites CSV: measured, published, difference. Exit status 1 when a point is off by\nmore than allowed, or when no row has a published counterpart."},
		},
	}
}
