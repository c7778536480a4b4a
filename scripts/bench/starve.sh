#!/usr/bin/env bash
# Starves loadgen on purpose, and prints the errors of its figures and whether its own
# rows report them. One CSV row per case: as it is, a busy loop on the same core, one
# processor for the Go runtime, stopped for 200 ms in the middle. Arguments go to
# bench-accuracy, such as --num-clients 100.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# pick NAMES prints these columns of CSV, in this order.
pick() {
  awk -F, -v names="$1" 'BEGIN { n = split(names, want, ",") } NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
    { for (i = 1; i <= n; i++) printf "%s%s", $c[want[i]], i < n ? "," : "\n" }'
}

# case_ NAME runs one case; the script to run as loadgen comes from standard input.
case_() {
  mkdir -p "$work/$1"
  ln -sf "$PWD/bin/sim-engine" "$work/$1/"
  { echo '#!/usr/bin/env bash'; echo "loadgen=$PWD/bin/loadgen"; cat; } >"$work/$1/loadgen"
  chmod +x "$work/$1/loadgen"
  bin/bench-accuracy --quiet --bin-dir "$work/$1" --keep-dir "$work/keep" "${arguments[@]}" |
    pick num_clients,tokens,ttft_mean_error_s,gap_p99_error_s,ttft_error_mean_s,gap_error_mean_s,sent_late_p99_s >"$work/row"
  status=$(bin/collect --quiet --columns status "$work"/keep/[1-9]*/loadgen/out | tail -1)
  [[ -n ${header-} ]] || { header=yes; sed '1s/^/case,/; 1s/$/,status/; q' "$work/row"; }
  sed -n "2s/^/$1,/; 2s/\$/,$status/; 2p" "$work/row"
  rm -rf "$work/keep"
}

arguments=("$@")
((${#arguments[@]})) || arguments=(--num-clients 100)
case_ quiet <<<'exec "$loadgen" "$@"'
case_ busy-loop <<<'(while :; do :; done) & busy=$!; trap "kill $busy" EXIT; "$loadgen" "$@"'
case_ one-processor <<<'GOMAXPROCS=1 exec "$loadgen" "$@"'
case_ stopped-200ms <<<'"$loadgen" "$@" & at=$!; sleep 3; kill -STOP $at; sleep 0.2; kill -CONT $at; wait $at'
