#!/usr/bin/env bash
# test.sh [NAME...]: tests the pipeline with each installed engine; results go to stdout, the rest to $OUT.
set -euo pipefail
. "$(dirname "$0")/common.sh"
export PATH=${BIN:-$scripts/../../bin}:$PATH OUT=${OUT:-$(mktemp -d)}
failed=0
[ $# -gt 0 ] || set -- llamacpp vllm fastgen transformers
echo "rows and logs: $OUT"
for name in "$@"; do
	if [ ! -f "$engines/$name/VERSION" ]; then
		echo "$name: not run, it is not installed (make engines ENGINES=$name)"
		continue
	fi
	echo "$name: $(cat "$engines/$name/VERSION")"
	bash "$scripts/test_engine.sh" "$name" || failed=1
	[ "$name" != llamacpp ] || bash "$scripts/test_conversation.sh" || failed=1
	[ "$name" != vllm ] || bash "$scripts/test_prefix.sh" || failed=1
	[ "$name" != vllm ] || bash "$scripts/test_replay.sh" || failed=1
done
exit $failed
