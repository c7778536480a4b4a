#!/usr/bin/env bash
# Installs GuideLLM for its mock server into .engines/guidellm-mock. The server uses neither
# torch nor datasets, which are left out: 400 MB instead of 6 GB.
set -euo pipefail
. "$(dirname "$0")/../engines/common.sh"
release=0.8.1
version="guidellm $release, without torch"
dir=$engines/guidellm-mock
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
pip() { "$dir/bin/pip" "$1" -q --no-cache-dir "${@:2}"; }
pip download --no-deps -d "$dir" "guidellm==$release"
"$dir/bin/python" - "$dir"/guidellm-*.whl >"$dir/requirements.txt" <<"P"
import importlib.metadata, sys, zipfile
info = next(d for d in zipfile.Path(sys.argv[1]).iterdir() if d.name.endswith(".dist-info"))
for line in importlib.metadata.PathDistribution(info).requires:
    if "extra ==" not in line and not line.startswith(("torch", "datasets")):
        print(line)
P
pip install -r "$dir/requirements.txt"
pip install --no-deps "$dir"/guidellm-*.whl
rm "$dir"/guidellm-*.whl "$dir/requirements.txt"
finished "$dir" "$version" "$began"
