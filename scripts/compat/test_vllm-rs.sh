#!/usr/bin/env bash
# vLLM's Rust client, in its default mode with prompts as text, puts sim-engine under load. Before
# that it has the server tokenize its prompts, and gives up if their lengths are not those asked for.
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
		--save-result --result-dir "$out" --result-filename "$mode.json" >"$out/$mode.log" 2>&1 || tail -3 "$out/$mode.log"
	check bench "prompts as $mode" "$out/$mode.json" $requests $tokens
done
exit $failed
