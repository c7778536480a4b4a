#!/usr/bin/env bash
# One figure a published panel, the published points and the model's together,
# drawn by the plots themselves into docs/figures/published/.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build
export PATH="$PWD/bin:$PATH"
out=docs/figures/published
mkdir -p "$out"

# draw TOOL PANEL [flags of rows]: published and simulated rows of a panel.
draw() {
  local tool=$1 panel=$2
  shift 2
  { validate-sim rows --figure "$panel" "$@"; validate-sim rows --figure "$panel" --simulated "$@"; } |
    "$tool" --quiet --width 960 --height 720 "${curve[@]}" >"$out/${panel//\//-}.png"
}
curve=(--fit-degree 0)
for panel in $(validate-sim --quiet | awk -F, 'NR > 1 && !seen[$1]++ { print $1 }'); do draw plot-th-lat "$panel"; done
for panel in $(validate-sim goodput --quiet | awk -F, 'NR > 1 && !seen[$1]++ { print $1 }'); do draw plot-eff-th "$panel" --goodput; done
echo "figures in $out"
