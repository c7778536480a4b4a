package chart

import (
	"slices"
	"unicode"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Missing returns the letters of the figure that PNG's font does not have, in
// the order of their first use. PNG shows a box for each. SVG shows them with
// the fonts of its viewer.
func (f Figure) Missing() []rune {
	font, err := gochart.GetDefaultFont()
	if err != nil {
		return nil // drawing the figure reports the error
	}
	var missing []rune
	for _, text := range f.texts() {
		for _, letter := range plain(text) {
			if !unicode.IsSpace(letter) && font.Index(letter) == 0 && !slices.Contains(missing, letter) {
				missing = append(missing, letter)
			}
		}
	}
	return missing
}

// texts is everything that is written in the figure but numbers of axes.
func (f Figure) texts() []string {
	all := append([]string{f.Title, f.Subtitle, f.X.Label, f.Y.Label}, f.Categories...)
	for _, s := range f.Series {
		all = append(all, s.Name)
		for _, p := range s.Points {
			all = append(all, p.Label)
		}
	}
	return all
}

// isSquare reports whether other fonts give a letter, which PNG's font does not
// have, a square: those of Chinese, Japanese and Korean, and emoji.
func isSquare(letter rune) bool {
	const fullWidth, emoji = 0xFF00, 0x1F300
	return unicode.In(letter, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		letter >= fullWidth && letter <= fullWidth+0x60 || letter >= emoji
}
