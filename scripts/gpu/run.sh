#!/usr/bin/env bash
# Measures the engines of this machine under the same load, with random weights in a
# model's shape, and simulates them for comparison: rows, figures, environment and a
# README in results/DATE-HOST-LABEL/. What is already measured is skipped, so a
# repeated call continues where an earlier one stopped.
#   scripts/gpu/run.sh                                 everything
#   ENGINES=vllm MINUTES=10 scripts/gpu/run.sh         one engine, ten minutes
#   OUT=results/2026-11-24-h200-first scripts/gpu/run.sh    continue there
#   scripts/gpu/run.sh --tiny                          try the script on a CPU
# SHAPE, TP (GPUs of a replica), REPLICAS, LOADS (prompt:generation), CLIENTS, REQUESTS per
# point, BATCHES of vLLM, HARDWARE of the simulation (empty: none), REPORT (empty: rows
# only), SERVER_CORES and CLIENT_CORES as taskset counts them, VLLM_ARGS, SGLANG_ARGS,
# FASTGEN_ARGS, TRANSFORMERS_ARGS, CHECKPOINTS and the interpreters (VLLM_PYTHON, ...) can be set, too.
# Two calls with one OUT may run at the same time, each with its own GPUs
# (CUDA_VISIBLE_DEVICES; FastGen: FASTGEN_ARGS=device_map=[[1]]) and, where shape, TP and
# REPLICAS are the same, its own NAME. Exit status 3: something is left to do.
set -euo pipefail
. "$(dirname "$0")/common.sh"
label=llama-2-7b
if [ "${1:-}" = --tiny ]; then tiny && label=tiny && shift; fi
[ $# = 0 ] || { echo "run.sh: no such argument: $*" >&2; exit 2; }
: "${ENGINES:=vllm fastgen transformers}" "${SHAPE:=llama-2-7b}" "${LOADS:=2600:60 1200:128}" "${BATCHES:=0 768}"
: "${CLIENTS:=1,2,4,6,8,12,16,20,24,28,32}" "${MINUTES:=60}" "${TP:=1}" "${REPLICAS:=1}" "${HARDWARE=$(gpu_name)}" "${REPORT=yes}"
out=${OUT:-$repo/results/$(date +%F)-$(hostname -s)-$label} model=$SHAPE-random until=$((SECONDS + 60 * MINUTES))
layout=(--model "$model" --tp-size "$TP" --num-replicas "$REPLICAS") name=${NAME:-$model-tp$TP-replicas$REPLICAS} started=
mkdir -p "$out" "$checkpoints/log" "$checkpoints/$model"
out=$(cd "$out" && pwd)
cd "$checkpoints" # so that the model's name in the rows is no path

# load P:G BACKEND: loadgen's flags for a sweep of one load.
load() {
	sweep=(--num-clients "$CLIENTS" --mean-prompt-length "${1%:*}" --mean-max-new-tokens "${1#*:}" --max-prompt-length 4000
		--stream --out-dir "$out/$2" ${REQUESTS:+--num-requests "$REQUESTS"})
}

# noted COMMAND...: runs it and keeps it for the record, without the places of this machine.
noted() {
	local line
	line=$(printf '%q ' "$@")
	line=${line//$out/OUT}
	echo "${line//$checkpoints\//}" >>"$out/commands.txt"
	"$@"
}

# measure ENGINE BATCH SECONDS: one server, a sweep for each load that has points left.
measure() {
	local key=(--backend "$1" "${layout[@]}" --max-ragged-batch-size "$2") left=() end=$((SECONDS + $3)) server status=0
	for l in $LOADS; do
		load "$l" "$1"
		[ -z "$(loadgen --pending "${key[@]}" "${sweep[@]}")" ] || left+=("$l")
	done
	[ ${#left[@]} -gt 0 ] || { echo "run.sh: $1 $2: every point exists" >&2; return; }
	started=$1-$name
	server=$(noted $(cores "${SERVER_CORES:-}") serve-launch start --name "$started" "${key[@]}" --engine-args "$(engine_args "$1")" \
		--start-timeout "$3s" --log "$checkpoints/log/$1-$2-$name.log") || { partly=3 started= && return; }
	for l in "${left[@]}"; do
		load "$l" "$1"
		((end - SECONDS > 0)) || { partly=3 && break; }
		noted $(cores "${CLIENT_CORES:-}") timeout --foreground -s INT "$((end - SECONDS))" loadgen --run "$(run_name "$1" "$2")" "${sweep[@]}" <<<"$server" || status=$?
		((status != 130)) || exit 130
		((status == 0)) || partly=3
		((status == 0 || status == 3)) || { echo "run.sh: $1 $2: the sweep of $l ended with status $status; the next run goes on there" >&2; break; }
	done
	serve-launch stop --name "$started" || true
	started=
}

# run_name ENGINE BATCH: what tells the two runs of vLLM apart in a figure.
run_name() { if [ "$1" = vllm ]; then echo "batch $( ((${2})) && echo "$2" || echo default)"; else date -u +%Y%m%dT%H%M%SZ; fi; }

trap '[ -z "$started" ] || serve-launch stop --quiet --name "$started" >/dev/null 2>&1 || true' EXIT
can=() runs=() partly=0
for e in $ENGINES; do
	if serve-launch detect "${layout[@]}" "$e" >"$checkpoints/log/detect-$name"; then can+=("$e"); continue; fi
	partly=3
	echo "run.sh: $e is left out: $(tail -n +2 "$checkpoints/log/detect-$name" | paste -sd ';')" >&2
done
[ ${#can[@]} -gt 0 ] || { echo "run.sh: none of $ENGINES can run here; serve-launch detect says why" >&2; exit 1; }
checkpoint "${can[@]}"
for e in "${can[@]}"; do
	if [ "$e" = vllm ]; then for b in $BATCHES; do runs+=("vllm $b"); done; elif [ "$e" = fastgen ]; then runs+=("fastgen 768"); else runs+=("$e 0"); fi
done

"$scripts/environment.sh" "${can[@]}" >>"$out/environment.txt"
for e in ${HARDWARE:+sim-vllm sim-fastgen}; do
	policy=vllm && [ "$e" = sim-vllm ] || policy=fastgen-0.2
	for l in $LOADS; do
		load "$l" "$e"
		key=(--backend "$e" "${layout[@]}" --max-ragged-batch-size 768)
		[ -n "$(loadgen --pending "${key[@]}" "${sweep[@]}")" ] || continue
		noted serve-launch "${key[@]}" --sim-policy "$policy" --hardware "$HARDWARE" -- loadgen "${sweep[@]}"
	done
done
for i in "${!runs[@]}"; do # what is left of the time is shared by what is left to do
	left=$(((until - SECONDS) / (${#runs[@]} - i)))
	if ((left < 30)); then echo "run.sh: the time is over; left: ${runs[*]:i}" >&2 && partly=3 && break; fi
	# shellcheck disable=SC2086
	measure ${runs[i]} "$left"
done
[ -z "$REPORT" ] || "$scripts/report.sh" "$out"
exit $partly
