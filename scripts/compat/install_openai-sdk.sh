#!/usr/bin/env bash
# Installs the official Python SDK of OpenAI's API into .engines/openai-sdk.
set -euo pipefail
. "$(dirname "$0")/../engines/common.sh"
release=3.57.0
version="openai $release"
dir=$engines/openai-sdk
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
"$dir/bin/pip" install -q --no-cache-dir "openai==$release"
finished "$dir" "$version" "$began"
