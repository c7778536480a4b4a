// Package series groups measured points for drawing: it decides which of them share a
// figure, which form one curve, and what the curve is called.
package series

import (
	"fmt"

	"fastgenbench/tools/internal/record"
)

// Config is what all points of a figure share: the original suite's
// configuration, and whether the load was an open loop, whose points mean
// something else. Where figures are drawn over one of its numbers, that is 0.
type Config struct {
	Model              string
	TPSize             int
	NumReplicas        int
	MaxRaggedBatchSize int
	MeanPromptLength   int
	MeanMaxNewTokens   int
	OpenLoop           bool

	// What Panels decides when it sees all configurations: the model's name in
	// titles, "" for the last part of Model; and whether titles say the batch size.
	name      string
	showBatch bool
}

// ConfigOf is the configuration of a point.
func ConfigOf(k record.Key) Config {
	return Config{
		Model: string(k.Model), TPSize: int(k.TPSize), NumReplicas: int(k.NumReplicas), MaxRaggedBatchSize: int(k.MaxRaggedBatchSize),
		MeanPromptLength: k.MeanPromptLength, MeanMaxNewTokens: k.MeanMaxNewTokens, OpenLoop: k.RateRPS > 0,
	}
}

// ModelName is the last part of the model's path. Beside a model with the same
// last part, Panels makes it as many parts as tell the two apart.
func (c Config) ModelName() string {
	if c.name != "" {
		return c.name
	}
	return lastParts(c.Model, 1)
}

// Called is the configuration with another name for its model in titles.
func (c Config) Called(name string) Config {
	c.name = name
	return c
}

// Title is the original suite's title, with replicas and an open loop where
// they are not the usual one and none, and the batch size where Panels made
// figures that differ only in it.
func (c Config) Title() string {
	title := fmt.Sprintf("Model: %s, Prompt: %d, Generation: %d", c.ModelName(), c.MeanPromptLength, c.MeanMaxNewTokens)
	if c.TPSize > 0 {
		title += fmt.Sprintf(", TP: %d", c.TPSize)
	}
	if c.showBatch {
		title += fmt.Sprintf(", Batch: %d", c.MaxRaggedBatchSize)
	}
	if c.NumReplicas > 1 {
		title += fmt.Sprintf(", Replicas: %d", c.NumReplicas)
	}
	if c.OpenLoop {
		title += ", open loop"
	}
	return title
}

// Panel is one figure's worth of rows. Detail is what figures of one
// configuration differ in, such as a service level.
type Panel[T any, D comparable] struct {
	Config
	Detail D
	Rows   []T
}

// Panels sorts rows into figures, in the order of their first rows. A row
// whose batch size is not known belongs to every figure that agrees in the
// rest: an external server does not report its batch size, and comparing it
// is what figures are for.
func Panels[T any, D comparable](rows []T, config func(T) Config, detail func(T) D) []Panel[T, D] {
	type id struct {
		Config
		detail D
	}
	var order []id
	batches := make(map[id][]int) // the known ones, by the id without a batch
	seen := make(map[id]bool)
	for _, row := range rows {
		this := id{config(row), detail(row)}
		if seen[this] {
			continue
		}
		seen[this] = true
		order = append(order, this)
		if batch := this.MaxRaggedBatchSize; batch != 0 {
			this.MaxRaggedBatchSize = 0
			batches[this] = append(batches[this], batch)
		}
	}
	var panels []Panel[T, D]
	for _, this := range order {
		if this.MaxRaggedBatchSize == 0 && len(batches[this]) > 0 {
			continue // drawn with those whose batch size is known
		}
		p := Panel[T, D]{Config: this.Config, Detail: this.detail}
		for _, row := range rows {
			other := id{config(row), detail(row)}
			if other.MaxRaggedBatchSize == 0 {
				other.MaxRaggedBatchSize = this.MaxRaggedBatchSize
			}
			if other == this {
				p.Rows = append(p.Rows, row)
			}
		}
		panels = append(panels, p)
	}
	distinguish(panels)
	return panels
}
