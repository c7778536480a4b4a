#!/usr/bin/env bash
# Installs DeepSpeed-MII (FastGen) with its GPU engine replaced by a simulated one (fastgen_engine.py):
# the launcher, gRPC servers, load balancer, ragged batching and sampling are MII's own.
# Needs Python 3.11 or later and 6 GB, most of it the CUDA libraries of torch, which stay unused.
set -euo pipefail
. "$(dirname "$0")/common.sh"
mii=0.3.3 deepspeed=0.19.8 torch=2.13.0
version="deepspeed-mii $mii+simulated, deepspeed $deepspeed"
dir=$engines/fastgen
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
pip() { "$dir/bin/pip" install -q --no-cache-dir "$@"; }
pip "torch==$torch" transformers==5.23.0 setuptools wheel ninja py-cpuinfo psutil
DS_BUILD_OPS=0 pip --no-build-isolation "deepspeed==$deepspeed"
pip fastapi Flask-RESTful grpcio Pillow protobuf pyzmq requests shortuuid ujson Werkzeug
# Without its dependencies: deepspeed-kernels is for GPUs, "asyncio" and "fastchat" are other projects.
pip --no-deps "deepspeed-mii==$mii"
"$dir/bin/python" "$scripts/make_model.py" "$dir/model"
cp "$scripts/fastgen_engine.py" "$dir"/lib/python*/site-packages/mii/modeling/models.py
# The version says so to whoever asks the environment, serve-launch among them.
metadata=$(echo "$dir"/lib/python*/site-packages/deepspeed_mii-*.dist-info/METADATA)
sed -i "s/^Version: $mii\$/&+simulated/" "$metadata"
grep -q '^Version: .*+simulated$' "$metadata"
finished "$dir" "$version" "$began"
