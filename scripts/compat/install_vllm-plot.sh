#!/usr/bin/env bash
# Takes the code of `vllm bench sweep plot` and `plot_pareto` out of the vllm wheel into .engines/vllm-plot,
# with the libraries that draw. Two files that would import torch are left empty or replaced: vllm's own
# package file and its logger. What reads results and draws them is vLLM's, unchanged.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../engines/common.sh"
release=0.33.0
version="vllm bench sweep plot $release"
dir=$engines/vllm-plot
installed "$dir" "$version" && exit
began=$SECONDS
fresh "$dir"
report=$dir/report.json
"$dir/bin/pip" install -q --no-cache-dir pandas matplotlib seaborn regex pyyaml typing_extensions
"$dir/bin/pip" install -q --dry-run --no-deps --ignore-installed --only-binary :all: --report "$report" "vllm==$release"
site=$dir/site/vllm
mkdir -p "$site"/{utils,benchmarks/sweep}
for member in utils/{argparse,collection,import}_utils.py benchmarks/__init__.py benchmarks/sweep/{__init__,plot,plot_pareto,utils}.py; do
	"$python" "$here/wheel_member.py" "$report" "vllm/$member" "$site/$member"
done
touch "$site/__init__.py" "$site/utils/__init__.py"
printf 'from logging import getLogger as init_logger\n' >"$site/logger.py"
rm "$report"
finished "$dir" "$version" "$began"
