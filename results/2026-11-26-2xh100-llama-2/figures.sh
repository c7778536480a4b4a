#!/usr/bin/env bash
# The summary and the figures of this run, from its rows.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf figures/{throughput_latency,tp_sizes,repl_scale}
collect --quiet {fastgen,vllm}/requests.csv >figures/summary.csv
plot-th-lat --quiet --out-dir figures/throughput_latency figures/summary.csv
collect --quiet --where model=llama-2-13b-random {fastgen,vllm}/requests.csv | plot-tp-sizes --quiet --out-dir figures/tp_sizes
plot-repl-scale --quiet --out-dir figures/repl_scale figures/summary.csv
