package chart

import "math"

// Shape is the form of a mark.
type Shape int

// The shapes, in an order in which neighbours differ most.
const (
	Circle Shape = iota
	Square
	Triangle
	Diamond
	TriangleDown
	Pentagon
	Cross // strokes only
	shapes
)

// String is the shape's name.
func (s Shape) String() string {
	return [...]string{"circle", "square", "triangle", "diamond", "triangle-down", "pentagon", "cross"}[s]
}

// Fill is what is inside of a mark.
type Fill int

// The fills: Filled is the trusted one. Hollow, Crossed (pale with a cross) and
// Dotted (hollow with a dot) stand out even in black and white.
const (
	Filled Fill = iota
	Hollow
	Crossed
	Dotted
	fills
)

// String is the fill's name.
func (f Fill) String() string { return [...]string{"filled", "hollow", "crossed", "dotted"}[f] }

// regular are the shapes with corners: how many, and where the first one points.
// Radii are chosen so that all marks look equally large.
var regular = map[Shape]struct {
	corners int
	turn    float64 // radians, 0 is up
	radius  float64
}{
	Square:       {4, math.Pi / 4, 1.25},
	Triangle:     {3, 0, 1.4},
	Diamond:      {4, 0, 1.3},
	TriangleDown: {3, math.Pi, 1.4},
	Pentagon:     {5, 0, 1.15},
}

// mark is how the points of a series are drawn; it is the same in the plot
// and in the legend.
type mark struct {
	shape     Shape
	fill      Fill
	colour    Colour
	radius    float64 // in pixels
	reference bool    // hides nothing of what is below
}

func (s Series) mark(fill Fill, radius float64) mark {
	m := mark{s.Shape, fill, s.Colour, radius, s.Reference}
	if s.Reference {
		m.radius = radius * 1.4
	}
	return m
}

// paint returns the inside's colour and the outline's pen.
func paint(fill Fill, colour Colour, width float64) (Colour, pen) {
	outline := pen{colour: colour, width: width}
	switch fill {
	case Hollow, Dotted:
		return 0xFFFFFF, outline
	case Crossed:
		return colour.Tint(0.65), outline
	}
	return colour, pen{colour: 0xFFFFFF, width: width / 3} // a white rim parts marks that touch
}

// extent is how far the mark reaches from its point.
func (m mark) extent() float64 { return m.radius * max(1, regular[m.shape].radius) }

func (m mark) draw(c *canvas, at xy) {
	inside, outline := paint(m.fill, m.colour, m.radius*0.36)
	if m.reference {
		inside, outline = Clear, pen{colour: m.colour, width: m.radius * 0.25}
	}
	switch m.shape {
	case Cross:
		drawCross(c, at, m.radius, pen{colour: m.colour, width: m.radius * 0.5})
		return
	case Circle:
		c.circle(at, m.radius, inside, outline)
	default:
		form := regular[m.shape]
		c.polygon(ring(at, m.radius*form.radius, form.corners, form.turn), inside, outline)
	}
	switch m.fill {
	case Crossed:
		drawCross(c, at, m.radius*0.6, outline)
	case Dotted:
		c.circle(at, m.radius*0.3, m.colour, pen{colour: m.colour})
	}
}

// ring is so many corners around a place; the first one points turn from up.
func ring(at xy, radius float64, corners int, turn float64) []xy {
	places := make([]xy, corners)
	for i := range places {
		sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(corners))
		places[i] = xy{at.x + radius*sin, at.y - radius*cos}
	}
	return places
}

func drawCross(c *canvas, at xy, arm float64, p pen) {
	c.line([]xy{{at.x - arm, at.y - arm}, {at.x + arm, at.y + arm}}, p)
	c.line([]xy{{at.x - arm, at.y + arm}, {at.x + arm, at.y - arm}}, p)
}
