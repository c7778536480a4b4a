#!/usr/bin/env bash
# install.sh [NAME...]: installs real engines into .engines/NAME, from PyPI, each in its own environment.
# Names: llamacpp, vllm, fastgen, transformers; all four by default. What is already installed is kept.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- llamacpp vllm fastgen transformers
for name in "$@"; do
	if [ ! -f "$scripts/install_$name.sh" ]; then
		echo "no engine is called $name: llamacpp, vllm, fastgen, transformers" >&2
		exit 2
	fi
done
for name in "$@"; do
	bash "$scripts/install_$name.sh"
done
