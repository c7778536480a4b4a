#!/usr/bin/env bash
# Draws every published panel with the published points and the model's:
#   scripts/published_figures.sh docs/figures/published
set -euo pipefail
out=$(realpath -m "${1:-docs/figures/published}")
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# cells COLUMN: the different values of a column of rows.
cells() { pick --columns "$1" --no-header | sort -u; }

for panel in $(validate-sim rows | cells run); do
  validate-sim simulate --figure "$panel" | collect --quiet > "$work/model.csv"
  validate-sim rows --figure "$panel" | plot-th-lat --quiet --width 960 --height 720 - "$work/model.csv" > "$out/${panel//\//-}.png"
done
for panel in $(validate-sim rows --goodput | cells run); do
  validate-sim rows --goodput --figure "$panel" > "$work/published.csv"
  validate-sim simulate --figure "$panel" | collect goodput --quiet --sla-gen "$(cells sla_gen_tps < "$work/published.csv")" --sla-rule ema16 > "$work/model.csv"
  plot-eff-th --quiet --width 960 --height 720 "$work/published.csv" "$work/model.csv" > "$out/${panel//\//-}.png"
done
validate-sim simulate --figure 2023-11/fig5 | collect gaps --quiet --skip-requests 100 --skip-tokens 2 > "$work/model.csv"
validate-sim rows --gaps | plot-pctl --quiet --annotate --width 960 --height 720 - "$work/model.csv" > "$out/fastgen-blog-2023-11-fig5.png"

# How throughput grows with replicas (figure 6), and what each GPU does by tensor-parallel size.
llama=(--model meta-llama/Llama-2-70b-hf --hardware A100-80GB)
validate-sim sweep "${llama[@]}" --tp-size 4 --num-replicas 1,2,4,8,16 --num-clients 16,32,64,128,256 --num-requests 1024 \
  | collect --quiet | plot-repl-scale --quiet --clients-per-replica 16 --width 960 --height 720 > "$out/fastgen-blog-2023-11-fig6.png"
validate-sim sweep "${llama[@]}" --tp-size 2,4,8 --num-clients 1,2,4,8,16,32 \
  | collect --quiet | plot-tp-sizes --quiet --width 960 --height 720 > "$out/llama-2-70b-tp-sizes.png"
