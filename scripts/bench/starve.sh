#!/usr/bin/env bash
# Starves loadgen on purpose, and prints the errors of its figures and whether its own
# rows report them. One row of bench-accuracy per case: as it is, a busy loop on the
# same core, one processor for the Go runtime, stopped for 200 ms in the middle.
# Arguments go to bench-accuracy, such as --num-clients 100.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# case_ NAME runs one case; the script to run as loadgen comes from standard input.
case_() {
  mkdir -p "$work/$1"
  ln -sf "$PWD/bin/sim-engine" "$work/$1/"
  { echo '#!/usr/bin/env bash'; echo "loadgen=$PWD/bin/loadgen"; cat; } >"$work/$1/loadgen"
  chmod +x "$work/$1/loadgen"
  bin/bench-accuracy --quiet --bin-dir "$work/$1" "${arguments[@]}" >"$work/row"
  [[ -n ${header-} ]] || { header=yes; sed 's/^/case,/; q' "$work/row"; }
  sed -n "2s/^/$1,/p" "$work/row"
}

arguments=("$@")
((${#arguments[@]})) || arguments=(--num-clients 100)
case_ quiet <<<'exec "$loadgen" "$@"'
case_ busy-loop <<<'(while :; do :; done) & busy=$!; trap "kill $busy" EXIT; "$loadgen" "$@"'
case_ one-processor <<<'GOMAXPROCS=1 exec "$loadgen" "$@"'
case_ stopped-200ms <<<'"$loadgen" "$@" & at=$!; sleep 3; kill -STOP $at; sleep 0.2; kill -CONT $at; wait $at'
