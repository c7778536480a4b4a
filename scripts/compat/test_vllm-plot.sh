#!/usr/bin/env bash
# `collect json --out-dir` writes a sweep of a simulated server as vLLM's sweeps lie in a folder, and vLLM's
# own programs draw it: `vllm bench sweep plot` and `plot_pareto`.
set -euo pipefail
name=vllm-plot
. "$(dirname "$0")/test_common.sh"
sweep=$out/sweep
serve-launch --backend sim-vllm --tp-size 2 --quiet | loadgen --num-clients 1,2,4,8 --num-requests 16 --mean-prompt-length 256 \
	--mean-max-new-tokens 16 --stream --quiet | collect json --quiet --out-dir "$sweep" 2>"$out/collect.err"

# draws LABEL POINTS FIGURE MODULE OPTION...: one program of vLLM's over the sweep; its figure has to be a PNG.
draws() {
	local verdict="ok   "
	PYTHONPATH=$engines/vllm-plot/site MPLBACKEND=Agg "$engines/vllm-plot/bin/python" -m "vllm.benchmarks.sweep.$4" "$sweep" "${@:5}" \
		>"$out/$4.log" 2>&1 || { verdict=FAULT && tail -3 "$out/$4.log"; }
	if [ "$(head -c 4 "$3" 2>/dev/null | tail -c 3)" != PNG ] || ! grep -q "$2" "$out/$4.log"; then verdict=FAULT; fi
	[ "$verdict" = FAULT ] && failed=1
	echo "$verdict $1: $(grep -c . "$out/$4.log") lines, $(wc -c <"$3") bytes of PNG"
}
draws "vllm bench sweep plot" "FIGURE" "$sweep/FIGURE.png" plot --var-x max_concurrency --var-y p99_ttft_ms --curve-by hardware
draws "vllm bench sweep plot_pareto" "Plotted 4 points" "$sweep/pareto/PARETO.png" plot_pareto
exit $failed
