#!/usr/bin/env bash
# The FP6 comparison: Llama-2-70b on one GPU with 6-bit weights, 128 requests per
# point. If FastGen cannot run here, it is simulated.
#   scripts/run_fp6.sh [flags of run_benchmark.sh]
set -euo pipefail
case "${1-}" in -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit ;; esac
cd "$(dirname "$0")/.."
make -s build
export PATH="$PWD/bin:$PATH"

backend=fastgen hardware=()
if ! serve-launch detect "$backend" >/dev/null 2>&1; then
  backend=sim-fastgen hardware=(--hardware A100-80GB)
  echo "run_fp6: FastGen cannot run here (serve-launch detect says why): simulating it on an A100" >&2
fi
bash scripts/run_benchmark.sh --backend "$backend" --model meta-llama/Llama-2-70b-hf --fp6 --tp_size 1 \
  --num_requests 128 --stream --out_dir results/fp6 "${hardware[@]}" "$@"
bash scripts/plot_all.sh results/fp6
