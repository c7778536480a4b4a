package sim

import "testing"

// The original suite's spelling is the same model.
func TestOriginalSpelling(t *testing.T) {
	got, err := LookupModel("meta-llama/Llama-13b-hf")
	if want, _ := LookupModel("meta-llama/Llama-2-13b-hf"); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}
