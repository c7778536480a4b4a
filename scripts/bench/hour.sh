#!/usr/bin/env bash
# Measures how long an hour of load takes in lockstep, and whether it is reproducible:
# 72,000 requests at 20 per second with 20 shared prefixes, on a simulated vLLM with a
# prefix cache on two A100s. One CSV row for each of two runs; the status is 1 unless
# both gave the same bytes of rows.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH=$PWD/bin:$PATH TIMEFORMAT='%R,%U,%S'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
workload make --num-sessions 72000 --rate 20 --mean-prompt-length 600 --mean-max-new-tokens 60 \
	--prefix-length 512 --num-prefixes 20 --prefix-law zipf >"$work/hour.jsonl"

hour() {
	serve-launch --backend sim-vllm --hardware A100-80GB --num-replicas 2 --engine-args --enable-prefix-caching --quiet |
		loadgen --schedule "$work/hour.jsonl" --run hour --stream --quiet >"$work/$1.csv"
}

echo "run,requests,wall_s,user_s,system_s"
for run in first second; do
	took=$({ time hour $run; } 2>&1)
	echo "$run,$(grep -c ',ok$' "$work/$run.csv"),$took"
done
cmp "$work/first.csv" "$work/second.csv"
