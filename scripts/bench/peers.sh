#!/usr/bin/env bash
# Runs loadgen, the floor and the peers on the same sender, one table from one run.
# The peers are installed from PyPI into separate environments in .engines/ (15 GB,
# mostly CUDA libraries; vllm-rs is one program of 61 MB, sglang-rs one of 8 MB), unless
# they are there.
# PEERS selects some of them, PYTHON their interpreter; arguments go to
# bench-accuracy, such as --num-clients 1000. On one core GuideLLM 0.8.1 waits for ever
# under Python 3.13, and measures under 3.11.
set -euo pipefail
cd "$(dirname "$0")/../.."
read -ra peers <<<"${PEERS:-vllm-bench vllm-rs sglang-rs guidellm aiperf inference-perf}"

# install NAME VERSION [PYTHON]: a peer into .engines/NAME.
install() {
  [[ $(cat ".engines/$1/VERSION" 2>/dev/null) == "$2" ]] && return
  echo "peers: installing $1 $2" >&2
  "${3:-${PYTHON:-python3}}" -m venv --clear ".engines/$1"
  ".engines/$1/bin/pip" install -q --no-cache-dir "$1==$2" >&2
  echo "$2" >".engines/$1/VERSION"
}

# newer: an interpreter of Python 3.12 or later, which inference-perf asks for.
newer() {
  for python in ${PYTHON:-} python3.13 python3.12 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then echo "$python"; return; fi
  done
  return 1
}

# vLLM's environment also has the tokenizer that the others are given; the two clients in
# Rust have a small one.
tokenizer=.engines/${peers[0]}/tokenizer
for peer in "${peers[@]}"; do
  [[ $peer == *-rs ]] || tokenizer=.engines/vllm/model
done
[[ $tokenizer != .engines/vllm/model ]] || bash scripts/engines/install_vllm.sh >&2
chosen=(--tokenizer "$tokenizer")
for peer in "${peers[@]}"; do
  case $peer in
    vllm-bench) ;;
    vllm-rs) bash scripts/compat/install_vllm-rs.sh >&2 ;;
    sglang-rs) bash scripts/bench/install_sglang-rs.sh >&2 ;;
    guidellm) install guidellm 0.8.1 ;;
    aiperf) install aiperf 0.13.0 ;;
    inference-perf)
      python=$(newer) || { echo "peers: inference-perf needs Python 3.12, it is left out" >&2; continue; }
      install inference-perf 0.7.0 "$python" ;;
    *) echo "peers: there is no peer $peer" >&2; exit 2 ;;
  esac
  chosen+=(--peer "$peer")
done
(($#)) || set -- --num-clients 100,1000
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
exec bash scripts/bench/accuracy.sh "${chosen[@]}" "$@"
