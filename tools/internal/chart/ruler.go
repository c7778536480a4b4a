package chart

import (
	"strings"

	gochart "github.com/wcharczuk/go-chart/v2"
	"golang.org/x/image/math/fixed"
)

// ruler measures text in go-chart's font.
type ruler struct{ style gochart.Style }

// width is how far text runs. Square letters, which the font does not have, are
// as wide as they are high.
func (r ruler) width(text string, size float64) float64 { return r.run(text, size, isSquare) }

// run gives the letters for which square holds that width, the others the font's.
func (r ruler) run(text string, size float64, square func(rune) bool) float64 {
	font, scale := r.style.Font, fixed.Int26_6(size*64)
	previous, width := font.Index(0), fixed.Int26_6(0)
	for i, letter := range text {
		index := font.Index(letter)
		advance := font.HMetric(scale, index).AdvanceWidth
		if square(letter) {
			advance = scale
		} else if i > 0 {
			advance += font.Kern(scale, previous, index)
		}
		previous, width = index, width+advance
	}
	return float64(width) / 64
}

// widest is the width of the longest of several texts.
func (r ruler) widest(texts []string, size float64) float64 {
	widest := 0.0
	for _, text := range texts {
		widest = max(widest, r.width(text, size))
	}
	return widest
}

// wrap breaks text into lines of at most the given width: at the spaces, and
// within a word only where it is longer than a whole line.
func (r ruler) wrap(text string, size, width float64) []string {
	return narrowest(width, func(width float64) []string {
		var lines []string
		for _, word := range strings.Fields(text) {
			if n := len(lines); n > 0 && r.width(lines[n-1]+" "+word, size) <= width {
				lines[n-1] += " " + word
			} else {
				lines = append(lines, r.chop(word, size, width)...)
			}
		}
		return lines
	})
}

// chop cuts a word into lines.
func (r ruler) chop(word string, size, width float64) []string {
	var lines []string
	line := ""
	for _, letter := range word {
		if line != "" && r.width(line+string(letter), size) > width {
			lines, line = append(lines, line), ""
		}
		line += string(letter)
	}
	return append(lines, line)
}

// narrowest breaks a text or a legend into as many lines as the room takes, and
// of the least width: what is alone in the last line looks lost.
func narrowest[line any](room float64, into func(room float64) []line) []line {
	lines := into(room)
	for tooNarrow := 0.0; len(lines) > 1 && room-tooNarrow > 1; {
		middle := (tooNarrow + room) / 2
		if narrower := into(middle); len(narrower) > len(lines) {
			tooNarrow = middle
		} else {
			lines, room = narrower, middle
		}
	}
	return lines
}
