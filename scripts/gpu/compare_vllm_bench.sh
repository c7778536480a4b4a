#!/usr/bin/env bash
# Puts the same load on one vLLM server with vllm's own client (vllm bench serve) and with
# loadgen, alternately, and prints a table of their figures and the server's /metrics.
#   scripts/gpu/compare_vllm_bench.sh            8 and 32 clients, prompt 1200, generation 128
#   CLIENTS="1 8 32" ROUNDS=3 scripts/gpu/compare_vllm_bench.sh
#   scripts/gpu/compare_vllm_bench.sh --tiny     try the script on a CPU
# Both send text of the same number of tokens, all requests of one length, without
# warm-up, and the next request as soon as the last is answered.
set -euo pipefail
. "$(dirname "$0")/common.sh"
if [ "${1:-}" = --tiny ]; then : "${CLIENTS:=2 4}" "${LOADS:=256:32}" "${REQUESTS:=24}" "${ROUNDS:=1}" && tiny; fi
: "${SHAPE:=llama-2-7b}" "${CLIENTS:=8 32}" "${LOADS:=1200:128}" "${REQUESTS:=160}" "${ROUNDS:=2}"
model=$SHAPE-random prompt=${LOADS%:*} new=${LOADS#*:}
out=${OUT:-$checkpoints/log/compare} && mkdir -p "$out" && out=$(cd "$out" && pwd)
checkpoint vllm
cd "$checkpoints"
export VLLM_NO_USAGE_STATS=1 HF_HUB_OFFLINE=1

trap 'serve-launch stop --quiet --name compare >/dev/null 2>&1 || true' EXIT
serve-launch start --name compare --backend vllm --model "$model" --max-ragged-batch-size 0 \
	--engine-args "$(engine_args vllm)" --log "$out/server.log" >"$out/server.csv"
url=$(column "$out/server.csv" url)

# counters: what the server has counted so far: times to the first token (their sum in
# seconds, their number), the sum of the latencies in seconds, generated tokens.
counters() {
	curl -sf "$url/metrics" | awk '/^vllm:time_to_first_token_seconds_sum/ { t += $2 } /^vllm:time_to_first_token_seconds_count/ { n += $2 }
		/^vllm:e2e_request_latency_seconds_sum/ { l += $2 } /^vllm:generation_tokens_total/ { g += $2 } END { printf "%.9f %d %.9f %d\n", t, n, l, g }'
}

# drive CLIENTS REQUESTS: loadgen's turn; its rows go to rows.csv.
drive() {
	loadgen --quiet --stream --prompts text --num-clients "$1" --num-requests "$2" --warmup 0 --start-jitter 0 \
		--mean-prompt-length "$prompt" --prompt-length-var 0 --mean-max-new-tokens "$new" --max-new-tokens-var 0 \
		<"$out/server.csv" >"$out/rows.csv"
}

# bench CLIENTS ROUND: the other's turn; its result goes to bench.json.
bench() {
	"$(interpreter vllm)" -m vllm.entrypoints.cli.main bench serve --backend openai --base-url "$url" --model "$model" --tokenizer "$model" \
		--dataset-name random --random-input-len "$prompt" --random-output-len "$new" --random-range-ratio 0 --ignore-eos \
		--num-prompts "$REQUESTS" --max-concurrency "$1" --ready-check-timeout-sec 0 --seed "$2$1" --disable-tqdm \
		--percentile-metrics ttft,itl,e2el --save-result --result-dir "$out" --result-filename bench.json >"$out/bench.log" 2>&1 ||
		{ tail -20 "$out/bench.log" >&2; exit 1; }
}

# mean COLUMN of rows.csv; own: what the server should have counted for its rows.
mean() { awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { s += $c } END { printf "%.1f", s / (NR - 1) }' "$out/rows.csv"; }
own() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { split($c["chunk_s"], t, /[ *~]/); s += t[1]; l += $c["latency_s"]; g += $c["generated_tokens"] }
		END { printf "%.9f %d %.9f %d\n", s, NR - 1, l, g }' "$out/rows.csv"
}

# less A B [C]: what was counted between A and B, without C: mean TTFT in ms, mean latency in s, tokens.
less() {
	awk -v a="$1" -v b="$2" -v c="${3:-0 0 0 0}" 'BEGIN { split(a, x, " "); split(b, y, " "); split(c, z, " "); for (i in z) d[i] = y[i] - x[i] - z[i]
		printf "%.2f %.4f %d", 1000 * d[1] / d[2], d[3] / d[2], d[4] }'
}

drive 4 16 # both find a server that is warm
# What loadgen asks before its load, to get to know the server, is in the server's figures, not in its rows.
before=$(counters)
drive 1 1
first=$(awk -v a="$before" -v b="$(counters)" -v c="$(own)" 'BEGIN { split(a, x, " "); split(b, y, " "); split(c, z, " "); for (i = 1; i <= 4; i++) printf "%.9f ", y[i] - x[i] - z[i] }')

echo "| clients | client | requests | prompt, generation | requests/s | tokens/s | TTFT mean, p99 ms | gap mean, p99 ms | latency s | the server: TTFT ms | latency s | tokens |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for ((round = 1; round <= ROUNDS; round++)); do
	for n in ${CLIENTS//,/ }; do
		before=$(counters)
		bench "$n" "$round"
		read -r ttft latency tokens <<<"$(less "$before" "$(counters)")"
		python3 - "$out/bench.json" "$n" "$ttft | $latency | $tokens" <<-'P'
			import json, sys
			r, n, server = json.load(open(sys.argv[1])), *sys.argv[2:]
			done = r["completed"]
			print(f"| {n} | vllm bench serve | {done} | {r['total_input_tokens'] / done:.1f}, {r['total_output_tokens'] / done:.1f} | "
			      f"{r['request_throughput']:.3f} | {r['output_throughput']:.1f} | {r['mean_ttft_ms']:.2f}, {r['p99_ttft_ms']:.2f} | "
			      f"{r['mean_itl_ms']:.2f}, {r['p99_itl_ms']:.2f} | {r['mean_e2el_ms'] / 1e3:.4f} | {server} |")
		P
		before=$(counters)
		drive "$n" "$REQUESTS"
		read -r ttft latency tokens <<<"$(less "$before" "$(counters)" "$first")"
		collect --quiet "$out/rows.csv" >"$out/summary.csv"
		of() { column "$out/summary.csv" "$1"; }
		awk -v n="$n" -v ok="$(of ok)" -v p="$(mean prompt_tokens)" -v g="$(mean generated_tokens)" -v rps="$(of wall_rps)" -v tps="$(of generated_tps)" \
			-v t="$(of ttft_mean_s)" -v t99="$(of ttft_p99_s)" -v gap="$(of gap_mean_s)" -v gap99="$(of gap_p99_s)" -v l="$(of latency_mean_s)" \
			-v server="$ttft | $latency | $tokens" \
			'BEGIN { printf "| %s | loadgen | %s | %s, %s | %.3f | %.1f | %.2f, %.2f | %.2f, %.2f | %.4f | %s |\n", n, ok, p, g, rps, tps, 1000 * t, 1000 * t99, 1000 * gap, 1000 * gap99, l, server }'
	done
done
