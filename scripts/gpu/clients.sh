#!/usr/bin/env bash
# Runs loadgen, `vllm bench serve` and vLLM's Rust client alternately on one vLLM server,
# with a growing number of streams: their figures, the server's figures, and their cost.
#   scripts/gpu/clients.sh                   64 to 2,048 clients, prompt 128, generation 256
#   CLIENTS="64 256" PER_CLIENT=8 SERVER_CORES=0-11 CLIENT_CORES=12-15 scripts/gpu/clients.sh
#   scripts/gpu/clients.sh --tiny            try the script on a CPU
# PER_CLIENT is the number of requests of each. All send text of the same number of
# tokens, all requests of one length, without warm-up, and the next request as soon as
# the last is answered. `make compat PROGRAMS=vllm-rs` installs the Rust client; VLLM_RS
# sets another. No turn begins after MINUTES. OUT gets table.md, clients.png and the
# client's and server's figures of each turn; existing turns are not measured again.
set -euo pipefail
. "$(dirname "$0")/common.sh"
if [ "${1:-}" = --tiny ]; then : "${CLIENTS:=2 4}" "${LOADS:=32:48}" && tiny && VLLM_ARGS+=" --api-server-count 1"; fi
: "${SHAPE:=tinyllama-1.1b}" "${CLIENTS:=64 128 256 512 1024 2048}" "${LOADS:=128:256}" "${PER_CLIENT:=4}" "${SENDERS:=loadgen bench rust}" "${MINUTES:=60}"
: "${VLLM_ARGS:=--max-num-seqs 2048 --api-server-count 4}" "${VLLM_RS:=$repo/.engines/vllm-rs/vllm-rs}"
model=$SHAPE-random prompt=${LOADS%:*} new=${LOADS#*:}
mkdir -p "${OUT:=$checkpoints/log/clients}" && out=$(cd "$OUT" && pwd)
checkpoint vllm
cd "$checkpoints"
export VLLM_NO_USAGE_STATS=1 HF_HUB_OFFLINE=1

$(cores "${SERVER_CORES:-}") serve-launch start --name clients --backend vllm --model "$model" --max-ragged-batch-size 0 \
	--engine-args "$(engine_args vllm)" --log "$out/server.log" >"$out/server.csv"
trap 'serve-launch stop --quiet --name clients >/dev/null 2>&1 || true' EXIT
server() { pick --columns "$1" --no-header "$out/server.csv"; }
url=$(server url)

# turn SENDER CLIENTS: its result, log, cost and what the server said, as $out/CLIENTS-SENDER.*
turn() {
	local at=$out/$2-$1 n=$2 command
	local bench=(bench serve --backend openai --base-url "$url" --model "$model" --tokenizer "$checkpoints/$model" --dataset-name random
		--random-input-len "$prompt" --random-output-len "$new" --ignore-eos --num-prompts $((n * PER_CLIENT)) --max-concurrency "$n"
		--seed "$n" --disable-tqdm --percentile-metrics ttft,itl,e2el --save-result --result-dir "$out" --result-filename "$n-$1.json")
	case $1 in
	loadgen) command=(loadgen --quiet --stream --prompts text --num-clients "$n" --num-requests $((n * PER_CLIENT)) --warmup 0 --start-jitter 0
		--mean-prompt-length "$prompt" --prompt-length-var 0 --mean-max-new-tokens "$new" --max-new-tokens-var 0) ;;
	bench) command=("$(interpreter vllm)" -m vllm.entrypoints.cli.main "${bench[@]}" --random-range-ratio 0 --ready-check-timeout-sec 0) ;;
	rust) command=("$VLLM_RS" "${bench[@]}") ;;
	esac
	$(cores "${CLIENT_CORES:-}") python3 "$scripts/clients.py" turn "$url/metrics" "$at.turn" "${command[@]}" <"$out/server.csv" >"$at.csv" 2>"$at.log" ||
		{ echo "clients.sh: $1 with $n clients: $(tail -3 "$at.log")" >&2 && rm "$at.turn"; return; }
	summary "$1" "$at"
}

# summary SENDER FILE: the summary row of its turn, FILE.summary.
summary() {
	case $1 in
	loadgen) collect --quiet "loadgen=$2.csv" ;;
	bench) imported "vllm bench serve=$2.json" ;;
	rust) imported "vllm-rs bench serve=$2.json" ;;
	esac >"$2.summary" 2>>"$2.log" || [ -s "$2.summary" ] # doubts are in the row
}
imported() {
	import-results --quiet --summary --backend vllm --engine "$(server engine)" --hardware "$(server hardware)" --model "$model" \
		--tp-size 1 --num-replicas 1 --mean-prompt-length "$prompt" --mean-max-new-tokens "$new" "$1"
}

turn loadgen 8 && rm "$out"/8-loadgen.* # all find a server that is warm
for n in ${CLIENTS//,/ }; do
	for sender in $SENDERS; do ((SECONDS > 60 * MINUTES)) || [ -e "$out/$n-$sender.turn" ] || turn "$sender" "$n"; done
done
serve-launch stop --name clients || true
python3 "$scripts/clients.py" table "$out" | tee "$out/table.md"
plot-th-lat --quiet --out-dir "$out" "$out"/*.summary
