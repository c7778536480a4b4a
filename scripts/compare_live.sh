#!/usr/bin/env bash
# Measures the published A6000 loads through the live pipeline and compares the
# latencies with those of the same model in one process. In lockstep they are the
# same. SPEED=20 measures in real time, 20 virtual seconds per second: what HTTP and
# the client then add. Exit status 1 when a load is off by more than 3 %.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build
export PATH="$PWD/bin:$PATH"
rows=$(mktemp -d)
trap 'kill "${sweeps[@]}" 2>/dev/null || true; rm -rf "$rows"' EXIT
sweeps=()
for backend in sim-fastgen sim-vllm; do
  bash scripts/run_benchmark.sh --backend "$backend" --model meta-llama/Llama-2-7b-hf --mean_prompt_length 2600 --mean_max_new_tokens 60 \
    --seed 7 --num_requests 512 --stream --hardware A6000 ${SPEED:+--speed "$SPEED"} --out_dir "$rows" & sweeps+=($!)
done
for sweep in "${sweeps[@]}"; do wait "$sweep"; done
sweeps=()
validate-sim simulate --figure 2023-11/fig8-left | collect --quiet > "$rows/virtual.csv"
collect --quiet "$rows"/sim-*/*.csv | validate-sim compare --against "$rows/virtual.csv" --max-error 0.03
