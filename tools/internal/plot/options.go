package plot

import (
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/series"
)

// maxDegree bounds fits: above it they only follow the noise.
const maxDegree = 8

// options are those that every plot has.
type options struct {
	outDir, format   string
	title, modelName string
	xMax, yMax       float64
	width, height    int
	curve            chart.Curve
	annotate, common bool
	labels           map[string]string
	colours          map[string]chart.Colour
	looks            map[string]look // of --config, by backend, "" for all
	curveGiven       bool            // by a flag, which outweighs a look
}

func flags(curve chart.Curve) []cli.Flag {
	all := []cli.Flag{
		&cli.StringFlag{Name: "out-dir", Usage: "write one figure per configuration to `DIR`, instead of all on one sheet to stdout"},
		&cli.StringFlag{Name: "format", Value: "png", Usage: "`FORMAT` png, svg, or txt: the figure as text"},
		&cli.StringFlag{Name: "title", Usage: "`TEXT` as title instead of the configuration; the label simulated stays"},
		&cli.StringFlag{Name: "model-name", Usage: "call the model `NAME` in titles and file names"},
		&cli.Float64Flag{Name: "y-max", Usage: "cut the y axis at `VALUE`"},
		&cli.IntFlag{Name: "width", Value: 1280, Usage: "width in `PIXELS`"},
		&cli.IntFlag{Name: "height", Value: 960, Usage: "height in `PIXELS`; text scales with the figure"},
		&cli.BoolFlag{Name: "annotate", Usage: "write the load, or a bar's value, beside each point"},
		&cli.BoolFlag{Name: "common-points", Usage: "draw only the loads that every series has, like the original suite"},
		&cli.StringSliceFlag{Name: "label", Usage: "show `BACKEND=NAME` in the legend; may be repeated"},
		&cli.StringSliceFlag{Name: "color", Usage: "colour of a backend: `BACKEND=#RRGGBB`; may be repeated"},
		&cli.StringSliceFlag{Name: "config", Usage: "style of a backend's series, or of all, from `[BACKEND=]FILE`, a plot_config.yaml of the original suite; may be repeated"},
	}
	if curve == chart.NoCurve {
		return all
	}
	return append(all,
		&cli.Float64Flag{Name: "x-max", Usage: "cut the x axis at `VALUE`"},
		&cli.IntFlag{Name: "fit-degree", Value: int(curve), Usage: "`DEGREE` of the fitted curve; 0 joins the points, -1 draws no curve"},
	)
}

// optionsOf reads and checks the options before any work is done.
func optionsOf(c *cli.Context, curve chart.Curve, std *cmdline.Std) (options, error) {
	o := options{
		outDir: c.String("out-dir"), format: c.String("format"), title: c.String("title"), modelName: c.String("model-name"),
		xMax: c.Float64("x-max"), yMax: c.Float64("y-max"), width: c.Int("width"), height: c.Int("height"),
		curve: chart.Curve(c.Int("fit-degree")), annotate: c.Bool("annotate"), common: c.Bool("common-points"),
		curveGiven: c.IsSet("fit-degree"),
	}
	switch {
	case o.format != "png" && o.format != "svg" && o.format != "txt":
		return o, cmdline.Usagef("--format %s: it is png, svg or txt", o.format)
	case !(o.xMax >= 0) || !(o.yMax >= 0):
		return o, cmdline.Usagef("an axis begins at 0 and cannot end below it")
	case o.curve < chart.NoCurve || o.curve > maxDegree:
		return o, cmdline.Usagef("--fit-degree %d: -1 to %d can be drawn", o.curve, maxDegree)
	}
	if err := (chart.Figure{Width: max(o.width, 1), Height: max(o.height, 1), Y: chart.Axis{Max: o.yMax}, X: chart.Axis{Max: o.xMax}}).Check(); err != nil {
		return o, cmdline.Usagef("%v", err)
	}
	if o.outDir == "" && o.format == "png" && cmdline.IsTerminal(std.Out) {
		return o, cmdline.WithHint(cmdline.Usagef("a PNG cannot be shown on a terminal"), "write it to a file: > figure.png, or give --out-dir DIR")
	}
	var err error
	if o.labels, err = pairs("label", c.StringSlice("label"), func(name string) (string, bool) { return name, name != "" }); err != nil {
		return o, err
	}
	if o.colours, err = pairs("color", c.StringSlice("color"), parseColour); err != nil {
		return o, err
	}
	o.looks, err = configs(c, curve, std)
	return o, err
}

// namesOneModel refuses one name for several models.
func (o options) namesOneModel(models int) error {
	if o.modelName != "" && models > 1 {
		return cmdline.WithHint(cmdline.Usagef("--model-name names one model, and the rows are of %d", models), "select rows before this tool")
	}
	return nil
}

// pairs reads "backend=value" words.
func pairs[V any](flag string, words []string, parse func(string) (V, bool)) (map[string]V, error) {
	all := make(map[string]V)
	for _, word := range entries(words) {
		backend, text, _ := strings.Cut(word, "=")
		value, ok := parse(text)
		if backend == "" || !ok {
			return nil, cmdline.Usagef("--%s %q: it takes a backend, = and a value", flag, word)
		}
		all[backend] = value
	}
	return all, nil
}

// entries splits lists of backend=value at the commas between them; a comma
// inside of a value stays.
func entries(lists []string) (all []string) {
	for _, list := range lists {
		for i, part := range strings.Split(list, ",") {
			if i > 0 && !strings.Contains(part, "=") {
				all[len(all)-1] += "," + part
			} else {
				all = append(all, part)
			}
		}
	}
	return all
}

func parseColour(text string) (chart.Colour, bool) {
	hex, marked := strings.CutPrefix(text, "#")
	v, err := strconv.ParseUint(hex, 16, 24)
	return chart.Colour(v), marked && len(hex) == 6 && err == nil
}

// apply puts the options into a figure.
func (o options) apply(f *chart.Figure) {
	if o.title != "" {
		f.Title = o.title
	}
	f.Width, f.Height = o.width, o.height
	f.X.Max, f.Y.Max = o.xMax, o.yMax
}

// override names a series and lets the user have it his way: by a look that is
// configured, and before it by flags.
func (o options) override(id series.ID, s *chart.Series) {
	s.Name = id.Name()
	l := o.lookOf(id)
	l.configure(id, s)
	if l.label != "" {
		s.Name = id.Renamed(l.label)
	}
	if name, given := o.labels[id.Backend()]; given {
		s.Name = id.Renamed(name)
	}
	if colour, given := o.colours[id.Backend()]; given && id.Variant == 0 {
		s.Colour = colour
	}
}
