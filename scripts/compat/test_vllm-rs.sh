#!/usr/bin/env bash
# vLLM's Rust client, in its default mode with prompts as text, puts sim-engine under load. Before
# that it has the server tokenize its prompts, and gives up if their lengths are not those asked for.
# Its result is imported, and has to come to the figures that it states itself.
# Then it and loadgen replay one workload, each at the workload's times, on a simulated vLLM with a
# prefix cache that just keeps up with it.
set -euo pipefail
name=vllm-rs
. "$(dirname "$0")/test_common.sh"
requests=32 tokens=20
sim_engine --policy pace --pace 200 --pace-ttft 20ms

for mode in text ids; do
	ids=() && [ $mode = text ] || ids=(--prompt-token-ids)
	"$engines/vllm-rs/vllm-rs" bench serve --backend vllm --base-url "http://127.0.0.1:$sim" --model "$model" \
		--tokenizer "$engines/vllm-rs/tokenizer" --dataset-name random --random-input-len 8 --random-output-len $tokens \
		--num-prompts $requests --max-concurrency 4 --ignore-eos ${ids[@]+"${ids[@]}"} --disable-tqdm \
		--percentile-metrics ttft,tpot,itl,e2el --metric-percentiles 50,90,95,99 \
		--save-result --save-detailed --result-dir "$out" --result-filename "$mode.json" >"$out/$mode.log" 2>&1 || tail -3 "$out/$mode.log"
	check bench "prompts as $mode" "$out/$mode.json" $requests $tokens
	import-results --quiet "$out/$mode.json" >"$out/$mode.csv"
	collect --quiet "$out/$mode.csv" >"$out/$mode.summary" 2>"$out/$mode.err" || true # doubts go to stderr
	import-results --quiet --summary "$out/$mode.json" >"$out/$mode.stated"
	collect json --quiet "$out/$mode.csv" >"$out/$mode.again" 2>>"$out/$mode.err" || true
	check imported "prompts as $mode, imported" "$out/$mode".{json,summary,stated,again}
done

sim_engine --policy vllm --enable-prefix-caching --speed 1
server=http://127.0.0.1:$sim
prompts=150
workload make --seed 3 --num-sessions $prompts --rate 20 --burstiness 0.5 --block-size 16 --prefix-length 256 --num-prefixes 4 \
	--prefix-law zipf --mean-prompt-length 200 --mean-max-new-tokens 40 --max-prompt-length 1500 >"$out/trace.jsonl"
curl -sf "$server/metrics" >"$out/m0"
"$engines/vllm-rs/vllm-rs" bench serve --backend vllm --base-url "$server" --model "$model" --tokenizer "$engines/vllm-rs/tokenizer" \
	--dataset-name timed_trace --dataset-path "$out/trace.jsonl" --timed-trace-chunk-hash-size 16 --timed-trace-sec-multiplier 0.001 \
	--num-prompts $prompts --no-oversample --disable-shuffle --prompt-token-ids --ignore-eos --disable-tqdm \
	--save-result --save-detailed --result-dir "$out" --result-filename trace.json >"$out/trace.log" 2>&1 || tail -3 "$out/trace.log"
curl -sf "$server/metrics" >"$out/m1"
loadgen --quiet --url "$server" --schedule "$out/trace.jsonl" --block-size 16 --warmup 0 --stream </dev/null >"$out/trace.csv"
collect --quiet "$out/trace.csv" >"$out/trace.summary"
curl -sf "$server/metrics" >"$out/m2"
check replayed "one workload by both clients" "$out/trace.json" "$out/trace.csv" "$out/trace.summary" "$out"/{m0,m1,m2}
exit $failed
