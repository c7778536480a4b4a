package sim

import (
	"fmt"
	"strings"

	"fastgenbench/tools/internal/models"
)

// shapes are the seven of the suite, by the shapes in their config.json.
// Parameters are those of the published checkpoints; Mixtral passes each token
// through two of eight experts.
var shapes = []Model{
	{"meta-llama/Llama-2-7b-hf", 32, 4096, 32, 32, 128, 32000, 6.738e9, 6.738e9, 4096, 16, false, false},
	{"meta-llama/Llama-2-13b-hf", 40, 5120, 40, 40, 128, 32000, 13.016e9, 13.016e9, 4096, 16, false, false},
	{"meta-llama/Llama-2-70b-hf", 80, 8192, 64, 8, 128, 32000, 68.977e9, 68.977e9, 4096, 16, false, false},
	{"tiiuae/falcon-40B", 60, 8192, 128, 8, 64, 65024, 41.303e9, 41.303e9, 2048, 16, true, true},
	{"tiiuae/falcon-180B", 80, 14848, 232, 8, 64, 65024, 178.98e9, 178.98e9, 2048, 16, true, true},
	{"microsoft/phi-2", 32, 2560, 32, 32, 80, 51200, 2.780e9, 2.780e9, 2048, 16, true, false},
	{"mistralai/Mixtral-8x7B-v0.1", 32, 4096, 32, 8, 128, 32000, 46.703e9, 12.879e9, 32768, 16, false, false},
}

// LookupModel finds a model by its name, in any case, with or without the
// organisation in front, or by the original suite's spelling.
func LookupModel(name string) (Model, error) {
	canonical := models.Canonical(name)
	for _, m := range shapes {
		_, short, _ := strings.Cut(m.Name, "/")
		if strings.EqualFold(canonical, m.Name) || strings.EqualFold(canonical, short) {
			return m, nil
		}
	}
	return Model{}, fmt.Errorf("model %q is not known by name; give its config.json", name)
}
