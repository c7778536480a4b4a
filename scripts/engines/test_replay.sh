#!/usr/bin/env bash
# test_replay.sh: workloads with known reuse, replayed by loadgen against vLLM on a CPU and against its
# simulation: with room for all of it, with less room than it wants, and without the prefix cache.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$scripts/test_common.sh"
out=$OUT/replay
rm -rf "$out" && mkdir -p "$out"
trap 'serve-launch stop --quiet --name test-replay >"$out/stop" 2>&1 || true' EXIT

# made SEED SESSIONS: conversations behind five shared beginnings.
made() {
	workload make --seed "$1" --num-sessions "$2" --turns 5 --turns-var 0.6 --block-size 32 --prefix-length 96 --num-prefixes 5 \
		--prefix-law zipf --mean-prompt-length 50 --prompt-length-var 0.6 --mean-max-new-tokens 12 --max-prompt-length 1500
}

# replayed NAME CACHING WORKLOADS OPTION...: serves and sends each, one request after the other.
# One client, since the order in which a server takes requests that come at once is its own.
replayed() {
	local name=$1 caching=$2 url trace
	serve-launch start --quiet --name test-replay --log "$out/$name.log" "${@:4}" \
		--engine-args "$engine_args --block-size 32 --num-gpu-blocks-override 200 --enable-prompt-tokens-details $caching" >"$out/server.csv"
	url=$(pick --columns url --no-header "$out/server.csv")
	for trace in $3; do
		curl -sf "$url/metrics" >"$out/$name.$trace.before"
		loadgen --quiet --schedule "$out/$trace.jsonl" --block-size 32 --num-clients 1 --warmup 0 --stream <"$out/server.csv" >"$out/$name.$trace.csv"
		curl -sf "$url/metrics" >"$out/$name.$trace.after"
	done
	serve-launch stop --quiet --name test-replay
}

made 1 20 >"$out/roomy.jsonl"
made 2 50 >"$out/chats.jsonl"
python3 "$scripts/replay.py" interleave "$out/chats.jsonl" >"$out/tight.jsonl"
server_flags vllm
real=(--backend vllm "${server[@]:0:4}") simulated=(--backend sim-vllm --hardware A100-80GB)
engine_args=${server[5]} replayed vllm --enable-prefix-caching "roomy tight" "${real[@]}"
engine_args="" replayed sim --enable-prefix-caching "roomy tight" "${simulated[@]}"
engine_args=${server[5]} replayed vllm-off --no-enable-prefix-caching roomy "${real[@]}"
engine_args="" replayed sim-off "" roomy "${simulated[@]}"
python3 "$scripts/replay.py" check "$out"
