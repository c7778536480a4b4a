package main

import (
	"fmt"
	"strings"

	"fastgenbench/tools/internal/series"
)

// known are the parameters of the suite's models in billions, by their names
// as the models' authors give them; of Mixtral the 12.9 of 46.7 that a token
// meets.
var known = []struct {
	name     string
	billions float64
}{
	{"llama-2-7b", 7}, {"llama-2-13b", 13}, {"llama-2-70b", 70},
	{"falcon-40b", 40}, {"falcon-180b", 180}, {"phi-2", 2.7}, {"mixtral-8x7b", 12.9},
}

// params is how many parameters a model has.
type params struct{ given float64 }

// billions is 0 for a model that is not known.
func (p *params) billions(model string) float64 {
	name := strings.ToLower(series.Config{Model: model}.ModelName())
	for _, k := range known {
		if name == k.name || strings.HasPrefix(name, k.name+"-") {
			return k.billions
		}
	}
	return p.given
}

// check says that a configuration's model is not known.
func (p *params) check(c series.Config) error {
	if p.billions(c.Model) == 0 {
		return fmt.Errorf("%s: how many parameters it has is not known: give --params", c.ModelName())
	}
	return nil
}
