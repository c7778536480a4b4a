#!/usr/bin/env bash
# The 8xA100 flow: the seven models, every backend, streaming, then Mixtral's
# long generations, then the figures. Rows go to results/run_all; what exists is
# skipped.
#   make run_all BACKENDS="fastgen vllm"                        a machine with 8 GPUs
#   make run_all BACKENDS="sim-fastgen sim-vllm"                any machine
#   make run_all CHECKPOINTS=DIR BACKENDS=vllm MODELS="meta-llama/Llama-2-70b-hf mistralai/Mixtral-8x7B-v0.1"
# With CHECKPOINTS the models have random weights in their true shapes, made in DIR by
# scripts/gpu/checkpoint.py, and names such as llama-2-70b-random. FLAGS are more flags of
# scripts/run_benchmark.sh ("--tp_size 4 --num_replicas 1 2"); lengths given there replace
# the default ones. RESULTS is another folder for the rows, HARDWARE the simulated GPU.
set -euo pipefail
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
case "${1-}" in "") ;; -h | --help) usage; exit ;; *) usage >&2; exit 2 ;; esac
cd "$(dirname "$0")"
make -s build
export PATH="$PWD/bin:$PATH"
: "${BACKENDS:=fastgen vllm}" "${RESULTS:=results/run_all}" "${HARDWARE:=A100-80GB}" "${FLAGS:=}"
: "${MODELS:=meta-llama/Llama-2-7b-hf meta-llama/Llama-2-13b-hf meta-llama/Llama-2-70b-hf
  tiiuae/falcon-40B tiiuae/falcon-180B microsoft/phi-2 mistralai/Mixtral-8x7B-v0.1}"
mkdir -p "$RESULTS" && RESULTS=$(cd "$RESULTS" && pwd) repo=$PWD lengths=()
if [[ -n ${CHECKPOINTS:-} ]]; then # the models are folders there, and no name that loadgen knows lengths for
  mkdir -p "$CHECKPOINTS" && CHECKPOINTS=$(cd "$CHECKPOINTS" && pwd)
  . scripts/gpu/common.sh
  [[ $FLAGS == *mean_* ]] || lengths=(--mean_prompt_length 1200 2600 --mean_max_new_tokens 60 128)
  cd "$CHECKPOINTS"
fi

for backend in $BACKENDS; do
  serve-launch detect "$backend" >/dev/null 2>&1 && continue
  serve-launch detect "$backend" >&2 || true
  echo "run_all: $backend cannot run here; the simulated way is" >&2
  echo '         make run_all BACKENDS="sim-fastgen sim-vllm"' >&2
  exit 1
done
sweep() { # backend, model
  local flags=(--backend "$1" --model "$2" --stream --out_dir "$RESULTS")
  if [[ $1 == sim-* ]]; then
    flags+=(--hardware "$HARDWARE")
  elif [[ -n ${CHECKPOINTS:-} ]]; then
    flags+=(--engine_args "$(engine_args "$1")")
  fi
  run-benchmark "${flags[@]}" "${lengths[@]}" $FLAGS
  [[ ${2,,} != *mixtral* || $FLAGS == *mean_* ]] ||
    run-benchmark "${flags[@]}" --mean_prompt_length 500 --mean_max_new_tokens 150 500 1024 $FLAGS
}
sweeps=(); trap 'kill "${sweeps[@]}" 2>/dev/null || true' EXIT
for model in $MODELS; do
  if [[ -n ${CHECKPOINTS:-} ]]; then # meta-llama/Llama-2-70b-hf has the shape llama-2-70b
    SHAPE=${model##*/} SHAPE=${SHAPE,,} SHAPE=${SHAPE%-hf} SHAPE=${SHAPE%-v0.1} model=$SHAPE-random
  fi
  for backend in $BACKENDS; do
    if [[ $backend == sim-* ]]; then # no GPU: one per processor. Engine and load act in turn: more than that is lost on them
      (($(jobs -rp | wc -l) < $(getconf _NPROCESSORS_ONLN))) || wait -n
      GOMAXPROCS=1 sweep "$backend" "$model" & sweeps+=($!)
    else
      [[ -z ${CHECKPOINTS:-} ]] || checkpoint "$backend"
      sweep "$backend" "$model"
    fi
  done
done
for one in "${sweeps[@]}"; do wait "$one"; done; sweeps=()
bash "$repo/scripts/plot_all.sh" $(printf "$RESULTS/%s " $BACKENDS)
