#!/usr/bin/env bash
# install.sh [NAME...]: installs third-party programs into .engines/NAME, from PyPI or the Go
# module proxy. What is already downloaded is kept.
# Names: litellm, guidellm-mock, vllm-rs, vllm-plot, openai-sdk, ollama-middleware; all by default.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- litellm guidellm-mock vllm-rs vllm-plot openai-sdk ollama-middleware
for name in "$@"; do
	if [ ! -f "$here/install_$name.sh" ]; then
		echo "no program is called $name: litellm, guidellm-mock, vllm-rs, vllm-plot, openai-sdk, ollama-middleware" >&2
		exit 2
	fi
done
for name in "$@"; do
	bash "$here/install_$name.sh"
done
