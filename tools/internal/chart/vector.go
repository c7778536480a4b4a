package chart

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// vector writes SVG.
type vector struct {
	b     bytes.Buffer
	ruler ruler
}

// fontFamily begins with the font that texts are measured in. Each text tells
// its length, so that another font takes no more room.
const fontFamily = "Roboto, 'Helvetica Neue', Helvetica, Arial, sans-serif"

func newVector(width, height int, title string, r ruler) *vector {
	v := &vector{ruler: r}
	fmt.Fprintf(&v.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="%s" font-weight="500">`+"\n",
		width, height, width, height, fontFamily)
	fmt.Fprintf(&v.b, "<title>%s</title>\n", html.EscapeString(plain(title)))
	fmt.Fprintf(&v.b, `<rect width="100%%" height="100%%" fill="#FFFFFF"/>`+"\n")
	return v
}

func (v *vector) line(through []xy, p pen) {
	fmt.Fprintf(&v.b, `<polyline points="%s" fill="none"%s/>`+"\n", places(through), p.attributes())
}

func (v *vector) polygon(corners []xy, fill Colour, p pen) {
	fmt.Fprintf(&v.b, `<polygon points="%s" fill="%s"%s/>`+"\n", places(corners), fill, p.attributes())
}

func (v *vector) circle(c xy, radius float64, fill Colour, p pen) {
	fmt.Fprintf(&v.b, `<circle cx="%s" cy="%s" r="%s" fill="%s"%s/>`+"\n", short(c.x), short(c.y), short(radius), fill, p.attributes())
}

func (v *vector) text(l label) {
	at := fmt.Sprintf(`x="%s" y="%s"`, short(l.at.x), short(l.at.y))
	if l.upright {
		at = fmt.Sprintf(`transform="translate(%s %s) rotate(-90)"`, short(l.at.x), short(l.at.y))
	}
	fmt.Fprintf(&v.b, `<text %s font-size="%s" fill="%s" text-anchor="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
		at, short(l.size), l.colour, [...]string{"start", "middle", "end"}[l.anchor], short(v.ruler.width(l.text, l.size)), html.EscapeString(l.text))
}

func (v *vector) save(w io.Writer) error {
	v.b.WriteString("</svg>\n")
	_, err := w.Write(v.b.Bytes())
	return err
}

func (p pen) attributes() string {
	if p.width == 0 {
		return ""
	}
	out := fmt.Sprintf(` stroke="%s" stroke-width="%s"`, p.colour, short(p.width))
	if p.dash != nil {
		lengths := make([]string, len(p.dash))
		for i, length := range p.dash {
			lengths[i] = short(length)
		}
		out += fmt.Sprintf(` stroke-dasharray="%s"`, strings.Join(lengths, " "))
	}
	return out
}

func places(points []xy) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(short(p.x) + "," + short(p.y))
	}
	return b.String()
}

// short is a length with at most two decimals.
func short(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
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
