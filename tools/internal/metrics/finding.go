package metrics

import (
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// finding is something that a reader of a point's figures has to know.
type finding struct {
	// what says it on stderr, short in the column doubt: without commas; ""
	// where no figure is in doubt. hint is what may be done, if anything.
	what, short, hint string
	// partial: requests were left out of figures, or some may have counted twice.
	partial bool
}

// examine lists the findings, the most important first.
func (p *point) examine() []finding {
	piece := p.findPieces() // first: the others leave such answers out
	p.limit = p.clientLimit()
	all := []finding{p.limit, p.measuredElsewhere(), piece, p.littlesLaw()}
	all = append(all, p.failures()...)
	all = append(all, p.streamFaults()...)
	all = append(all, p.workFaults()...)
	all = append(all, p.sendDelay())
	all = append(all, p.doubled()...)
	kept := all[:0]
	for _, f := range all {
		if f.what != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// maxDoubt is the longest doubt in bytes, which is the longest text cell.
const maxDoubt = 200

// doubt is the findings in short, as many as fit.
func (p *point) doubt() record.Text {
	text := ""
	for _, f := range p.findings {
		switch {
		case f.short == "":
		case text == "":
			text = f.short
		case len(text)+len("; ")+len(f.short) <= maxDoubt:
			text += "; " + f.short
		}
	}
	return record.Text(record.Clean(text))
}

// measuredElsewhere reports that no verdict on the client is possible: rows that
// were imported do not say how late it read.
func (p *point) measuredElsewhere() finding {
	var programs []string
	for _, r := range p.requests {
		if name := string(r.program); name != "" && !slices.Contains(programs, name) {
			programs = append(programs, name)
		}
	}
	if len(programs) == 0 {
		return finding{}
	}
	short := "measured by " + strings.Join(programs, " and ") + ": how late it read is unknown"
	return finding{short: short, what: short}
}

func (p *point) failures() []finding {
	failed := len(p.requests) - len(p.ok)
	if failed == 0 {
		return nil
	}
	short := fmt.Sprintf("%d of %d requests did not end ok", failed, len(p.requests))
	return []finding{{what: short + "; figures cover the others", short: short}}
}

// doubled reports rows that may be the same requests.
func (p *point) doubled() []finding {
	var all []finding
	if p.repeated > 0 {
		all = append(all, finding{partial: true, hint: "give each file a run of its own: a=first.csv b=second.csv",
			what:  fmt.Sprintf("rows with the request number of another row, all counted: %d", p.repeated),
			short: fmt.Sprintf("%d rows have the request number of another", p.repeated)})
	}
	if p.copies > 0 {
		all = append(all, finding{partial: true, what: fmt.Sprintf("duplicate rows, counted once: %d", p.copies)})
	}
	return all
}

// Trouble is something that a reader of a point's figures has to know.
type Trouble struct {
	Key record.Key
	// Point names the point, What says what is wrong with it, and Hint what may
	// be done, if anything.
	Point, What, Hint string
	// Partial: requests were left out of figures, or some may have counted twice.
	Partial bool
}

func (f finding) of(p *point) Trouble {
	return Trouble{Key: p.key, Point: pointName(p.key), What: f.what, Hint: f.hint, Partial: f.partial}
}

// pointName names a point in one line for people.
func pointName(k record.Key) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s", k.Backend, k.Model)
	if k.TPSize > 0 {
		fmt.Fprintf(&b, ", tp_size %d", k.TPSize)
	}
	if k.NumReplicas > 1 {
		fmt.Fprintf(&b, ", num_replicas %d", k.NumReplicas)
	}
	if k.Workload != "" {
		fmt.Fprintf(&b, ", %s", k.Workload)
	}
	fmt.Fprintf(&b, ", prompt %d, gen %d, %d clients", k.MeanPromptLength, k.MeanMaxNewTokens, k.NumClients)
	if k.RateRPS != 0 {
		fmt.Fprintf(&b, ", rate %v", float64(k.RateRPS))
	}
	if k.Run != "" {
		fmt.Fprintf(&b, ", run %s", k.Run)
	}
	return b.String()
}
