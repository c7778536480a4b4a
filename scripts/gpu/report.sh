#!/usr/bin/env bash
# report.sh DIR: makes DIR's summary, figures and README from the rows below it, and
# compares tensor-parallel sizes and replicas if there are several. A README without
# its first line is kept.
set -euo pipefail
. "$(dirname "$0")/common.sh"
out=$1 summary=$1/figures/summary.csv # not beside the rows: results/*/*.csv are rows
mapfile -d '' -t rows < <(find "$out" -mindepth 2 -not -path "*/figures/*" -name '*.csv' -print0 | sort -z)
((${#rows[@]})) || { echo "report.sh: no rows below $out" >&2; exit 1; }
mkdir -p "$out/figures"
collect --quiet "${rows[@]}" >"$summary"
plot-th-lat --quiet --out-dir "$out/figures" "$summary"
collect goodput --quiet --sla-gen 4 "${rows[@]}" | plot-eff-th --quiet --out-dir "$out/figures/goodput"
collect gaps --quiet "${rows[@]}" | plot-pctl --quiet --out-dir "$out/figures/percentile_token_latency"
# values COLUMNS: their different values.
values() { pick --columns "$1" --no-header "$summary" | sort -u; }
[ "$(values tp_size | wc -l)" = 1 ] || plot-tp-sizes --quiet --out-dir "$out/figures/tp_sizes" "$summary"
[ "$(values num_replicas | wc -l)" = 1 ] || plot-repl-scale --quiet --out-dir "$out/figures/repl_scale" "$summary"
mark='<!-- written by scripts/gpu/report.sh; without this line it is left alone -->'
if [ -e "$out/README.md" ] && [ "$(head -1 "$out/README.md")" != "$mark" ]; then exit; fi

{
	printf '%s\n# Engines on %s, %s\n\n' "$mark" "$(grep -v ',sim-' "$summary" | pick --columns hardware --no-header | head -1)" "$(head -c 10 "$out/environment.txt")"
	printf 'Random weights in the shape of the named model. Prefix caches are off where the\nengine has a switch. Backends with sim- are simulations. `environment.txt` has the\nmachine and the versions, `commands.txt` every command, `figures/summary.csv` all numbers.\n'
	values model,mean_prompt_length,mean_max_new_tokens | while IFS=, read -r model prompt new; do
		printf '\n## %s, prompt %s, generation %s\n\n' "$model" "$prompt" "$new"
		pick --where "model=$model" --where "mean_prompt_length=$prompt" --where "mean_max_new_tokens=$new" --digits 3 \
			--columns run,backend,tp_size,num_replicas,num_clients,throughput_rps,latency_mean_s,ttft_mean_s,gap_mean_s,status "$summary" |
			sed 's/,/ | /g; s/.*/| & |/; 1 { p; s/[a-z_]\+/---/g; }'
	done
	printf '\n## Figures\n\n'
	(cd "$out" && find figures -name '*.png' ! -path '*/goodput/*' ! -path '*/percentile_token_latency/*' | sort | sed 's/.*/![](&)/')
	printf '\nEffective throughput and token-latency percentiles are beside them in\n`figures/goodput` and `figures/percentile_token_latency`.\n'
} >"$out/README.md"
echo "$out/README.md"
