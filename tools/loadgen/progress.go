package main

import (
	"fmt"
	"os"

	"github.com/schollz/progressbar/v3"

	"fastgenbench/tools/internal/cmdline"
)

// progress is a bar on a terminal, and nothing elsewhere. It is the only user
// of the progress bar's library.
type progress struct{ bar *progressbar.ProgressBar }

func (s *sweep) progress(p point) progress {
	terminal, ok := s.std.Err.(*os.File)
	if !ok || !cmdline.IsTerminal(terminal) || s.std.Quiet() {
		return progress{}
	}
	total := p.requests
	if total == unlimited {
		total = -1
	}
	return progress{progressbar.NewOptions(total, progressbar.OptionSetWriter(terminal), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(30),
		progressbar.OptionSetDescription(fmt.Sprintf("%s, prompt %d, generation %d", p.loadName(), p.key.MeanPromptLength, p.key.MeanMaxNewTokens)))}
}

func (p progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn is no loss
	}
}

func (p progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear() // likewise
	}
}

// loadName is a point's load for people.
func (p *point) loadName() string {
	if p.key.RateRPS > 0 {
		return fmt.Sprintf("%g requests/s", float64(p.key.RateRPS))
	}
	return fmt.Sprintf("%d clients", p.key.NumClients)
}
