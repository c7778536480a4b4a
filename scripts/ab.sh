#!/usr/bin/env bash
# Compares two servers on one machine: starts them in turns (A B, B A, A B ...), puts
# the same load on each, and ends in compare-runs. Every run starts its server anew
# and has a seed of its own, the same on both sides. RUNS (5) is how many runs a side
# has, OUT the folder for the rows, COMPARE further flags of compare-runs.
#   scripts/ab.sh 'serve-launch --backend vllm --model M' 'serve-launch --backend vllm --model M -- --enforce-eager' --num-clients 8 --stream
# The exit status is that of compare-runs: 0 same or better, 10 worse, 11 unclear.
set -euo pipefail
case "${1-}" in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0"; exit ;; esac
if (($# < 3)); then
  echo "usage: [RUNS=5] [OUT=DIR] [COMPARE=FLAGS] scripts/ab.sh BEFORE AFTER LOADGEN_FLAGS" >&2
  exit 2
fi
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
command -v compare-runs >/dev/null || make -s build >&2
before=$1 after=$2
shift 2
rows=${OUT:-$(mktemp -d)}
mkdir -p "$rows"
[[ -n ${OUT:-} ]] || trap 'rm -rf "$rows"' EXIT

# measure SIDE COMMAND RUN FLAGS puts the load on one start of a server. Requests that
# failed (3) are for compare-runs to tell.
measure() {
  local side=$1 command=$2 run=$3
  shift 3
  bash -c "$command" | loadgen --run "$side.$run" --seed "$run" "$@" > "$rows/$side.$run.csv" || (($? == 3))
}

for ((run = 1; run <= ${RUNS:-5}; run++)); do
  ((run % 2)) || measure after "$after" "$run" "$@"
  measure before "$before" "$run" "$@"
  ((run % 2 == 0)) || measure after "$after" "$run" "$@"
done
# shellcheck disable=SC2086 # several flags
compare-runs ${COMPARE:-} before="$rows/before.*.csv" after="$rows/after.*.csv"
