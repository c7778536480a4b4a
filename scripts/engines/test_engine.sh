#!/usr/bin/env bash
# test_engine.sh NAME: starts the engine, sweeps it, interrupts a run, kills the engine in another, and looks at what is left.
set -euo pipefail
. "$(dirname "$0")/common.sh"
name=$1 dir=$engines/$1 out=$OUT/$1
mkdir -p "$out"
case $name in
llamacpp)
	export LLAMA_SERVER=$dir/bin/llama-server
	server=(--model "$dir/model.gguf" --engine-args "-t 1 -c 8192 -np 4")
	;;
vllm) server=(--python "$dir/bin/python" --model "$dir/model" --engine-args "--gpu-memory-utilization 0.2 --max-model-len 2048") ;;
fastgen) server=(--python "$dir/bin/python" --model "$dir/model") ;;
esac
serve() { serve-launch start --quiet --name "test-$name" --backend "$name" "${server[@]}" --log "$out/$1.log" >"$out/$1.server.csv"; }
drive() { loadgen --quiet --mean-prompt-length 64 --prompt-length-var 0 --mean-max-new-tokens 32 --warmup 0 "${@:2}" <"$out/$1.server.csv"; }
metrics() { curl -sf "$url/metrics" || true; }
ended() { [ "$1" = "$2" ] && echo "  $3: exit status $1" || { echo "  FAULT $3: exit status $1, not $2" && exit 1; }; }
left() { ! pgrep -f "^[^ ]*${dir}/" >"$out/left" || { echo "  FAULT left running: $(paste -sd' ' "$out/left")" && exit 1; }; }
trap 'serve-launch stop --quiet --name "test-$name" >/dev/null 2>&1 || true' EXIT

serve sweep
url=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "url") c = i } NR == 2 { print $c }' "$out/sweep.server.csv")
for stream in true false; do
	metrics >"$out/before"
	drive sweep --num-clients 1,2,4 --num-requests 16 --stream=$stream >"$out/sweep-$stream.csv"
	metrics >"$out/after"
	python3 "$scripts/check.py" "$name" "$out/sweep-$stream.csv" "$out/sweep.log" "$out/before" "$out/after" 64
done
timeout -s INT 5 bash -c 'exec "$@"' - loadgen --quiet --num-clients 4 --num-requests 10000 --stream <"$out/sweep.server.csv" >"$out/cut.csv" && code=0 || code=$?
ended "$code" 124 "interrupted run, $(grep -c ',ok$' "$out/cut.csv") rows"
(sleep 5 && kill -9 -- "-$(ps -o pgid= -p "$(pgrep -n -f -- "-port ${url##*:}( |$)")" | tr -d ' ')") &
drive sweep --num-clients 4 --num-requests 10000 --stream >"$out/killed.csv" && code=0 || code=$?
ended "$code" 3 "engine killed in mid-run, $(grep -c ',failed$' "$out/killed.csv") failed rows"
serve-launch stop --quiet --name "test-$name" >/dev/null || true
left && echo "  nothing left running"
