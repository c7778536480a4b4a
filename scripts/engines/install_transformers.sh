#!/usr/bin/env bash
# Installs `transformers serve`, Hugging Face's own server, and makes a tiny model of random weights.
# Needs Python 3.11 or later and 5 GB, most of it the CUDA libraries of torch, which a CPU leaves unused.
set -euo pipefail
. "$(dirname "$0")/common.sh"
release=5.23.0 torch=2.13.0
version="transformers $release, torch $torch"
dir=$engines/transformers
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
"$dir/bin/pip" install -q --no-cache-dir "torch==$torch" "transformers[serving]==$release" accelerate==1.15.0
"$dir/bin/python" "$scripts/../gpu/checkpoint.py" "$dir/model" --shape tiny
finished "$dir" "$version" "$began"
