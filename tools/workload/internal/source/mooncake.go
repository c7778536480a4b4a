package source

import "fastgenbench/tools/internal/workload"

// mooncake is the format of workloads itself: with the aliases' names made
// canonical, timestamps from 0 and without bad lines.
var mooncake = Format{
	Name: "mooncake", Holds: "JSONL: Mooncake's traces and this suite's own format",
	keys: []string{"input_length|input_tokens|text_input|messages", "timestamp|created_time|output_length|output_tokens|hash_ids|session_id|delay|delay_ms|message_mode"},
	read: func(in *input) error {
		return in.eachLine(func(line []byte) error {
			one, err := workload.Parse(line)
			if err != nil {
				return err
			}
			return in.put(one)
		})
	},
}
