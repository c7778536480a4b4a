#!/usr/bin/env bash
# Takes vLLM's Rust client out of the vllm wheel into .engines/vllm-rs, and makes a tokenizer for it.
# pip says where its index has the wheel, of which only that one file is fetched: 23 MB of 336.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../engines/common.sh"
release=0.33.0
version="vllm-rs $release"
dir=$engines/vllm-rs
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
report=$dir/report.json
"$dir/bin/pip" install -q --dry-run --no-deps --ignore-installed --only-binary :all: --report "$report" "vllm==$release"
if ! "$python" "$here/wheel_member.py" "$report" vllm/vllm-rs "$dir/vllm-rs"; then
	echo "vllm-rs: the index refuses ranges, the whole wheel is downloaded" >&2
	"$dir/bin/pip" download -q --no-cache-dir --no-deps --only-binary :all: -d "$dir" "vllm==$release"
	"$python" -m zipfile -e "$dir"/vllm-*.whl "$dir/unpacked"
	mv "$dir/unpacked/vllm/vllm-rs" "$dir/vllm-rs"
	rm -rf "$dir/unpacked" "$dir"/vllm-*.whl
fi
chmod +x "$dir/vllm-rs"
rm "$report"
"$python" "$here/make_tokenizer.py" "$dir/tokenizer"
finished "$dir" "$version" "$began"
