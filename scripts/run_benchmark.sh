#!/usr/bin/env bash
# Measures one model on one backend, the whole sweep, with the flags of the original
# run_benchmark.py: it accepts or maps each, or says what to use instead, and -h lists
# them. It runs bin/run-benchmark under this name, in the repository's folder.
set -euo pipefail
name=$0
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
command -v run-benchmark >/dev/null || make -s build >&2
exec -a "$name" run-benchmark "$@"
