package source

import (
	"encoding/json"
	"errors"

	"fastgenbench/tools/internal/workload"
)

// vllmCustom is the dataset "custom" of `vllm bench serve`. Seen on 2026-11-26 in
// copies of vllm/benchmarks/datasets.py: one object per line with prompt, a text,
// and output_tokens, which may be absent.
var vllmCustom = Format{
	Name: "vllm-custom", Holds: `JSONL: the custom dataset of vLLM, {"prompt": ..., "output_tokens": n}`,
	keys: []string{"prompt"},
	read: readVLLM,
}

func readVLLM(in *input) error {
	return in.eachObject(func(line []byte) error {
		var one struct {
			Prompt       *string      `json:"prompt"`
			OutputTokens *json.Number `json:"output_tokens"`
		}
		if err := unmarshal(line, &one); err != nil {
			return err
		}
		if one.Prompt == nil || *one.Prompt == "" {
			return errors.New("it has no prompt")
		}
		request := workload.Request{Text: *one.Prompt}
		if one.OutputTokens != nil {
			var err error
			if request.OutputLength, err = tokens("output_tokens", one.OutputTokens.String()); err != nil {
				return err
			}
		}
		return in.put(request)
	})
}
