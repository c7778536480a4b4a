package chart

import "math"

// dashes cuts a line into its visible pieces; lengths are those of piece and
// gap in turn. go-chart's own dashes never end where a line consists of
// straight parts that are shorter than they are, as every curve does.
func dashes(line []xy, lengths []float64) [][]xy {
	if len(lengths) == 0 || len(line) < 2 {
		return [][]xy{line}
	}
	var pieces [][]xy
	piece, phase, left := []xy{line[0]}, 0, lengths[0]
	for i := 1; i < len(line); {
		from, to := piece[len(piece)-1], line[i]
		length := math.Hypot(to.x-from.x, to.y-from.y)
		if length < left {
			piece, left, i = append(piece, to), left-length, i+1
			continue
		}
		at := xy{from.x + (to.x-from.x)*left/length, from.y + (to.y-from.y)*left/length}
		if phase%2 == 0 {
			pieces = append(pieces, append(piece, at))
		}
		phase++
		piece, left = []xy{at}, lengths[phase%len(lengths)]
	}
	if phase%2 == 0 {
		pieces = append(pieces, piece)
	}
	return pieces
}
