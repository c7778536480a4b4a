#!/usr/bin/env bash
# test_engine.sh NAME: sweeps an engine, interrupts a run, kills the engine in another, and checks what is left.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$scripts/test_common.sh"
name=$1 out=$OUT/$1
rm -rf "$out" && mkdir -p "$out"
server_flags "$name"
serve() { serve-launch "$@" --quiet --backend "$name" "${server[@]}" --log "$out/log"; }
lengths=(--mean-prompt-length 64 --prompt-length-var 0 --mean-max-new-tokens 32 --warmup 0 --quiet)
metrics() { curl -sf "$url/metrics" || true; }
trap 'serve-launch stop --quiet --name "test-$name" >"$out/stop" 2>&1 || true' EXIT

serve start --name "test-$name" >"$out/server.csv"
url=$(pick --columns url --no-header "$out/server.csv")
for stream in true false; do
	metrics >"$out/m0"
	loadgen "${lengths[@]}" --num-clients 1 --num-requests 1 --stream=$stream <"$out/server.csv" >"$out/one.csv"
	metrics >"$out/m1"
	loadgen "${lengths[@]}" --num-clients 1,2,4 --num-requests 16 --stream=$stream <"$out/server.csv" >"$out/sweep-$stream.csv"
	metrics >"$out/m2"
	python3 "$scripts/check.py" "$name" "$out/sweep-$stream.csv" "$out/log" 64 "$out"/{one.csv,m0,m1,m2}
done

touch "$out/cut.csv" "$out/killed.csv"
many=(loadgen "${lengths[@]}" --num-clients 4 --num-requests 2000 --stream)
"${many[@]}" <"$out/server.csv" >"$out/cut.csv" &
code=0 && after_rows "$out/cut.csv" $! && kill -TERM $! && wait $! || code=$?
expect 143 $code "interrupted, $(grep -c ',ok$' "$out/cut.csv") rows"
"${many[@]}" <"$out/server.csv" >"$out/killed.csv" 2>"$out/killed.err" &
code=0 && after_rows "$out/killed.csv" $! && kill -9 -- "-$(group_of "$url")" && wait $! || code=$?
expect 3 $code "engine killed, $(grep -c ',ok$' "$out/killed.csv") rows and $(grep -c ',failed$' "$out/killed.csv") failed"
expect 2001 "$(wc -l <"$out/killed.csv")" "lines of 2000 requests and a header"

serve | loadgen "${lengths[@]}" --num-clients 1,2 --num-requests 8 --stream | collect --quiet | plot-th-lat >"$out/th-lat.png"
expect "PNG" "$(head -c 4 "$out/th-lat.png" | tail -c 3)" "the pipeline's figure"
none_left "$engines/$name/"
