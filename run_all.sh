#!/usr/bin/env bash
# The 8xA100 flow: the seven models, every backend, streaming, then Mixtral's
# long generations, then the figures. Rows go to results/run_all; what exists is
# skipped.
#   make run_all BACKENDS="fastgen vllm"                        a machine with 8 GPUs
#   make run_all BACKENDS="sim-fastgen sim-vllm"                any machine
set -euo pipefail
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
case "${1-}" in "") ;; -h | --help) usage; exit ;; *) usage >&2; exit 2 ;; esac
cd "$(dirname "$0")"
make -s build
export PATH="$PWD/bin:$PATH"
: "${BACKENDS:=fastgen vllm}"
: "${MODELS:=meta-llama/Llama-2-7b-hf meta-llama/Llama-2-13b-hf meta-llama/Llama-2-70b-hf
  tiiuae/falcon-40B tiiuae/falcon-180B microsoft/phi-2 mistralai/Mixtral-8x7B-v0.1}"

for backend in $BACKENDS; do
  serve-launch detect "$backend" >/dev/null 2>&1 && continue
  serve-launch detect "$backend" >&2 || true
  echo "run_all: $backend cannot run here; the simulated way is" >&2
  echo '         make run_all BACKENDS="sim-fastgen sim-vllm"' >&2
  exit 1
done
sweep() { # backend, model, flags
  bash scripts/run_benchmark.sh --backend "$1" --model "$2" --stream --out_dir results/run_all "${@:3}"
  [[ $2 != *Mixtral* ]] || bash scripts/run_benchmark.sh --backend "$1" --model "$2" --stream --out_dir results/run_all \
    --tp_size 4 --mean_prompt_length 500 --mean_max_new_tokens 150 500 1024 "${@:3}"
}
sweeps=(); trap 'kill "${sweeps[@]}" 2>/dev/null || true' EXIT
for model in $MODELS; do
  for backend in $BACKENDS; do
    if [[ $backend == sim-* ]]; then # no GPU: one per processor. Engine and load act in turn: more than that is lost on them
      (($(jobs -rp | wc -l) < $(getconf _NPROCESSORS_ONLN))) || wait -n
      GOMAXPROCS=1 sweep "$backend" "$model" --hardware A100-80GB & sweeps+=($!)
    else
      sweep "$backend" "$model"
    fi
  done
done
for one in "${sweeps[@]}"; do wait "$one"; done; sweeps=()
bash scripts/plot_all.sh $(printf 'results/run_all/%s ' $BACKENDS)
