package plot

import (
	"fmt"
	"slices"
	"strings"
)

// remarks gathers what people should know about a set of figures. Figures of
// one sweep share most remarks, so each is printed once, with how many figures it
// is about.
type remarks struct {
	order   []string
	figures map[string]int
	current map[string]bool // said of the figure at hand
	total   int             // figures begun
}

// begin starts the next figure.
func (r *remarks) begin() {
	r.current = make(map[string]bool)
	r.total++
}

func (r *remarks) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.current[text] {
		return
	}
	if r.figures == nil {
		r.figures = make(map[string]int)
	}
	r.current[text] = true
	if r.figures[text]++; r.figures[text] == 1 {
		r.order = append(r.order, text)
	}
}

// lines are the remarks in the order of their first figures.
func (r *remarks) lines() []string {
	var lines []string
	for _, text := range r.order {
		if r.total > 1 {
			text += fmt.Sprintf(" (%d of %d figures)", r.figures[text], r.total)
		}
		lines = append(lines, text)
	}
	return lines
}

// manyRemarks is how many are printed; the rest are counted.
const manyRemarks = 20

func (r *remarks) report(warn func(format string, args ...any)) {
	lines := r.lines()
	for _, line := range lines[:min(len(lines), manyRemarks)] {
		warn("%s", line)
	}
	if more := len(lines) - manyRemarks; more > 0 {
		warn("and %d more remarks", more)
	}
}

// places gathers the points of a series that the same is said of.
type places struct {
	order []string
	of    map[string][]string
}

func (p *places) add(what, place string) {
	if p.of == nil {
		p.of = make(map[string][]string)
	}
	if p.of[what] == nil {
		p.order = append(p.order, what)
	}
	if !slices.Contains(p.of[what], place) {
		p.of[what] = append(p.of[what], place)
	}
}

func (p *places) report(series string, to *remarks) {
	for _, what := range p.order {
		to.add("%s: %s: %s", series, what, strings.Join(p.of[what], ", "))
	}
}
