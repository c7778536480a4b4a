#!/usr/bin/env bash
# GuideLLM's mock server with a configured time to first token and a configured gap.
#
# It sleeps for the configured time and then does its own work, 1 to 2 ms before a first token: a
# second mock server configured not to sleep shows how long that is, and its median is taken off.
# Medians, for the server is one process in Python. What loadgen reports is also held within 0.2 ms
# to the bytes that reached it.
set -euo pipefail
name=guidellm-mock
. "$(dirname "$0")/test_common.sh"

# mock LABEL TTFT ITL: a mock server with these times in ms. Sets $mocked to the port of a relay before it.
mock() {
	local port
	port=$(free_port)
	begin "$1" "$engines/guidellm-mock/bin/guidellm" mock-server --host 127.0.0.1 --port "$port" --model mock --ttft-ms "$2" --itl-ms "$3"
	until_ok "$1" curl -sf "http://127.0.0.1:$port/v1/models"
	relay "$1" "$port" && mocked=$relayed
}

mock paced 150 15 && paced=$mocked
mock at-once 0 0 && at_once=$mocked
for mode in completions chat; do
	chat=() && [ $mode = completions ] || chat=(--chat)
	for server in "paced $paced" "at-once $at_once"; do
		read -r label port <<<"$server"
		load "$label-$mode" "$port" --stream --num-clients 2 --num-requests 24 ${chat[@]+"${chat[@]}"}
	done
	check passed "$mode streamed" "$out/paced-$mode.csv" "$out/paced.passed" "$out/paced-$mode.summary"
	check configured "$mode streamed" "$out/paced-$mode.summary" 150 15 "$out/at-once-$mode.summary"
done
exit $failed
