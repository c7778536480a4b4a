#!/usr/bin/env bash
# Measures how punctually loadgen replays a workload in real time, and its memory.
# The trace is made here: 10,000 single requests in bursts of 100 at 2,000 per second,
# and 2,000 sessions of 5 turns, each 0.2 to 2 s after the end of the previous one;
# 20,000 requests in about a minute. sim-engine answers at a constant pace. One CSV row
# each for the starts and the later turns, with times in milliseconds from due to sent.
# Two more rows are the first ten seconds of that trace, and of one ten times as long,
# to compare their memory.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT
ulimit -n "$(ulimit -Hn)"

# trace N: N bursts of 100 requests, and N sessions times 20, one line each.
trace() {
  awk -v bursts="$1" 'BEGIN {
    srand(7)
    for (b = 0; b < bursts; b++) {
      at = b * 600
      for (i = 0; i < 100; i++) {
        at += 0.5 * -log(1 - rand())
        printf "%.3f {\"timestamp\": %.3f, \"input_length\": %d, \"output_length\": 2, \"hash_ids\": [%d]}\n", at, at, 50 + rand() * 400, b % 7
      }
      for (s = 0; s < 20; s++) {
        name = "s" b "-" s
        at = b * 600 + rand() * 600
        for (turn = 1; turn <= 5; turn++) {
          printf "%.3f {\"session_id\": \"%s\", \"input_length\": %d, \"output_length\": 2, ", at, name, 60 * turn
          if (turn == 1) printf "\"timestamp\": %.3f}\n", at
          else printf "\"delay\": %.3f}\n", 200 + rand() * 1800
        }
      }
    }
  }' | sort -s -n -k1,1 | cut -d' ' -f2-
}

bin/sim-engine --policy pace --pace 200 --pace-ttft 20ms --speed 1 --port 0 --port-file "$work/port" --quiet &
server=$!
for _ in {1..100}; do
  [[ ! -s $work/port ]] || break
  sleep 0.1
done
url=http://127.0.0.1:$(<"$work/port")

# replay TRACE ROWS OPTION...: sends a trace; prints the peak memory in kB.
replay() {
  bin/loadgen --url "$url" --schedule "$work/$1" --stream --quiet "${@:3}" </dev/null >"$work/$2" &
  local at=$! peak=0 now
  while now=$(awk '/VmHWM/ { print $2 }' "/proc/$at/status" 2>/dev/null) && [[ -n $now ]]; do
    peak=$now
    sleep 0.2
  done
  wait "$at"
  echo "$peak"
}

# lateness NAME PATTERN FILE MEMORY: percentiles of start_s - due_s.
lateness() {
  awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    (($at["turn"] > 1) == want) && $at["status"] == "ok" { print 1000 * ($at["start_s"] - $at["due_s"]) }' "$3" | sort -n |
    awk -v name="$1" -v memory="$4" '{ v[NR] = $1 }
      END { printf "%s,%d,%.3f,%.3f,%.3f,%s\n", name, NR, v[int(NR * 0.5) + 1], v[int(NR * 0.99) + 1], v[NR], memory }'
}

echo "what,requests,p50_ms,p99_ms,max_ms,peak_kB"
trace 100 >"$work/trace.jsonl"
trace 1000 >"$work/long.jsonl"
part=$(replay trace.jsonl part.csv --until 10)
long=$(replay long.jsonl long.csv --until 10)
all=$(replay trace.jsonl all.csv)
lateness "starts of 10 s" 0 "$work/part.csv" "$part"
lateness "starts of 10 s of 200000 lines" 0 "$work/long.csv" "$long"
lateness starts 0 "$work/all.csv" "$all"
lateness "later turns" 1 "$work/all.csv" "$all"
