package metrics

import (
	"fmt"

	"fastgenbench/tools/internal/record"
)

// Goodput folds requests into one row for each point and level: how many
// requests a second keep the level. A request that did not end ok is not good.
type Goodput struct {
	Points
	Levels []Level
}

// Add takes one request row.
func (g *Goodput) Add(row record.Request) {
	if r := g.add(row); r.judgeable() {
		r.service = NewService(r.prompt, seconds(r.ttft), row.ChunkS)
	}
}

// Rows returns the rows, sorted by key, a point's in the order of the levels.
// A point of which no request can be judged has none; see Troubles.
func (g *Goodput) Rows() []record.Goodput {
	var rows []record.Goodput
	for _, p := range g.sorted() {
		rows = append(rows, g.judge(p)...)
	}
	return rows
}

func (g *Goodput) judge(p *point) []record.Goodput {
	ok, span := p.ok, p.span()
	if blind(p) {
		return nil
	}
	status := p.status()
	var rows []record.Goodput
	for _, level := range g.Levels {
		good := count(ok, func(r request) bool { return r.service.Keeps(level) })
		rows = append(rows, record.Goodput{
			Key:          p.key,
			SLAPromptTPS: record.Rate(level.PromptTPS), SLAGenTPS: record.Rate(level.GenTPS), SLARule: record.Text(level.Rule),
			Requests: len(p.requests), Good: good,
			WallRPS: perSecond(float64(len(ok)), span), EffectiveRPS: perSecond(float64(good), span),
			Status: status,
		})
	}
	return rows
}

// judgeable reports whether it is known when its tokens came and how long its
// prompt was.
func (r request) judgeable() bool { return r.streamed() && r.prompt.Known() }

// blind reports whether none of the requests that ended ok can be judged. When
// none ended ok, the verdict is clear without.
func blind(p *point) bool { return len(p.ok) > 0 && count(p.ok, request.judgeable) == 0 }

// Troubles is Points.Troubles and the requests that could not be judged.
func (g *Goodput) Troubles() []Trouble {
	troubles := g.Points.Troubles()
	for _, p := range g.sorted() {
		dark := len(p.ok) - count(p.ok, request.judgeable)
		switch {
		case blind(p):
			troubles = append(troubles, trouble(p, true,
				"no request has token times and a prompt length: no service level can be judged, left out", "measure with --stream"))
		case dark > 0:
			troubles = append(troubles, trouble(p, true, fmt.Sprintf(
				"%d of %d requests lack token times or the prompt length and count as not good", dark, len(p.ok)), ""))
		}
	}
	return troubles
}
