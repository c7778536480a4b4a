#!/usr/bin/env bash
# Measures the published A6000 points through the live pipeline, with the
# published number of requests, and compares them with the published figures. Exit
# status 1 when a point is too far off.
set -euo pipefail
cd "$(dirname "$0")/.."
bash run_example.sh >/dev/null
export PATH="$PWD/bin:$PATH"
rows=(results/sim-fastgen/*.csv results/sim-vllm/*.csv)
status=0
collect --quiet "${rows[@]}" | validate-sim compare || status=$?
collect goodput --quiet --sla-gen 4 --sla-rule ema16 "${rows[@]}" | validate-sim compare --goodput || status=$?
exit "$status"
