#!/usr/bin/env bash
# Takes SGLang's client in Rust (bench_serving --rust-client) out of its wheel of 39 MB into
# .engines/sglang-rs, and makes a tokenizer for it. It is a module of Python of 8 MB, which needs
# nothing else of the package. There are wheels for Python 3.11 to 3.13.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/engines/common.sh
release=0.5.23
version="sglang-rs $release"
dir=$engines/sglang-rs
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
"$dir/bin/pip" download -q --no-cache-dir --no-deps --only-binary :all: -d "$dir" "sglang==$release"
"$dir/bin/python" - "$dir"/sglang-*.whl <<"E"
import pathlib, sys, sysconfig, zipfile
name = "_bench" + sysconfig.get_config_var("EXT_SUFFIX")
module = zipfile.ZipFile(sys.argv[1]).read("sglang/srt/rust_extensions/" + name)
pathlib.Path(sysconfig.get_path("platlib"), name).write_bytes(module)
E
rm "$dir"/sglang-*.whl
"$python" scripts/compat/make_tokenizer.py "$dir/tokenizer"
finished "$dir" "$version" "$began"
