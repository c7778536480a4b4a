package metrics

import (
	"fmt"

	"fastgenbench/tools/internal/record"
)

// Goodput aggregates requests into one row for each point and level: how many
// requests per second keep the level. A request that did not end ok is not good.
type Goodput struct {
	Points
	Levels []Level
}

// Add takes one request row.
func (g *Goodput) Add(row record.Request) {
	r := newRequest(row)
	if r.judgeable() {
		r.service = NewService(r.prompt, row.ChunkS[0].At, row.ChunkS)
	}
	g.add(row.Key, r)
}

// Rows returns the rows, sorted by key, a point's in the order of the levels.
// Where no request can be judged it is not known how many are good.
func (g *Goodput) Rows() []record.Goodput {
	var rows []record.Goodput
	for _, p := range g.sorted() {
		for _, level := range g.Levels {
			rows = append(rows, judge(p, level))
		}
	}
	return rows
}

func judge(p *point, level Level) record.Goodput {
	span := p.span()
	row := record.Goodput{
		Key:          p.key,
		SLAPromptTPS: record.RateOf(level.PromptTPS), SLAGenTPS: record.RateOf(level.GenTPS), SLARule: record.Text(level.Rule),
		Requests: len(p.requests), WallRPS: perSecond(float64(len(p.ok)), span),
		Doubt: p.doubt(), Status: p.status(),
	}
	if !unjudged(p) {
		good := count(p.ok, func(r *request) bool { return r.judgeable() && r.service.Keeps(level) })
		row.Good, row.EffectiveRPS = record.CountOf(good), perSecond(float64(good), span)
	}
	return row
}

// unjudged reports whether none of the requests that ended ok can be judged.
// When none ended ok, the verdict is clear without.
func unjudged(p *point) bool { return len(p.ok) > 0 && count(p.ok, (*request).judgeable) == 0 }

// Troubles is Points.Troubles and the requests that could not be judged.
func (g *Goodput) Troubles() []Trouble {
	troubles := g.Points.Troubles()
	for _, p := range g.sorted() {
		missing := len(p.ok) - count(p.ok, (*request).judgeable)
		switch {
		case unjudged(p):
			troubles = append(troubles, finding{partial: true, hint: "measure with --stream",
				what: "no request has token times and a prompt length: good and effective_rps are not known"}.of(p))
		case missing > 0:
			troubles = append(troubles, finding{partial: true,
				what: fmt.Sprintf("%d of %d requests have no token times or prompt length and count as not good", missing, len(p.ok))}.of(p))
		}
	}
	return troubles
}
