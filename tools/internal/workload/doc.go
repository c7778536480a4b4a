// Package workload holds the format in which workloads travel between the tools:
// one JSON object per line and request, as in the traces of Mooncake, with the
// fields that AIPerf and Dynamo added to them. docs/format.md lists the fields.
//
//	{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47, …]}
//	{"session_id": "a", "delay": 1500, "messages": [{"role": "user", "content": "…"}], "output_length": 52}
//
// Seen on 2026-11-26 and read here: the traces of kvcache-ai/Mooncake
// (FAST25-release/traces), the model MooncakeTrace of ai-dynamo/aiperf
// (src/aiperf/dataset/loader/models.py), and MooncakeRow of the crate
// dynamo-data-gen, whose aliases are input_tokens, output_tokens, created_time and
// delay_ms. Keys of none of these are skipped.
package workload
