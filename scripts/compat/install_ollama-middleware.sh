#!/usr/bin/env bash
# Builds ollama/main.go, a server around Ollama's OpenAI middleware, into .engines/ollama-middleware.
# That server has a go.mod of its own, so that the suite's needs none of Ollama's modules. It is
# built each time, for its source may have changed where the version has not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../engines/common.sh"
version="github.com/ollama/ollama/middleware $(awk '$1 == "github.com/ollama/ollama" { print $2 }' "$here/ollama/go.mod")"
dir=$engines/ollama-middleware
began=$SECONDS
rm -rf "$dir" && mkdir -p "$dir"
"${GO:-go}" -C "$here/ollama" build -trimpath -o "$(cd "$dir" && pwd)/ollama-middleware" .
finished "$dir" "$version" "$began"
