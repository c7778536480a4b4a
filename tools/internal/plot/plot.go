// Package plot is shared by the plot tools: it reads rows, makes a figure of each
// configuration, and writes figures to stdout or a folder. A tool only defines what
// its figures show.
package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

// Kind is one kind of figure over rows of type T. D is what figures of the
// same configuration differ in.
type Kind[T csvio.Row, D comparable] struct {
	Key    func(T) record.Key
	Status func(T) record.Status
	Doubt  func(T) record.Text
	// Needs are the columns that are drawn: rows without one are an error.
	Needs []string
	// Config is the configuration of a row where it is not series.ConfigOf.
	Config func(T) series.Config
	Detail func(T) D
	// Place names a row's point in its series where it is not its load, and points
	// are then joined from left to right; Part is a further part of a series' name
	// that keeps series apart.
	Place, Part func(T) string
	// Points are what is drawn of a row; absent values are NaN.
	Points func(T) []chart.Point
	// Label is what is written beside a row's points on request, Place's
	// number where it is nil.
	Label func(T, chart.Point) string
	// Figure has title, subtitle, axes and categories.
	Figure func(series.Panel[T, D]) chart.Figure
	// Worth, when given, says why a figure is left out.
	Worth func(series.Panel[T, D]) error
	// Stem is the file's name without its ending.
	Stem func(series.Panel[T, D]) string
	// Curve goes through the points by default; NoCurve: there is no choice.
	Curve chart.Curve
	// From is the command that writes its rows.
	From string
	// Flags are options of this kind alone; Check reads them before any work.
	// Wanted, when given, says which rows they leave.
	Flags  []cli.Flag
	Check  func(*cli.Context) error
	Wanted func(T) bool
	// Answers are those to flags of the original's figure of this kind alone.
	Answers []cmdline.Answer
}

// Named is a figure and its file's name without the ending.
type Named struct {
	Stem   string
	Figure chart.Figure
}

// Figures draws rows as the tool does when nothing is asked for.
func (k Kind[T, D]) Figures(rows []T) []Named {
	return k.figures(rows, options{curve: k.Curve}, new(remarks))
}

// figures turns rows into figures, one per configuration.
func (k Kind[T, D]) figures(rows []T, o options, remarks *remarks) []Named {
	config := k.Config
	if config == nil {
		config = func(row T) series.Config { return series.ConfigOf(k.Key(row)) }
	}
	var all []Named
	for _, panel := range series.Panels(rows, config, k.Detail) {
		if o.modelName != "" {
			panel.Config = panel.Config.Called(o.modelName)
		}
		remarks.begin()
		if k.Worth != nil {
			if err := k.Worth(panel); err != nil {
				remarks.add("skipped: %v", err)
				continue
			}
		}
		f := k.figure(panel, o, remarks)
		if len(f.Series) == 0 {
			continue // its remarks say why
		}
		for _, remark := range append(f.Remarks(), o.illegible(f)...) {
			remarks.add("%s", remark)
		}
		all = append(all, Named{fileName(k.Stem(panel)), f})
	}
	distinguish(all)
	return all
}

// figure draws one panel.
func (k Kind[T, D]) figure(panel series.Panel[T, D], o options, remarks *remarks) chart.Figure {
	f := k.Figure(panel)
	o.apply(&f)
	f.FillNames = fillNames
	all := k.series(panel.Rows, o, remarks)
	ids := make([]series.ID, len(all))
	for i, one := range all {
		ids[i] = one.ID
	}
	simulated := 0
	for i, drawn := range looks(ids) {
		o.override(ids[i], &drawn)
		drawn.Name += runs(all[i])
		drawn.Curve = k.Curve
		if k.Curve != chart.NoCurve {
			drawn.Curve = o.curveOf(ids[i])
		}
		drawn.Points = k.points(all[i], drawn.Name, o, remarks)
		if kept := o.lookOf(ids[i]).within(slices.Clone(drawn.Points)); len(kept) < len(drawn.Points) {
			remarks.add("%s: behind x_max or y_max of its --config, left out: %d of %d points", drawn.Name, len(drawn.Points)-len(kept), len(drawn.Points))
			drawn.Points = kept
		}
		if len(drawn.Points) == 0 {
			continue
		}
		f.Series = append(f.Series, drawn)
		if ids[i].Role == series.Simulated {
			simulated++
		}
	}
	f.Title = sayWhatIsSimulated(f.Title, simulated, len(f.Series))
	return f
}

// series parts a figure's rows, the runs of a repeated sweep taken together.
func (k Kind[T, D]) series(rows []T, o options, remarks *remarks) []series.Series[series.Bundle[T]] {
	splitter := series.Splitter[series.Bundle[T]]{
		Key:   func(b series.Bundle[T]) record.Key { return b.Key },
		Place: func(b series.Bundle[T]) string { return k.place(b.Rows[0]) },
	}
	if k.Part != nil {
		splitter.Part = func(b series.Bundle[T]) string { return k.Part(b.Rows[0]) }
	}
	all := splitter.Split(k.bundles(rows))
	if o.common {
		var left []string
		all, left = splitter.Common(all)
		if len(left) > 0 {
			remarks.add("not in every series, left out: %s", strings.Join(left, ", "))
		}
	}
	return all
}

// points are the marks of one series.
func (k Kind[T, D]) points(s series.Series[series.Bundle[T]], name string, o options, remarks *remarks) []chart.Point {
	var points []chart.Point
	skipped := new(places)
	for _, b := range s.Rows {
		marks := k.marks(b)
		if len(marks) < len(b.Rows) {
			skipped.add("no value, nothing to draw", k.place(b.Rows[0]))
		}
		if len(marks) == 0 {
			continue
		}
		for _, row := range b.Rows {
			if words := trust(k.Status(row), k.Doubt(row)); words != "" {
				skipped.add(words, k.place(row))
			}
		}
		for _, p := range mean(marks) {
			p.Fill = k.fill(b)
			if o.annotate {
				p.Label = k.label(b.Rows[0], p)
			}
			points = append(points, p)
		}
	}
	for _, b := range s.Repeated {
		skipped.add("several rows, the first is drawn", k.place(b.Rows[0]))
	}
	skipped.report(name, remarks)
	if k.Place != nil {
		slices.SortStableFunc(points, func(a, b chart.Point) int { return cmp.Compare(a.X, b.X) })
	}
	return points
}

func absent(p chart.Point) bool { return math.IsNaN(p.X) || math.IsNaN(p.Y) }

func (k Kind[T, D]) place(row T) string {
	if k.Place != nil {
		return k.Place(row)
	}
	return Load(k.Key(row))
}

func (k Kind[T, D]) label(row T, p chart.Point) string {
	if k.Label != nil {
		return k.Label(row, p)
	}
	load := k.Key(row).LoadKey
	if load.RateRPS > 0 {
		return fmt.Sprintf("%g/s", float64(load.RateRPS)) + most(load)
	}
	return fmt.Sprint(load.NumClients)
}

// Load names the load of a point: "8 clients" or "2.5 queries/s".
func Load(k record.Key) string {
	if k.RateRPS > 0 {
		return fmt.Sprintf("%g queries/s", float64(k.RateRPS)) + most(k.LoadKey)
	}
	return count(k.NumClients, "client")
}

// most says the cap of an open loop, "" where it has none.
func most(load record.LoadKey) string {
	if load.NumClients == 0 {
		return ""
	}
	return fmt.Sprintf(" (at most %d)", load.NumClients)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
