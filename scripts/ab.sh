#!/usr/bin/env bash
# Compares two servers on one machine: starts them alternately (A B, B A, A B ...), puts
# the same load on each, and runs compare-runs. Every run starts its server anew and
# has its own seed, the same on both sides. RUNS (5) is the number of runs per side, OUT
# the folder for the rows, COMPARE further flags of compare-runs.
#   scripts/ab.sh 'serve-launch --backend vllm --model M' 'serve-launch --backend vllm --model M --tp-size 2' --num-clients 8 --stream
# The exit status is that of compare-runs: 0 same or better, 10 worse, 11 unclear.
set -euo pipefail
case "${1-}" in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0"; exit ;; esac
if (($# < 3)); then
  echo "usage: [RUNS=5] [OUT=DIR] [COMPARE=FLAGS] scripts/ab.sh BEFORE AFTER LOADGEN_FLAGS" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
export PATH="$root/bin:$PATH"
command -v compare-runs >/dev/null || make -s -C "$root" build >&2
before=$1 after=$2 operands=()
shift 2
rows=${OUT:-$(mktemp -d)}
mkdir -p "$rows"
[[ -n ${OUT:-} ]] || trap 'rm -rf "$rows"' EXIT

# measure SIDE COMMAND RUN FLAGS puts the load on one start of a server. Requests that
# failed (3) are reported by compare-runs.
measure() {
  bash -c "$2" | loadgen --run "$1.$3" --seed "$3" "${@:4}" > "$rows/$1.$3.csv" || (($? == 3))
  operands+=("$1=$rows/$1.$3.csv")
}

for ((run = 1; run <= ${RUNS:-5}; run++)); do
  ((run % 2)) || measure after "$after" "$run" "$@"
  measure before "$before" "$run" "$@"
  ((run % 2 == 0)) || measure after "$after" "$run" "$@"
done
# shellcheck disable=SC2086 # several flags
compare-runs ${COMPARE:-} "${operands[@]}"
