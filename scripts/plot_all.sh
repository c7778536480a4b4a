#!/usr/bin/env bash
# Draws the three kinds of figures from the rows below the given folders, into
# plots/ or $PLOTS. It does what the original's plot scripts do with --log_dir;
# for one kind, or with other flags, see `plot-th-lat --help`, `plot-eff-th
# --help` and `plot-pctl --help`.
#   scripts/plot_all.sh results/sim-fastgen results/sim-vllm
set -euo pipefail
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
case "${1-}" in -h | --help) usage; exit ;; "" | -*) usage >&2; exit 2 ;; esac
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
