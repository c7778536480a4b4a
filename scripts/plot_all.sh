#!/usr/bin/env bash
# Draws the three kinds of figures from the rows below the given folders:
#   scripts/plot_all.sh results/sim-fastgen results/sim-vllm
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
plots=${PLOTS:-plots}

mapfile -d '' -t rows < <(find "$@" -name '*.csv' -print0 | sort -z)
((${#rows[@]})) || { echo "plot_all: no rows below $*" >&2; exit 1; }

collect "${rows[@]}" | plot-th-lat --out-dir "$plots/throughput_latency"
collect goodput "${rows[@]}" | plot-eff-th --out-dir "$plots/goodput"
collect gaps "${rows[@]}" | plot-pctl --out-dir "$plots/percentile_token_latency"
echo "figures:"
find "$plots" -name '*.png' | sort | sed 's/^/  /'
