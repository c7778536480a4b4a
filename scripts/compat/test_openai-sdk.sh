#!/usr/bin/env bash
# The official Python SDK asks sim-engine for completions and chat completions, streamed and not. It and curl
# see the engine as serve-launch starts it, which a load in lockstep would move, in real time.
set -euo pipefail
name=openai-sdk
. "$(dirname "$0")/test_common.sh"
sim_engine --policy pace --pace 200 --pace-ttft 20ms
"$engines/openai-sdk/bin/python" "$here/sdk.py" "http://127.0.0.1:$sim" >"$out/answers.json" 2>"$out/sdk.log" || tail -3 "$out/sdk.log"
for mode in completions "completions streamed" chat "chat streamed"; do
	check sdk "$mode" "$out/answers.json" "$mode" 12
done
begin default sim-engine --port 0 --port-file "$out/default.port"
until_ok default test -s "$out/default.port"
"$engines/openai-sdk/bin/python" "$here/pace.py" "http://127.0.0.1:$(cat "$out/default.port")" || failed=1
exit $failed
