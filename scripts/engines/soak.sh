#!/usr/bin/env bash
# soak.sh NAME [TIMES]: starts and stops the engine TIMES times (25), then as often kills or stops it
# at a random moment of a run. No process may be left, and no row lost.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$scripts/test_common.sh"
export PATH=${BIN:-$scripts/../../bin}:$PATH
name=$1 times=${2:-25} out=$(mktemp -d)
server_flags "$name"
serve() { serve-launch "$@" --quiet --backend "$name" "${server[@]}" --log "$out/log"; }
quietly() { "$@" >"$out/none" || { cat "$out/none" && return 1; }; }

for ((i = 0; i < times; i++)); do
	serve start --name soak >"$out/server.csv"
	serve-launch stop --quiet --name soak
	quietly none_left "$engines/$name/"
done
echo "$name: $times starts and stops, nothing left"

for ((i = 0; i < times; i++)); do
	serve start --name soak >"$out/server.csv"
	loadgen --quiet --num-clients 4 --num-requests 200 --warmup 0 --mean-prompt-length 64 --mean-max-new-tokens 32 --stream \
		<"$out/server.csv" >"$out/rows.csv" 2>"$out/err" &
	load=$!
	sleep "$((RANDOM % 3)).$((RANDOM % 10))"
	url=$(pick --columns url --no-header "$out/server.csv")
	if ((i % 2)); then kill -9 -- "-$(group_of "$url")"; else serve-launch stop --quiet --name soak; fi
	wait $load || true
	serve-launch stop --quiet --name soak >"$out/stop" 2>&1 || true
	[ ! -s "$out/rows.csv" ] || # empty: it ended before the first request was due
		quietly expect 201 "$(wc -l <"$out/rows.csv")" "lines of 200 requests and a header"
	quietly none_left "$engines/$name/"
done
echo "$name: $times kills and stops in mid-run, nothing left, no row lost"
