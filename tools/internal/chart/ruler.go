package chart

import (
	"strings"

	gochart "github.com/wcharczuk/go-chart/v2"
	"golang.org/x/image/math/fixed"
)

// ruler measures text in go-chart's font.
type ruler struct{ style gochart.Style }

// run is how far text runs in the font of the given size.
func (r ruler) run(text string, size float64) float64 {
	font, scale := r.style.Font, fixed.Int26_6(size*64)
	previous, width := font.Index(0), fixed.Int26_6(0)
	for i, letter := range text {
		index := font.Index(letter)
		if i > 0 {
			width += font.Kern(scale, previous, index)
		}
		width += font.HMetric(scale, index).AdvanceWidth
		previous = index
	}
	return float64(width) / 64
}

// width gives square letters, which that font does not have, the width that they
// are high.
func (r ruler) width(text string, size float64) float64 {
	square := 0
	if strings.ContainsFunc(text, isSquare) {
		text = strings.Map(func(letter rune) rune {
			if isSquare(letter) {
				square++
				return -1
			}
			return letter
		}, text)
	}
	return r.run(text, size) + float64(square)*size
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
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if joined := strings.TrimPrefix(line+" "+word, " "); r.width(joined, size) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		var whole []string
		whole, line = r.chop(word, size, width)
		lines = append(lines, whole...)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return r.balance(lines, size, width)
}

// chop cuts whole lines off a word; rest is what remains.
func (r ruler) chop(word string, size, width float64) (lines []string, rest string) {
	for _, letter := range word {
		if rest != "" && r.width(rest+string(letter), size) > width {
			lines, rest = append(lines, rest), ""
		}
		rest += string(letter)
	}
	return lines, rest
}

// balance makes two lines about equally long: a word alone below a full line
// looks like a mistake.
func (r ruler) balance(lines []string, size, width float64) []string {
	if len(lines) != 2 {
		return lines
	}
	for {
		space := strings.LastIndexByte(lines[0], ' ')
		if space < 0 {
			return lines
		}
		second := lines[0][space+1:] + " " + lines[1]
		if r.width(second, size) > r.width(lines[0][:space], size) {
			return lines
		}
		lines = []string{lines[0][:space], second}
	}
}
