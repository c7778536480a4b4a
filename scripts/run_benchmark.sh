#!/usr/bin/env bash
# One model, one backend, the whole sweep, with the flags of the original
# run_benchmark.py: each is taken, mapped, or answered with what to say instead,
# and -h lists them. The work is done by bin/run-benchmark, under this name and in
# the repository's folder.
set -euo pipefail
name=$0
cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
command -v run-benchmark >/dev/null || make -s build >&2
exec -a "$name" run-benchmark "$@"
