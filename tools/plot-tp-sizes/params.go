package main

import (
	"fmt"

	"fastgenbench/tools/internal/models"
	"fastgenbench/tools/internal/series"
)

// params is how many parameters a model has that is not one of the suite's.
type params struct{ given float64 }

// billions is 0 for a model that is not known.
func (p *params) billions(model string) float64 {
	if m, known := models.Size(model); known {
		return m.Billions
	}
	return p.given
}

// check says that a configuration's model is not known.
func (p *params) check(c series.Config) error {
	if p.billions(c.Model) == 0 {
		return fmt.Errorf("%s: its number of parameters is unknown: give --params", c.ModelName())
	}
	return nil
}
