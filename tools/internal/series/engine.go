package series

import (
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Role is where a series comes from.
type Role int

// The roles, in the order in which series are drawn.
const (
	Measured Role = iota
	Simulated
	// Published points were read off somebody's figure.
	Published
)

// word is what a series' name says of its role.
func (r Role) word() string { return [...]string{"", "simulated", "published"}[r] }

// names are the engines as people know them, in the order of the legend.
var names = []struct{ backend, name string }{
	{"fastgen", "DeepSpeed-FastGen"},
	{"vllm", "vLLM"},
	{"openai", "OpenAI"},
	{"sglang", "SGLang"},
	{"llamacpp", "llama.cpp"},
	{"trtllm", "TensorRT-LLM"},
	{"transformers", "Transformers"},
	{"aml", "Azure ML"},
}

// engineOf splits a backend into the engine and the role of its points.
func engineOf(k record.ServerKey) (engine string, role Role) {
	engine = string(k.Backend)
	if rest, published := strings.CutPrefix(engine, "published-"); published {
		return rest, Published
	}
	if k.Simulated() {
		return strings.TrimPrefix(engine, "sim-"), Simulated
	}
	return engine, Measured
}

// rank is the engine's place in the table; those not in it come last.
func rank(engine string) int {
	for i, n := range names {
		if n.backend == engine {
			return i
		}
	}
	return len(names)
}

// ID says which series of a figure one is.
type ID struct {
	// Engine is the backend without what tells the role.
	Engine string
	Role   Role
	// Suffix tells series of the same engine and role apart, "" for an only one.
	Suffix string
	// Variant counts them, from 0.
	Variant int
}

// Backend is the backend's name with the role in front.
func (id ID) Backend() string { return [...]string{"", "sim-", "published-"}[id.Role] + id.Engine }

// Name is what the legend says.
func (id ID) Name() string {
	name := id.Engine
	if i := rank(name); i < len(names) {
		name = names[i].name
	}
	return id.Renamed(name)
}

// Renamed is Name with another name for the engine; what a series must not
// hide, that it is simulated or published, stays.
func (id ID) Renamed(name string) string {
	if word := id.Role.word(); word != "" && !strings.Contains(name, word) {
		name += " (" + word + ")"
	}
	return join(name, id.Suffix)
}

// labelOf is the run where a person named it, "" where it is a time.
func labelOf(k record.ServerKey) string {
	run := string(k.Run)
	if strings.Trim(run, "0123456789-:.+TZ_") == "" {
		return ""
	}
	return run
}

// labelled reports whether runs are named so that series must be kept apart:
// published points have their own names.
func labelled(keys []record.ServerKey) bool {
	var labels []string
	for _, k := range keys {
		if _, role := engineOf(k); role == Published {
			continue
		}
		if label := labelOf(k); !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return len(labels) > 1
}
