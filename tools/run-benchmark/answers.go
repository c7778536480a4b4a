package main

import "fastgenbench/tools/internal/cmdline"

const (
	secretWhy = "every process list would show the key"
	plotWhy   = "it is a flag of the figures, which are drawn afterwards"
)

// answers are the words of the original suite that are not taken here.
var answers = []cmdline.Answer{
	{Word: "--openai_api_key", Why: secretWhy, Instead: "export OPENAI_API_KEY=..., or give --api_key_file FILE"},
	{Word: "--aml_api_key", Why: secretWhy, Instead: "export AML_API_KEY=..., or give --api_key_file FILE"},
	{Word: "start", Why: "a server that outlives the call is serve-launch's", Instead: "serve-launch start --backend fastgen --model NAME, then --client_only here"},
	{Word: "stop", Why: "a server that outlives the call is serve-launch's", Instead: "serve-launch stop --backend fastgen"},
	{Word: "restart", Why: "a server that outlives the call is serve-launch's", Instead: "serve-launch restart --backend fastgen --model NAME"},
	{Word: "--log_dir", Why: plotWhy, Instead: "scripts/plot_all.sh DIR ..., or collect DIR/*/*.csv | plot-th-lat > figure.png"},
	{Word: "--data_dirs", Why: plotWhy, Instead: "scripts/plot_all.sh DIR ..., or collect DIR/*.csv | plot-th-lat > figure.png"},
	{Word: "--model_name", Why: plotWhy, Instead: "collect results/*/*.csv | plot-th-lat --model_name NAME > figure.png"},
	{Word: "--sla_prompt_tokens_per_sec", Why: plotWhy, Instead: "collect goodput --sla-prompt 512 results/*/*.csv | plot-eff-th > figure.png"},
	{Word: "--sla_gen_tokens_per_sec", Why: plotWhy, Instead: "collect goodput --sla-gen 2,4 results/*/*.csv | plot-eff-th > figure.png"},
	{Word: "--ema_span", Why: plotWhy, Instead: "collect goodput --sla-rule ema16 results/*/*.csv | plot-eff-th > figure.png; the span is 16"},
	{Word: "--skip_head_token_num", Why: plotWhy, Instead: "collect gaps --skip-tokens 1 results/*/*.csv | plot-pctl > figure.png"},
	{Word: "--skip_request_num", Why: plotWhy, Instead: "collect gaps --skip-requests 1 results/*/*.csv | plot-pctl > figure.png"},
	{Word: "--clients_per_replica", Why: plotWhy, Instead: "collect results/*/*.csv | plot-repl-scale --clients-per-replica 16 > figure.png"},
	{Word: "--no_vllm", Why: plotWhy, Instead: "scripts/plot_all.sh results/fastgen"},
	{Word: "--input_path", Why: "results are read by collect", Instead: "collect FILE ..."},
}
