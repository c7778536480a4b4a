#!/usr/bin/env bash
# test.sh [NAME...]: tests the suite with third-party programs. One line per check goes to
# stdout, rows and logs to $OUT. The status is 1 if a check fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../engines/common.sh"
export PATH=${BIN:-$here/../../bin}:$PATH OUT=${OUT:-$(mktemp -d)}
# Neither keys nor proxies of whoever runs this belong between programs of one machine.
unset OPENAI_API_KEY OPENAI_BASE_URL VLLM_API_KEY LITELLM_MASTER_KEY DATABASE_URL
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
failed=0
[ $# -gt 0 ] || set -- litellm guidellm-mock vllm-rs vllm-plot openai-sdk ollama-middleware
echo "rows and logs: $OUT"
for name in "$@"; do
	if [ ! -f "$engines/$name/VERSION" ]; then
		echo "$name: not run, it is not installed (make compat PROGRAMS=$name)"
		continue
	fi
	echo "$name: $(cat "$engines/$name/VERSION")"
	bash "$here/test_$name.sh" || failed=1
done
exit $failed
