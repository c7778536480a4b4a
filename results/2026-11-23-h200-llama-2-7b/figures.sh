#!/usr/bin/env bash
# The summary and the figures of this run: its rows, and beside them the
# simulator, which takes the very same requests in virtual time and knows of the
# GPU what its datasheet says.
set -euo pipefail
cd "$(dirname "$0")"

simulated() {
  for load in "2600 60" "1200 128"; do
    for policy in vllm fastgen-0.2; do
      for n in 1 2 4 6 8 12 16 20 24 28 32; do
        validate-sim sweep --quiet --hardware H200 --policy "$policy" --num-clients "$n" --num-requests $((4 * n + 32)) \
          --mean-prompt-length "${load% *}" --mean-max-new-tokens "${load#* }"
      done
    done
  done | sed 's|meta-llama/Llama-2-7b-hf|llama-2-7b-random|'
}

rm -rf figures
mkdir figures
collect --quiet ./*/requests.csv datasheet=<(simulated) >figures/summary.csv
plot-th-lat --quiet --out-dir figures figures/summary.csv
collect goodput --quiet --sla-gen 25 --sla-rule cum ./{fastgen,vllm}/requests.csv datasheet=<(simulated) | plot-eff-th --quiet --out-dir figures/goodput
collect gaps --quiet --where num_clients=8,32 ./{fastgen,vllm}/requests.csv | plot-pctl --quiet --out-dir figures/percentile_token_latency
