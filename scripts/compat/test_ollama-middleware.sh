#!/usr/bin/env bash
# Ollama's OpenAI middleware before answers with a first token after 100 ms and gaps of 20 ms.
#
# Where usage is asked for, each chunk of a streamed completion has a usage of zeros, and the true
# usage follows in a chunk without choices (ollama/ollama#16509). So each row must have the tokens
# that the server says it generated, and a latency no shorter than that takes; the median latency is
# at most 2 ms longer. The median TTFT and gap are within 2 ms of those configured, and what loadgen
# reports is within 0.2 ms of the bytes that reached it.
set -euo pipefail
name=ollama-middleware
. "$(dirname "$0")/test_common.sh"
ttft=100 itl=20

port=$(free_port)
begin server "$engines/$name/ollama-middleware" -address "127.0.0.1:$port" -ttft ${ttft}ms -gap ${itl}ms
until_ok server curl -sf "http://127.0.0.1:$port/v1/models"
relay server "$port"

for mode in "completions streamed:--stream" "chat streamed:--stream --chat" "completions:" "chat:--chat"; do
	read -ra options <<<"${mode#*:}"
	mode=${mode%%:*} file=${mode%%:*} && file=${file// /-}
	load "$file" "$relayed" --num-clients 2 --num-requests 24 ${options[@]+"${options[@]}"}
	check answered "$mode" "$out/$file.csv" "$out/server.log" $ttft $itl
	check passed "$mode" "$out/$file.csv" "$out/server.passed" "$out/$file.summary"
	if [[ $mode == *streamed ]]; then check configured "$mode" "$out/$file.summary" $ttft $itl; fi
done
exit $failed
