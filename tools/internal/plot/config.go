package plot

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"
	"golang.org/x/image/colornames"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/series"
)

// look is what the original suite's plot_config.yaml says of a series; what it
// does not say is nil, "" or 0.
type look struct {
	label      string
	colour     *chart.Colour
	shape      *chart.Shape
	line       *chart.Line
	curve      *chart.Curve
	xMax, yMax float64 // points behind them are left out
}

// configs reads the files of --config: "backend=file", or a file for every
// series, whose key is "".
func configs(c *cli.Context, curve chart.Curve, std *cmdline.Std) (map[string]look, error) {
	all := make(map[string]look)
	for _, word := range c.StringSlice("config") {
		backend, path, named := strings.Cut(word, "=")
		if !named {
			backend, path = "", word
		}
		if path == "" || named && backend == "" {
			return nil, cmdline.Usagef("--config %q: it takes a file, or a backend, = and a file", word)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		one, remarks, err := parseLook(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if one.curve != nil && curve == chart.NoCurve {
			remarks = append(remarks, "polyfit_degree does not apply to this figure")
		}
		for _, remark := range remarks {
			std.Warnf("%s: %s", path, remark)
		}
		all[backend] = one
	}
	return all, nil
}

// lookKeys are the keys of plot_config.yaml.
var lookKeys = map[string]func(*look, *yaml.Node) error{
	"label":     func(l *look, n *yaml.Node) error { return n.Decode(&l.label) },
	"color":     func(l *look, n *yaml.Node) (err error) { l.colour, err = named(n, "colour", colourNamed); return err },
	"marker":    func(l *look, n *yaml.Node) (err error) { l.shape, err = named(n, "marker", markerNamed); return err },
	"linestyle": func(l *look, n *yaml.Node) (err error) { l.line, err = named(n, "line style", lineNamed); return err },
	"polyfit_degree": func(l *look, n *yaml.Node) (err error) {
		l.curve, err = named(n, "degree that can be drawn", degreeNamed)
		return err
	},
	"x_max": func(l *look, n *yaml.Node) error { return limit(n, &l.xMax) },
	"y_max": func(l *look, n *yaml.Node) error { return limit(n, &l.yMax) },
}

// parseLook reads the keys, flat or below "config" as older files have them. A
// key that is not known is not an error: remarks name it.
func parseLook(text []byte) (l look, remarks []string, err error) {
	var document map[string]yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return l, nil, fmt.Errorf("%s", strings.Join(strings.Fields(err.Error()), " "))
	}
	if below, found := document["config"]; found && len(document) == 1 {
		if err := below.Decode(&document); err != nil {
			return l, nil, fmt.Errorf("config: %s", strings.Join(strings.Fields(err.Error()), " "))
		}
		delete(document, "config")
	}
	for key, node := range document {
		read, known := lookKeys[key]
		if !known {
			remarks = append(remarks, fmt.Sprintf("line %d: %q is not one of color, label, linestyle, marker, polyfit_degree, x_max, y_max", node.Line, key))
			continue
		}
		if err := read(&l, &node); err != nil {
			return l, nil, fmt.Errorf("line %d: %s: %s", node.Line, key, strings.Join(strings.Fields(err.Error()), " "))
		}
	}
	if l.shape != nil && *l.shape == chart.Cross {
		*l.shape = chart.Diamond // a point in doubt is hollow, and strokes cannot be
		remarks = append(remarks, "marker: strokes alone cannot show a doubt, a diamond is drawn")
	}
	slices.Sort(remarks)
	return l, remarks, nil
}

// named reads a scalar that a table knows.
func named[T any](n *yaml.Node, what string, find func(string) (T, bool)) (*T, error) {
	value, found := find(n.Value)
	if n.Kind != yaml.ScalarNode || !found {
		return nil, fmt.Errorf("%.40q is not a %s", n.Value, what)
	}
	return &value, nil
}

func limit(n *yaml.Node, to *float64) error {
	if err := n.Decode(to); err != nil || !(*to > 0) || *to > 1e300 {
		return fmt.Errorf("%.40q is not above 0", n.Value)
	}
	return nil
}

// letters are matplotlib's short names of colours.
var letters = map[string]chart.Colour{
	"b": 0x0000FF, "g": 0x008000, "r": 0xFF0000, "c": 0x00BFBF, "m": 0xBF00BF, "y": 0xBFBF00, "k": 0x000000, "w": 0xFFFFFF,
	"tab:blue": 0x1F77B4, "tab:orange": 0xFF7F0E, "tab:green": 0x2CA02C, "tab:red": 0xD62728, "tab:purple": 0x9467BD,
	"tab:brown": 0x8C564B, "tab:pink": 0xE377C2, "tab:gray": 0x7F7F7F, "tab:olive": 0xBCBD22, "tab:cyan": 0x17BECF,
}

// colourNamed reads a colour as matplotlib does: #RRGGBB, a name of CSS, a letter.
func colourNamed(name string) (chart.Colour, bool) {
	name = strings.ToLower(name)
	if c, known := letters[name]; known {
		return c, true
	}
	if c, known := colornames.Map[name]; known {
		return chart.Colour(c.R)<<16 | chart.Colour(c.G)<<8 | chart.Colour(c.B), true
	}
	return parseColour(name)
}

// markerNamed are matplotlib's markers that have a shape here.
func markerNamed(name string) (chart.Shape, bool) {
	shape, known := map[string]chart.Shape{
		"o": chart.Circle, ".": chart.Circle, "s": chart.Square, "^": chart.Triangle, "v": chart.TriangleDown,
		"D": chart.Diamond, "d": chart.Diamond, "p": chart.Pentagon, "x": chart.Cross, "X": chart.Cross, "+": chart.Cross,
	}[name]
	return shape, known
}

func lineNamed(name string) (chart.Line, bool) {
	line, known := map[string]chart.Line{
		"-": chart.SolidLine, "solid": chart.SolidLine, "--": chart.DashedLine, "dashed": chart.DashedLine, ":": chart.DottedLine, "dotted": chart.DottedLine,
		"-.": chart.DashDottedLine, "dashdot": chart.DashDottedLine, "": chart.NoLine, " ": chart.NoLine, "None": chart.NoLine, "none": chart.NoLine,
	}[name]
	return line, known
}

func degreeNamed(text string) (chart.Curve, bool) {
	var degree int
	_, err := fmt.Sscanf(text+"\n", "%d\n", &degree)
	return chart.Curve(degree), err == nil && degree >= 0 && degree <= maxDegree
}

// lookOf is what is configured for a series: of its backend, else of all.
func (o options) lookOf(id series.ID) look {
	if own, found := o.looks[id.Backend()]; found {
		return own
	}
	return o.looks[""]
}

// configure gives a series the look that is configured.
func (l look) configure(id series.ID, s *chart.Series) {
	if l.colour != nil && id.Variant == 0 {
		s.Colour = *l.colour
	}
	if l.shape != nil && id.Variant == 0 {
		s.Shape = *l.shape
	}
	if l.line != nil {
		s.Line = *l.line
	}
}

// within are the points that the look does not leave out.
func (l look) within(points []chart.Point) []chart.Point {
	return slices.DeleteFunc(points, func(p chart.Point) bool {
		return l.xMax > 0 && p.X > l.xMax || l.yMax > 0 && p.Y > l.yMax
	})
}

// curveOf is the curve of a series: the flag's, else its look's, else the figure's.
func (o options) curveOf(id series.ID) chart.Curve {
	if l := o.lookOf(id); l.curve != nil && !o.curveGiven {
		return *l.curve
	}
	return o.curve
}
