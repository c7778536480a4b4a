#!/usr/bin/env bash
# Installs LiteLLM's proxy into .engines/litellm: 500 MB. The version is fixed on purpose, for a
# later one, 1.107.0, was reported as compromised.
set -euo pipefail
. "$(dirname "$0")/../engines/common.sh"
release=1.80.0
version="litellm $release"
dir=$engines/litellm
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
"$dir/bin/pip" install -q --no-cache-dir "litellm[proxy]==$release"
finished "$dir" "$version" "$began"
