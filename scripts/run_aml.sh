#!/usr/bin/env bash
# An Azure ML online endpoint under the original suite's load: prompt 2600,
# generation 60, 256 requests a point. Nothing is started. The key comes from
# AML_API_KEY; what follows goes to loadgen (--num-clients, --timeout, ...).
#   AML_API_KEY=... scripts/run_aml.sh SCORING_URL DEPLOYMENT MODEL [loadgen's flags]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"

if (($# < 3)) || [[ -z ${AML_API_KEY:-} ]]; then
  echo "usage: AML_API_KEY=... scripts/run_aml.sh SCORING_URL DEPLOYMENT MODEL [loadgen's flags]" >&2
  exit 2
fi
url=$1 deployment=$2 model=$3
shift 3
make -s build
serve-launch --backend aml --url "$url" --deployment-name "$deployment" --model "$model" --hardware Azure -- \
  loadgen --deployment-name "$deployment" --mean-prompt-length 2600 --mean-max-new-tokens 60 --num-requests 256 \
  --out-dir results/aml "$@"
bash scripts/plot_all.sh results/aml
