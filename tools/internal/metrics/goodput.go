package metrics

import (
	"fmt"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Goodput aggregates requests into one row for each point and level: how many
// requests per second keep the level. A request that did not end ok is not good.
type Goodput struct {
	Points
	// Levels are promised rates, SLOs bounds in the field's words.
	Levels []Level
	SLOs   []SLO
}

// promise is a service level of either kind.
type promise interface {
	verdict(*request) Verdict
	// describe names the level in a row, and says what only its kind knows of the
	// requests that could be judged.
	describe(row *record.Goodput, judged []*request)
}

func (g *Goodput) promises() []promise {
	var all []promise
	for _, level := range g.Levels {
		all = append(all, level)
	}
	for _, level := range g.SLOs {
		all = append(all, level)
	}
	return all
}

// Add takes one request row.
func (g *Goodput) Add(row record.Request) {
	r := newRequest(row)
	if len(g.Levels) > 0 && r.judgeable() {
		r.service = NewService(r.prompt, row.ChunkS[0].At, row.ChunkS)
	}
	g.add(row.Key, r)
}

// Rows returns the rows, sorted by key, a point's in the order of the levels.
// Where no request can be judged it is not known how many are good.
func (g *Goodput) Rows() []record.Goodput {
	var rows []record.Goodput
	for _, p := range g.sorted() {
		for _, level := range g.promises() {
			rows = append(rows, judge(p, level))
		}
	}
	return rows
}

// KeptBlocks parts the requests of each point that can be judged by the first SLO, in the
// order of their starts, into n blocks of about one size.
func (g *Goodput) KeptBlocks(n int) []Kept {
	var all []Kept
	for _, p := range g.sorted() {
		judged := slices.DeleteFunc(slices.Clone(p.requests), func(r *request) bool {
			v := g.SLOs[0].verdict(r)
			return v == Unjudged || v == LeftOut
		})
		blocks := make([]Kept, n)
		for i, r := range judged {
			block := &blocks[i*n/len(judged)]
			block.Judged++
			if g.SLOs[0].verdict(r) == Good {
				block.Good++
			}
		}
		all = append(all, blocks...)
	}
	return all
}

func judge(p *point, level promise) record.Goodput {
	span := p.span()
	row := record.Goodput{
		Key: p.key, Requests: len(p.requests), WallRPS: perSecond(float64(len(p.ok)), span),
		Doubt: p.doubt(), Status: p.status(),
	}
	by := map[Verdict][]*request{}
	for _, r := range p.requests {
		v := level.verdict(r)
		by[v] = append(by[v], r)
	}
	judged := append(slices.Clone(by[Good]), by[Missed]...)
	row.Judged, row.Unjudged, row.Cancelled = record.CountOf(len(judged)), record.CountOf(len(by[Unjudged])), record.CountOf(len(by[LeftOut]))
	if p.judgeable(by[Unjudged]) {
		good := len(by[Good])
		row.Good, row.Attainment, row.EffectiveRPS = record.CountOf(good), shareOf(good, len(judged)), perSecond(float64(good), span)
	} else {
		judged = nil // those that failed alone say nothing
	}
	level.describe(&row, judged)
	return row
}

// judgeable reports whether any of the requests that ended ok can be judged.
// When none ended ok, the verdict is clear without.
func (p *point) judgeable(unjudged []*request) bool {
	return len(p.ok) == 0 || len(unjudged) < len(p.ok)
}

// Troubles is Points.Troubles and the requests that could not be judged.
func (g *Goodput) Troubles() []Trouble {
	troubles := g.Points.Troubles()
	seen := map[string]bool{}
	for _, p := range g.sorted() {
		for _, level := range g.promises() {
			f := unjudgedFinding(p, level)
			t := f.of(p)
			if key := t.Point + t.What; f.what != "" && !seen[key] { // promised rates differ in nothing else
				seen[key] = true
				troubles = append(troubles, t)
			}
		}
	}
	return troubles
}

func unjudgedFinding(p *point, level promise) finding {
	var unjudged []*request
	for _, r := range p.ok {
		if level.verdict(r) == Unjudged {
			unjudged = append(unjudged, r)
		}
	}
	lacks, counts := "no token times or prompt length", "count as not good"
	if slo, is := level.(SLO); is {
		lacks, counts = "not all that "+slo.String()+" bounds", "are not part of its attainment"
	}
	switch {
	case len(unjudged) == 0:
		return finding{}
	case !p.judgeable(unjudged):
		return finding{partial: true, hint: "measure with --stream",
			what: fmt.Sprintf("no request can be judged (%s): good and effective_rps are unknown", lacks)}
	}
	return finding{partial: true, what: fmt.Sprintf("%d of %d requests have %s and %s", len(unjudged), len(p.ok), lacks, counts)}
}
