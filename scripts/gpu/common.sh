# Sourced by the scripts here: where things are, what a run of them is about.
# CHECKPOINTS is the folder of checkpoints and of the engines' logs.

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$scripts/../.." && pwd)
checkpoints=${CHECKPOINTS:-$repo/.engines/checkpoints}
export PATH=$repo/bin:$PATH

# tiny: a run that two CPU cores do in minutes, to try the scripts themselves.
tiny() {
	: "${SHAPE:=tiny}" "${HARDWARE:=H100-80GB}" "${MINUTES:=12}" "${CLIENTS:=1,2,4}" "${LOADS:=64:16 48:24}" "${REQUESTS:=12}"
	: "${VLLM_ARGS:=--gpu-memory-utilization 0.2 --max-model-len 2048}" "${TRANSFORMERS_ARGS:=--cb-num-blocks 64}"
	export OMP_NUM_THREADS=1
}

# gpu_name: what simulated engines call the GPU of this machine, as far as they know it.
gpu_name() {
	case $(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -1) in
	*H200*) echo H200 ;; *H100*) echo H100-80GB ;; *A100*80GB*) echo A100-80GB ;; *A6000*) echo A6000 ;; *L4*) echo L4 ;; esac
}

# interpreter ENGINE: its Python, found as serve-launch finds it.
interpreter() {
	local variable=${1^^}_PYTHON
	local python=${!variable:-$repo/.engines/$1/bin/python}
	[ -x "$python" ] && echo "$python" || echo python3
}

# checkpoint ENGINE...: makes what lacks of the checkpoint: vLLM and SGLang fill the weights in by themselves.
checkpoint() {
	local dir=$checkpoints/$model make=("$(interpreter "$1")" "$scripts/checkpoint.py" "$checkpoints/$model" --shape "$SHAPE") e
	for e in "$@"; do
		case $e in
		vllm | sglang) [ -e "$dir/config.json" ] || "${make[@]}" --no-weights ;;
		*) [ -e "$dir/model.safetensors" -o -e "$dir/model.safetensors.index.json" ] || "${make[@]}" ;;
		esac
	done
}

# engine_args ENGINE: flags for the engine beside those of serve-launch.
engine_args() {
	case $1 in
	vllm) echo "--load-format dummy ${VLLM_ARGS:-}" ;;
	sglang) echo "--load-format dummy ${SGLANG_ARGS:-}" ;;
	fastgen) echo "${FASTGEN_ARGS:-}" ;;
	transformers) echo "${TRANSFORMERS_ARGS:-}" ;;
	esac
}

# cores LIST: the command before a command that shall run on these cores; none without a list.
cores() { echo ${1:+taskset -c "$1"}; }
