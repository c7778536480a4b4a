#!/usr/bin/env bash
# Measures the errors of loadgen's figures: one CSV row per client and number of
# streams on stdout. Arguments go to bench-accuracy, such as --num-clients 1,100 or
# --tokens-per-chunk 4. The floor, a reader that only counts bytes, needs a C compiler,
# or bin/epoll_reader made elsewhere.
set -euo pipefail
cd "$(dirname "$0")/../.."

floor=()
if command -v cc >/dev/null; then
  cc -O2 -Wall -o bin/epoll_reader scripts/bench/epoll_reader.c
fi
if [[ -x bin/epoll_reader ]]; then # it may be of another machine
  floor=(--floor bin/epoll_reader)
else
  echo "accuracy: no C compiler, the floor is left out" >&2
fi
# A connection takes a descriptor on either side; room for them is asked for.
ulimit -n "$(ulimit -Hn)"
exec bin/bench-accuracy ${floor[@]+"${floor[@]}"} "$@"
