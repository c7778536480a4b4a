#!/usr/bin/env bash
# An Azure ML online endpoint under the original suite's load: prompt 2600,
# generation 60, 256 requests per point. It starts nothing. The key comes from
# AML_API_KEY; further flags go to run_benchmark.sh (--num_clients 1 2, --timeout 1m, ...).
#   AML_API_KEY=... scripts/run_aml.sh SCORING_URL DEPLOYMENT MODEL [flags of run_benchmark.sh]
set -euo pipefail
case "${1-}" in -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit ;; esac
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"

if (($# < 3)) || [[ -z ${AML_API_KEY:-} ]]; then
  echo "usage: AML_API_KEY=... scripts/run_aml.sh SCORING_URL DEPLOYMENT MODEL [flags of run_benchmark.sh]" >&2
  exit 2
fi
url=$1 deployment=$2 model=$3
shift 3
make -s build
bash scripts/run_benchmark.sh --backend aml --aml_api_url "$url" --deployment_name "$deployment" --model "$model" \
  --hardware Azure --mean_prompt_length 2600 --mean_max_new_tokens 60 --num_requests 256 "$@"
bash scripts/plot_all.sh results/aml
