package plot

import (
	"fmt"
	"math"
	"slices"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/series"
)

// bundles puts the runs of a repeated sweep together, where a figure has points:
// bars are drawn a run each.
func (k Kind[T, D]) bundles(rows []T) []series.Bundle[T] {
	if k.Curve != chart.NoCurve {
		return series.Repeats(rows, k.Key, k.place)
	}
	var single []series.Bundle[T]
	for _, row := range rows {
		single = append(single, series.Bundle[T]{Key: k.Key(row), Rows: []T{row}})
	}
	return single
}

// runs says of how many runs a series' points are means, "" where they are not.
func runs[T any](s series.Series[series.Bundle[T]]) string {
	least, most := math.MaxInt, 0
	for _, b := range s.Rows {
		least, most = min(least, len(b.Rows)), max(most, len(b.Rows))
	}
	switch {
	case most < 2:
		return ""
	case least < most:
		return fmt.Sprintf(", mean and range of %d to %d runs", least, most)
	}
	return fmt.Sprintf(", mean and range of %d runs", most)
}

// marks are the points of each row that has its values.
func (k Kind[T, D]) marks(b series.Bundle[T]) [][]chart.Point {
	var all [][]chart.Point
	for _, row := range b.Rows {
		if marks := k.Points(row); !slices.ContainsFunc(marks, absent) {
			all = append(all, marks)
		}
	}
	return all
}

// mean is the mean of the points that several rows have at one place, with their
// range.
func mean(marks [][]chart.Point) []chart.Point {
	if len(marks) == 1 {
		return marks[0]
	}
	points := make([]chart.Point, len(marks[0]))
	for i := range points {
		first := marks[0][i]
		spread := chart.Spread{XLow: first.X, XHigh: first.X, YLow: first.Y, YHigh: first.Y}
		for _, one := range marks {
			p := one[i]
			points[i].X += p.X / float64(len(marks))
			points[i].Y += p.Y / float64(len(marks))
			spread = chart.Spread{XLow: min(spread.XLow, p.X), XHigh: max(spread.XHigh, p.X), YLow: min(spread.YLow, p.Y), YHigh: max(spread.YHigh, p.Y)}
		}
		points[i].Spread = &spread
	}
	return points
}

// fill is that of the row that deserves least trust.
func (k Kind[T, D]) fill(b series.Bundle[T]) chart.Fill {
	worst := chart.Filled
	for _, row := range b.Rows {
		fill := fillOf(k.Status(row), k.Doubt(row))
		if slices.Index(trusted, fill) > slices.Index(trusted, worst) {
			worst = fill
		}
	}
	return worst
}

// trusted are the fills, the most trusted one first.
var trusted = []chart.Fill{chart.Filled, chart.Dotted, chart.Crossed, chart.Hollow}
