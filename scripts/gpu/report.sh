#!/usr/bin/env bash
# report.sh DIR: makes DIR's summary, figures and README from the rows below it, and
# compares tensor-parallel sizes and replicas if there are several. A README without
# its first line is kept.
set -euo pipefail
. "$(dirname "$0")/common.sh"
out=$1
mapfile -d '' -t rows < <(find "$out" -mindepth 2 -not -path "*/figures/*" -name '*.csv' -print0 | sort -z)
((${#rows[@]})) || { echo "report.sh: no rows below $out" >&2; exit 1; }
mkdir -p "$out/figures"
collect --quiet "${rows[@]}" >"$out/figures/summary.csv" # not beside the rows: results/*/*.csv are rows
plot-th-lat --quiet --out-dir "$out/figures" "$out/figures/summary.csv"
collect goodput --quiet --sla-gen 4 "${rows[@]}" | plot-eff-th --quiet --out-dir "$out/figures/goodput"
collect gaps --quiet "${rows[@]}" | plot-pctl --quiet --out-dir "$out/figures/percentile_token_latency"
# several COLUMN: whether the summary has more than one value of it.
several() { [ "$(awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' "$out/figures/summary.csv" | sort -u | wc -l)" -gt 1 ]; }
! several tp_size || plot-tp-sizes --quiet --out-dir "$out/figures/tp_sizes" "$out/figures/summary.csv"
! several num_replicas || plot-repl-scale --quiet --out-dir "$out/figures/repl_scale" "$out/figures/summary.csv"
mark='<!-- written by scripts/gpu/report.sh; without this line it is left alone -->'
if [ -e "$out/README.md" ] && [ "$(head -1 "$out/README.md")" != "$mark" ]; then exit; fi

# table MODEL PROMPT GENERATION: a row for each number of clients, a column for each engine.
table() {
	awk -F, -v model="$1" -v p="$2" -v g="$3" '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$c["model"] == model && $c["mean_prompt_length"] == p && $c["mean_max_new_tokens"] == g {
		e = $c["backend"] ($c["backend"] == "vllm" ? " " ($c["max_ragged_batch_size"] + 0 ? $c["max_ragged_batch_size"] : "default") : "")
		s = ($c["tp_size"] > 1 ? ", tp " $c["tp_size"] : "") ($c["num_replicas"] > 1 ? ", " $c["num_replicas"] " replicas" : ""); e = e s
		if (!(s in laid)) { laid[s]; layout[++layouts] = s }
		if (!(e in seen)) { seen[e]; engine[++n] = e }
		if (!($c["num_clients"] in known)) { known[$c["num_clients"]]; clients[++m] = $c["num_clients"] }
		cell[$c["num_clients"], e] = sprintf("%.2f, %.2f s, %.0f ms, %.1f ms%s", $c["throughput_rps"], $c["latency_mean_s"],
			1000 * $c["ttft_mean_s"], 1000 * $c["gap_mean_s"], $c["status"] == "complete" ? "" : ", " $c["status"])
		rps[$c["num_clients"], e] = $c["throughput_rps"]
	}
	END {
		for (i = 2; i <= m; i++) for (j = i; j > 1 && clients[j] + 0 < clients[j-1] + 0; j--) { t = clients[j]; clients[j] = clients[j-1]; clients[j-1] = t }
		printf "| clients |"; for (j = 1; j <= n; j++) printf " %s |", engine[j]
		printf "\n| --- |"; for (j = 1; j <= n; j++) printf " --- |"; print ""
		for (i = 1; i <= m; i++) { printf "| %s |", clients[i]; for (j = 1; j <= n; j++) printf " %s |", cell[clients[i], engine[j]]; print "" }
		split("vllm 768,sim-vllm;fastgen,sim-fastgen", pairs, ";")
		for (k = 1; k in pairs; k++) for (l = 1; l <= layouts; l++) {
			split(pairs[k], twin, ","); s = ""; twin[1] = twin[1] layout[l]; twin[2] = twin[2] layout[l]
			for (i = 1; i <= m; i++) if (rps[clients[i], twin[1]] && rps[clients[i], twin[2]])
				s = s sprintf(" %s: %+.0f %%,", clients[i], 100 * (rps[clients[i], twin[2]] / rps[clients[i], twin[1]] - 1))
			if (s) { sub(/,$/, ".", s); printf "\nThroughput of %s against %s, by clients:%s\n", twin[2], twin[1], s }
		}
	}' "$out/figures/summary.csv"
}

{
	echo "$mark"
	echo "# Engines on $(collect --quiet --columns backend,hardware "${rows[@]}" | awk -F, 'NR > 1 && $1 !~ /^sim-/ { print $2; exit }'), $(head -1 "$out/environment.txt" | cut -dT -f1)"
	printf '\nRandom weights in the shape of the named model. Prefix caches are off where the\nengine has a switch. Backends with sim- are simulations. Cells: throughput in\nqueries/s, mean latency, mean TTFT, mean gap, and the status if not complete. `environment.txt` has the machine and the versions, `commands.txt` every\ncommand, `figures/summary.csv` all numbers.\n'
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["model"], $c["mean_prompt_length"], $c["mean_max_new_tokens"] }' "$out/figures/summary.csv" |
		sort -u -k1,1 -k2,2nr | while read -r model prompt new; do
		printf '\n## %s, prompt %s, generation %s\n\n' "$model" "$prompt" "$new"
		table "$model" "$prompt" "$new"
	done
	printf '\n## Figures\n\n'
	(cd "$out" && find figures -name '*.png' ! -path '*/goodput/*' ! -path '*/percentile_token_latency/*' | sort | sed 's/.*/![](&)/')
	printf '\nEffective throughput and token-latency percentiles are beside them in\n`figures/goodput` and `figures/percentile_token_latency`.\n'
} >"$out/README.md"
echo "$out/README.md"
