#!/usr/bin/env bash
# Measures how many tokens per second one loadgen reads on 1, 2, 4, ... processors before
# collect marks its points client-limited: one CSV row per number of processors on
# stdout. Each stream has 100 tokens per second. Each sender has its own processor; there
# are two per processor of loadgen if the machine has enough, else at least one, so at
# most half of the processors are tried. A number of streams that fails is tried TRIES
# times (3): what a virtual machine's neighbours take is not loadgen's limit. "limit"
# says what ended the search: a row with "senders" is a lower bound. STREAMS is the first
# number of streams per processor.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v taskset >/dev/null || { echo "scale: taskset is needed" >&2; exit 1; }
ulimit -n "$(ulimit -Hn)"
all=$(nproc)

# try PROCESSORS STREAMS: one run; prints its result, and the cost of a token in ns.
try() {
  local senders=$((3 * $1 <= all ? 2 * $1 : all - $1))
  bin/bench-accuracy --quiet --num-clients "$2" --total-rate 1e9 --senders "$senders" \
    --client-cores "0-$(($1 - 1))" --sender-cores "$1-$(($1 + senders - 1))" |
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
      { limit = "none"
        if ($c["sent_late_p99_s"] > 0.01) limit = "senders"   # later than a token is long
        if ($c["status"] != "complete") limit = limit == "senders" ? "senders" : "client"
        print limit, $c["cpu_ns_per_token"], $c["gap_p99_error_s"] }'
}

echo processors,streams,tokens_per_s,cpu_ns_per_token,gap_p99_error_s,limit
for ((n = 1; 2 * n <= all; n *= 2)); do
  streams=$((n * ${STREAMS:-600})) best=0 cost= error=
  while :; do
    for ((i = 1; i <= ${TRIES:-3}; i++)); do
      read -r limit ns off < <(try "$n" "$streams")
      echo "scale: $n processors, $streams streams: ${limit/none/complete}" >&2
      [[ $limit != none ]] || break
    done
    [[ $limit == none ]] || break
    best=$streams cost=$ns error=$off streams=$((streams * 5 / 4))
  done
  echo "$n,$best,$((best * 100)),$cost,$error,$limit"
done
