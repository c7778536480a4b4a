# Sourced by the test scripts: how each engine is started here, and what a test says.

# server_flags NAME: the options, in $server, that start this machine's small model on the engine.
server_flags() {
	local dir=$engines/$1
	server=(--python "$dir/bin/python" --model "$dir/model")
	case $1 in
	llamacpp) server=(--model "$dir/model.gguf" --engine-args "-t 1 -c 8192 -np 4") && export LLAMA_SERVER=$dir/bin/llama-server ;;
	vllm) server+=(--engine-args "--gpu-memory-utilization 0.2 --max-model-len 2048") ;;
	# By itself it takes 60 % of the memory for its cache; two threads on two shared cores wait for each other.
	transformers) server+=(--engine-args "--cb-num-blocks 64") && export OMP_NUM_THREADS=1 ;;
	esac
}

# expect WANTED GOT WHAT: says WHAT, and fails the test if the two differ.
expect() {
	[ "$1" = "$2" ] && echo "  $3: $2" && return
	echo "  FAULT $3: $2, not $1"
	return 1
}

# group_of URL: the process group of the engine that was started with the address's port.
group_of() { ps -o pgid= -p "$(pgrep -n -f -- "-port ${1##*:}( |\$)")" | tr -d ' '; }

# none_left PATH: no process runs a program from under PATH.
none_left() { expect "" "$(pgrep -f "^[^ ]*$1" | paste -sd ' ')" "processes left"; }

# after_rows FILE PID: waits until FILE holds eight rows or the process has gone.
after_rows() { while kill -0 "$2" 2>/dev/null && [ "$(wc -l <"$1")" -lt 9 ]; do sleep 0.1; done; }
