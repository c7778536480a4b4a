#!/usr/bin/env bash
# test_prefix.sh: the prefix cache of vLLM on a CPU and of its simulation, request by request.
# SEEDS are those of the random traces. Without the cache nothing may be found.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$scripts/test_common.sh"
out=$OUT/prefix
rm -rf "$out" && mkdir -p "$out"
room="--block-size 32 --num-gpu-blocks-override 100 --enable-prompt-tokens-details"
trap 'serve-launch stop --quiet --name test-prefix >"$out/stop" 2>&1 || true' EXIT

# traced NAME CACHING OPTION...: serves, sends every trace and leaves what came of it in $out/NAME.*.
traced() {
	local name=$1 caching=$2 url trace
	serve-launch start --quiet --name test-prefix --log "$out/$name.log" "${@:3}" \
		--engine-args "$engine_args $room $caching" >"$out/server.csv"
	url=$(pick --columns url --no-header "$out/server.csv")
	for trace in "${traces[@]}"; do
		python3 "$scripts/prefix.py" send "$url" "$trace" >"$out/$name.${trace##*/}"
	done
	serve-launch stop --quiet --name test-prefix
}

# cached NAME TRACE: how much each request found.
cached() { sed 's/.*"cached": //; s/}$//' "$out/$1.${2##*/}"; }

traces=("$scripts/prefix_trace.jsonl")
for seed in ${SEEDS:-1 2}; do
	python3 "$scripts/prefix.py" make "$seed" 100 >"$out/random-$seed.jsonl"
	traces+=("$out/random-$seed.jsonl")
done
server_flags vllm
real=(--backend vllm "${server[@]:0:4}")
engine_args=${server[5]} traced vllm --enable-prefix-caching "${real[@]}"
engine_args="--speed 100" traced sim --enable-prefix-caching --backend sim-vllm --hardware A100-80GB
for trace in "${traces[@]}"; do
	expect "" "$(diff <(cached vllm "$trace") <(cached sim "$trace"))" "requests of $(wc -l <"$trace") in ${trace##*/} with other cached tokens"
done
expect "" "$(diff "${traces[0]}" "$out/vllm.${traces[0]##*/}")" "of them than the repository says"
traces=("${traces[0]}")
engine_args=${server[5]} traced off --no-enable-prefix-caching "${real[@]}"
expect 0 "$(cached off "${traces[0]}" | sort -u | paste -sd ' ')" "cached tokens without the cache"
