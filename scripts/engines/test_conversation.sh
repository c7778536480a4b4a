#!/usr/bin/env bash
# test_conversation.sh: ten turns of a chat against llama.cpp with its prompt cache, and the first
# four without it. What each turn found there is compared with the turn before, and with the engine's log.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$scripts/test_common.sh"
out=$OUT/conversation
rm -rf "$out" && mkdir -p "$out"
server_flags llamacpp

# talk NAME TURNS CACHE: that many turns, with llama-server's own option for the cache.
talk() {
	head -"$2" "$scripts/conversation.jsonl" >"$out/$1.jsonl"
	serve-launch --quiet --backend llamacpp --model "$engines/llamacpp/model.gguf" --engine-args "${server[3]} $3" --log "$out/$1.log" |
		loadgen --quiet --schedule "$out/$1.jsonl" --chat --stream --warmup 0 >"$out/$1.csv"
	python3 "$scripts/conversation.py" "$out/$1.csv" "$out/$1.log" "$3"
}

talk cached 10 --cache-prompt
talk uncached 4 --no-cache-prompt
