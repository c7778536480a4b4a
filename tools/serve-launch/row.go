package main

import (
	"time"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/dialect"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// serverRow is the server row. Engine, hardware and speed are what the server
// says of itself; the settings are the sweep's, so that engines with other
// words or none for a setting still meet in one figure.
func (o options) serverRow(id dialect.Identity, at transport.Address, began time.Time, took time.Duration) record.Server {
	s := o.settings
	row := record.Server{
		ServerKey: record.ServerKey{
			Run: record.Text(o.run), Backend: record.Text(o.backend.Name), Engine: record.Text(id.Engine),
			Hardware: record.Text(id.Hardware), Speed: record.Ratio(id.Speed), Model: record.Text(s.Model),
			TPSize: record.Setting(s.TPSize), NumReplicas: record.Setting(s.NumReplicas), MaxRaggedBatchSize: record.Setting(s.MaxRaggedBatchSize),
		},
		URL: record.Text(at.String()), Started: record.Text(began.UTC().Format(time.RFC3339)),
		ReadyS: record.InSeconds(took.Seconds()), Status: record.Ready,
	}
	if row.Run == "" {
		row.Run = record.Text(began.UTC().Format("20060102T150405Z"))
	}
	if id.Model != "" {
		row.Model = record.Text(id.Model)
	}
	ours := o.backend.Command != nil
	switch {
	case row.Hardware != "":
	case ours:
		row.Hardware = record.Text(backend.Hardware(s))
	case o.hardwareGiven:
		row.Hardware = record.Text(s.Sim.Hardware)
	}
	if !ours && id.TPSize > 0 {
		row.TPSize, row.NumReplicas = record.Setting(id.TPSize), record.Setting(id.NumReplicas)
	}
	switch {
	case (!ours || s.MaxRaggedBatchSize == 0) && id.MaxRaggedBatchSize > 0:
		row.MaxRaggedBatchSize = record.Setting(id.MaxRaggedBatchSize)
	case !ours && !o.batchGiven:
		row.MaxRaggedBatchSize = 0 // not known: our default says nothing of an external server
	}
	return row
}
