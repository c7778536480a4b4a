package chart

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// svgGrain is how many units a pixel has in SVG, whose renderer takes whole ones.
// Letters of the largest figure keep below 10000 units, which browsers stop at.
const svgGrain = 20

// newVector draws SVG.
func newVector(width, height int) (*canvas, error) {
	return newCanvas(gochart.SVG, width, height, svgGrain, 72)
}

// fontFamily begins with the font that texts are measured in. Each text tells
// its length, so that another font takes no more room.
const fontFamily = "Roboto, 'Helvetica Neue', Helvetica, Arial, sans-serif"

// writeSVG writes what go-chart has drawn, with what it does not say: how many
// pixels it has, its title, white behind it, fonts, and how long texts are.
func (c *canvas) writeSVG(w io.Writer, title string) error {
	var drawn, out bytes.Buffer
	if err := c.Renderer.Save(&drawn); err != nil {
		return err
	}
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="%s" font-weight="500">`+"\n",
		c.width, c.height, c.width*c.grain, c.height*c.grain, fontFamily)
	fmt.Fprintf(&out, "<title>%s</title>\n"+`<rect width="100%%" height="100%%" fill="#FFFFFF"/>`+"\n", html.EscapeString(title))
	_, shapes, _ := strings.Cut(drawn.String(), ">")
	shapes = strings.NewReplacer("\n", " ", "><", ">\n<").Replace(shapes) // a line for each
	for i, piece := range strings.Split(shapes, "<text ") {
		if i > 0 {
			l := c.texts[i-1]
			fmt.Fprintf(&out, `<text text-anchor="%s" textLength="%d" lengthAdjust="spacingAndGlyphs" `,
				[...]string{"start", "middle", "end"}[l.anchor], nearest(c.ruler.width(l.text, l.size)))
		}
		out.WriteString(piece)
	}
	_, err := w.Write(append(out.Bytes(), '\n'))
	return err
}

// plain leaves out what XML has no place for: bytes that are not UTF-8 and
// control characters.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
