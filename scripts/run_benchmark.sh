#!/usr/bin/env bash
# One model, one backend, the whole sweep, with the flags of the original
# run_benchmark.py; several values stand behind one flag: --tp_size 1 2.
# Every other flag goes to loadgen (--stream, --num_clients, --seed, ...).
# Results: results/<backend>/, one CSV a point; points that exist are skipped,
# and a server is started only for a sweep that has points left.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"

backend=fastgen model=meta-llama/Llama-2-7b-hf out=results
tp=() batch=() replicas=() server=() load=()
while (($#)); do
  flag=${1//_/-} values=()
  shift
  while (($#)) && [[ $1 != --* ]]; do values+=("$1"); shift; done
  case $flag in
    --vllm) backend=vllm ;;
    --backend) backend=${values[0]} ;;
    --model) model=${values[0]} ;;
    --out-dir | --out-json-dir) out=${values[0]%/} ;;
    --tp-size) tp=("${values[@]}") ;;
    --max-ragged-batch-size) batch=("${values[@]}") ;;
    --num-replicas) replicas=("${values[@]}") ;;
    --overwrite-results) load+=(--overwrite) ;;
    --fp6 | --deployment-name | --hardware | --speed | --port | --engine-args | --python | --sim-policy)
      server+=("$flag" ${values[@]+"${values[@]}"}) ;;
    *) load+=("$flag"); ((${#values[@]} == 0)) || load+=("$(IFS=,; echo "${values[*]}")") ;;
  esac
done
if ((${#tp[@]} == 0)); then
  case ${model,,} in # the original's defaults
    *llama*13b*) tp=(1 2 4) ;; *llama*70b*) tp=(4 8) ;; *falcon-40b) tp=(2 4) ;;
    *falcon-180b) tp=(8) ;; *mixtral*) tp=(4) ;; *) tp=(1) ;;
  esac
fi

for t in "${tp[@]}"; do for b in "${batch[@]:-768}"; do for r in "${replicas[@]:-1}"; do
  key=(--backend "$backend" --model "$model" --tp-size "$t" --max-ragged-batch-size "$b" --num-replicas "$r")
  sweep=(--out-dir "$out/$backend" ${load[@]+"${load[@]}"})
  left=$(loadgen --pending "${key[@]}" "${sweep[@]}")
  if [[ -z $left ]]; then echo "run_benchmark: $backend $model tp $t: every point exists" >&2; continue; fi
  serve-launch "${key[@]}" ${server[@]+"${server[@]}"} -- loadgen "${sweep[@]}"
done; done; done
