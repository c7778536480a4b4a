#!/usr/bin/env bash
# vLLM's Rust client, in its default mode with prompts as text, puts sim-engine under load. Before
# that it has the server tokenize its prompts, and gives up if their lengths are not those asked for.
# Its result is imported, and has to come to the figures that it states itself.
set -euo pipefail
name=vllm-rs
. "$(dirname "$0")/test_common.sh"
requests=32 tokens=20
sim_engine --pace 200 --pace-ttft 20ms

for mode in text ids; do
	ids=() && [ $mode = text ] || ids=(--prompt-token-ids)
	"$engines/vllm-rs/vllm-rs" bench serve --backend vllm --base-url "http://127.0.0.1:$sim" --model "$model" \
		--tokenizer "$engines/vllm-rs/tokenizer" --dataset-name random --random-input-len 8 --random-output-len $tokens \
		--num-prompts $requests --max-concurrency 4 --ignore-eos ${ids[@]+"${ids[@]}"} --disable-tqdm \
		--percentile-metrics ttft,tpot,itl,e2el --metric-percentiles 50,90,95,99 \
		--save-result --save-detailed --result-dir "$out" --result-filename "$mode.json" >"$out/$mode.log" 2>&1 || tail -3 "$out/$mode.log"
	check bench "prompts as $mode" "$out/$mode.json" $requests $tokens
	import-results --quiet "$out/$mode.json" >"$out/$mode.csv"
	collect --quiet "$out/$mode.csv" >"$out/$mode.summary" 2>"$out/$mode.err" || true # a doubt is told there
	import-results --quiet --summary "$out/$mode.json" >"$out/$mode.stated"
	collect json --quiet "$out/$mode.csv" >"$out/$mode.again" 2>>"$out/$mode.err" || true
	check imported "prompts as $mode, imported" "$out/$mode".{json,summary,stated,again}
done
exit $failed
