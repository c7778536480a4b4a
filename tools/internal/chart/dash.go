package chart

import "math"

// dashes cuts a line into its visible pieces; lengths are those of piece and
// gap in turn. go-chart's own dashes never end where a line consists of
// straight parts that are shorter than they are, as every curve does.
func dashes(line []xy, lengths []float64) [][]xy {
	if len(lengths) == 0 || len(line) < 2 {
		return [][]xy{line}
	}
	pieces := [][]xy{{line[0]}}
	phase, left := 0, lengths[0]
	for i := 1; i < len(line); i++ {
		from, to := line[i-1], line[i]
		length := math.Hypot(to.x-from.x, to.y-from.y)
		done := 0.0
		for length-done >= left {
			done += left
			at := xy{from.x + (to.x-from.x)*done/length, from.y + (to.y-from.y)*done/length}
			if phase%2 == 0 {
				pieces[len(pieces)-1] = append(pieces[len(pieces)-1], at)
			} else {
				pieces = append(pieces, []xy{at})
			}
			phase++
			left = lengths[phase%len(lengths)]
		}
		left -= length - done
		if phase%2 == 0 {
			pieces[len(pieces)-1] = append(pieces[len(pieces)-1], to)
		}
	}
	return pieces
}
