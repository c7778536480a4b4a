#!/usr/bin/env bash
# LiteLLM's proxy before a server that keeps 50 tokens per second and stream.
#
# The proxy's own time is real, and loadgen has to report it. So what loadgen and collect report is
# held within 0.2 ms to the bytes that reached loadgen (median latency, TTFT and gap per request, and
# collect's mean gap), with the proxy and without. Against the run without the proxy each request
# has the same tokens, and the median gap is the same within 0.2 ms: the proxy delays the first token
# and the last alike. That delay is printed and not judged.
set -euo pipefail
name=litellm
. "$(dirname "$0")/test_common.sh"
export LITELLM_LOCAL_MODEL_COST_MAP=True

sim_engine --policy pace --pace 50 --pace-ttft 100ms
cat >"$out/config.yaml" <<C
model_list:
  - model_name: alias
    litellm_params: {model: "hosted_vllm/$model", api_base: "http://127.0.0.1:$sim/v1", api_key: none}
litellm_settings: {num_retries: 0}
router_settings: {num_retries: 0}
C
port=$(free_port)
begin proxy "$engines/litellm/bin/litellm" --config "$out/config.yaml" --host 127.0.0.1 --port "$port" --telemetry False
until_ok proxy curl -sf "http://127.0.0.1:$port/health/liveliness"
relay direct "$sim" && direct=$relayed
relay proxied "$port" && proxied=$relayed

for mode in "completions streamed:--stream" "chat streamed:--stream --chat" "completions:" "chat:--chat"; do
	read -ra options <<<"${mode#*:}"
	mode=${mode%%:*} file=${mode%%:*} && file=${file// /-}
	load "direct-$file" "$direct" --num-clients 4 --num-requests 24 ${options[@]+"${options[@]}"}
	check passed "$mode, direct" "$out/direct-$file.csv" "$out/direct.passed" "$out/direct-$file.summary"
	load "proxied-$file" "$proxied" --model alias --num-clients 4 --num-requests 24 ${options[@]+"${options[@]}"}
	check passed "$mode, through LiteLLM" "$out/proxied-$file.csv" "$out/proxied.passed" "$out/proxied-$file.summary"
	check direct "$mode, with and without LiteLLM" "$out/proxied-$file.csv" "$out/direct-$file.csv"
done
exit $failed
