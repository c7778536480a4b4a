#!/usr/bin/env bash
# One model, one backend, the whole sweep, with the flags of the original run_benchmark.py;
# several values stand behind one flag: --tp_size 1 2. Every other flag goes to loadgen.
# Results: results/<backend>/, one CSV per point; points that exist are skipped, and a
# server is started only for a sweep that has points left.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
backend=fastgen model=meta-llama/Llama-2-7b-hf out=results
tp=() batch=() replicas=() server=() load=()
while (($#)); do
  flag=${1%%=*} values=()
  flag=${flag//_/-}
  if [[ $1 == *=* ]]; then values=("${1#*=}"); elif [[ $flag == --engine-args && $# -gt 1 ]]; then values=("$2"); shift; fi
  shift
  while (($#)) && [[ $1 != --* ]]; do values+=("$1"); shift; done
  case $flag in
    --vllm) backend=vllm ;; --backend) backend=${values[0]} ;; --model) model=${values[0]} ;;
    --out-dir | --out-json-dir) out=${values[0]%/} ;;
    --tp-size) tp=("${values[@]}") ;; --num-replicas) replicas=("${values[@]}") ;;
    --max-ragged-batch-size) batch=("${values[@]}") ;;
    --overwrite-results) load+=(--overwrite) ;;
    --fp6 | --deployment-name | --hardware | --speed | --port | --engine-args | --python | --sim-policy)
      server+=("$flag${values[0]+=${values[0]}}" ${values[@]+"${values[@]:1}"}) ;;
    *) load+=("$flag${values[0]+=$(IFS=,; printf %s "${values[*]}")}") ;;
  esac
done
((${#tp[@]})) || case ${model,,} in # the original's defaults
  *llama*13b*) tp=(1 2 4) ;; *llama*70b*) tp=(4 8) ;; *falcon-40b) tp=(2 4) ;;
  *falcon-180b) tp=(8) ;; *mixtral*) tp=(4) ;; *) tp=(1) ;;
esac

for t in "${tp[@]}"; do for b in "${batch[@]:-768}"; do for r in "${replicas[@]:-1}"; do
  key=(--backend "$backend" --model "$model" --tp-size "$t" --max-ragged-batch-size "$b" --num-replicas "$r")
  sweep=(--out-dir "$out/$backend" ${load[@]+"${load[@]}"})
  left=$(loadgen --pending "${key[@]}" "${sweep[@]}")
  if [[ -z $left ]]; then echo "run_benchmark: $backend $model tp $t: every point exists" >&2; continue; fi
  serve-launch "${key[@]}" ${server[@]+"${server[@]}"} -- loadgen "${sweep[@]}"
done; done; done
