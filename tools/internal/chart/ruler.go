package chart

import "strings"

// ruler measures text.
type ruler struct{ raster *raster }

func newRuler() (ruler, error) {
	r, err := newRaster(1, 1)
	return ruler{r}, err
}

// width is how far text runs in a font of the given size, in pixels. Square
// letters, which the font does not have, are as wide as they are high.
func (r ruler) width(text string, size float64) float64 {
	narrow, square := text, 0
	if strings.ContainsFunc(text, isSquare) {
		narrow = strings.Map(func(letter rune) rune {
			if isSquare(letter) {
				square++
				return -1
			}
			return letter
		}, text)
	}
	r.raster.ctx.SetFontSize(size)
	width, _ := r.raster.ctx.CreateStringPath(narrow, 0, 0) // drawing it reports the error
	r.raster.ctx.BeginPath()
	return width + float64(square)*size
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
