package source

import (
	"fmt"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// azure is the format of Azure's LLM inference traces of 2023 and 2024 and of its
// multimodal one of 2025. Seen on 2026-11-26 in Azure/AzurePublicDataset:
// data/AzureLLMInferenceTrace_code.csv, with the header
// TIMESTAMP,ContextTokens,GeneratedTokens, times such as 2023-11-16
// 18:17:03.9799600 and lines that end in CR LF or LF; its page of 2025 adds the
// column NumImages. The files of 2024 were not seen: others read times with a zone,
// 2024-05-12 00:00:00.123456+00:00, from them. There are no sessions, and nothing
// is known of what prompts share.
var azure = Format{
	Name: "azure", Holds: "CSV: Azure's LLM inference traces, TIMESTAMP,ContextTokens,GeneratedTokens",
	columns: []string{"timestamp", "contexttokens", "generatedtokens"},
	read:    readAzure,
}

func readAzure(in *input) error {
	var zero time.Time
	return in.eachRow([]string{"TIMESTAMP", "ContextTokens", "GeneratedTokens", "NumImages?"}, func(cells []string) error {
		at, err := wallTime(cells[0])
		if err != nil {
			return err
		}
		if zero.IsZero() {
			zero = at
		}
		// Seconds since 1970 would be rounded to 0.2 us.
		one := workload.Request{Timestamp: record.InSeconds(at.Sub(zero).Seconds())}
		if one.InputLength, err = tokens("ContextTokens", cells[1]); err != nil {
			return err
		}
		if one.OutputLength, err = tokens("GeneratedTokens", cells[2]); err != nil {
			return err
		}
		if cells[3] != "" && cells[3] != "0" {
			in.note("had images, which are omitted")
		}
		return in.put(one)
	})
}

// wallTime reads a time with or without a zone.
func wallTime(cell string) (time.Time, error) {
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04:05Z07:00", time.RFC3339, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, cell); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("TIMESTAMP %.40q is not a time such as 2023-11-16 18:17:03.97", cell)
}
