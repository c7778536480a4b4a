package series

import "strings"

// distinguish gives the panels of one call titles that differ: as many parts of
// the models' paths as it takes, and the batch size where panels differ in
// nothing else.
func distinguish[T any, D comparable](panels []Panel[T, D]) {
	type id struct {
		Config
		detail D
	}
	var models []string
	batches := make(map[id]int) // panels by all that the usual title says
	withoutBatch := func(p Panel[T, D]) id {
		this := id{p.Config, p.Detail}
		this.MaxRaggedBatchSize = 0
		return this
	}
	for _, p := range panels {
		models = append(models, p.Model)
		batches[withoutBatch(p)]++
	}
	names := shortNames(models)
	for i, p := range panels {
		panels[i].showBatch = batches[withoutBatch(p)] > 1
		panels[i].name = names[p.Model]
	}
}

// shortNames gives each model as many of its last path parts as tell it from
// all others, and the whole path where the parts alone do not.
func shortNames(models []string) map[string]string {
	names := make(map[string]string)
	for _, model := range models {
		names[model] = model
		for parts := 1; parts <= strings.Count(model, "/")+1; parts++ {
			if name := lastParts(model, parts); name != "" && !shared(name, model, models, parts) {
				names[model] = name
				break
			}
		}
	}
	return names
}

// shared reports whether another model has the same name of so many parts.
func shared(name, model string, models []string, parts int) bool {
	for _, other := range models {
		if other != model && lastParts(other, parts) == name {
			return true
		}
	}
	return false
}

// lastParts is the end of a path: so many of its parts, or all that it has.
func lastParts(path string, parts int) string {
	path = strings.TrimRight(path, "/")
	end := len(path)
	for range parts {
		if end = strings.LastIndexByte(path[:end], '/'); end < 0 {
			return path
		}
	}
	return path[end+1:]
}
