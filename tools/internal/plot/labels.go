package plot

import (
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Hardware names what the rows were measured on, "" when no row says it.
func Hardware[T any](rows []T, key func(T) record.Key) string {
	var all []string
	for _, row := range rows {
		name := strings.TrimPrefix(string(key(row).Hardware), "1x")
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// Join puts the parts of a subtitle that are not empty together.
func Join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "  |  ")
}

// Throughput is clients / mean latency, as the original suite has it. An open
// loop has no clients that wait, and users of sessions think, so there it is what
// was served.
func Throughput(r record.Summary) float64 {
	if r.RateRPS > 0 || !r.ThroughputRPS.Known() {
		return r.WallRPS.Float()
	}
	return r.ThroughputRPS.Float()
}
