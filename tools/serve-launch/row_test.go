package main

import (
	"testing"
	"time"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/dialect"
	"fastgenbench/tools/internal/transport"
)

// What a row says of the batch size: of a server that was started here, what it
// was started with; of somebody else's, what it says or else the user said.
func TestBatchSizeOfTheRow(t *testing.T) {
	for _, c := range []struct {
		name, backend string
		setting       int
		given         bool
		said, want    int
	}{
		{"ours, the default", "vllm", 768, false, 0, 768},
		{"ours, left to an engine that says", "sim-fastgen", 0, true, 512, 512},
		{"ours, left to an engine that does not say", "vllm", 0, true, 0, 0},
		{"not ours, nobody says", "openai", 768, false, 0, 0},
		{"not ours, the user says", "openai", 768, true, 0, 768},
		{"not ours, it says", "openai", 768, false, 512, 512},
		{"not ours, it says something else than the user", "openai", 768, true, 512, 512},
		{"an endpoint of Azure", "aml", 768, false, 0, 0},
	} {
		b, err := backend.Lookup(c.backend)
		if err != nil {
			t.Fatal(err)
		}
		o := options{backend: b, batchGiven: c.given, settings: backend.Settings{TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: c.setting}}
		row := o.serverRow(dialect.Identity{MaxRaggedBatchSize: c.said}, transport.Address{}, time.Now(), 0)
		if int(row.MaxRaggedBatchSize) != c.want {
			t.Errorf("%s: %d, want %d", c.name, row.MaxRaggedBatchSize, c.want)
		}
	}
}
