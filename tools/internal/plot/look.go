package plot

import (
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

// engineLooks are the colours of the original suite's figures in the palette
// that everybody can tell apart: FastGen blue, vLLM orange, OpenAI red.
var engineLooks = map[string]struct {
	colour chart.Colour
	shape  chart.Shape
}{
	"fastgen":      {0x0072B2, chart.Circle},
	"vllm":         {0xE69F00, chart.Square},
	"openai":       {0xD55E00, chart.Triangle},
	"sglang":       {0x009E73, chart.Diamond},
	"llamacpp":     {0xCC79A7, chart.TriangleDown},
	"trtllm":       {0x56B4E9, chart.Pentagon},
	"transformers": {0x882255, chart.TriangleDown},
	"aml":          {0x666666, chart.Pentagon},
}

// closedShapes come before the cross: they can be hollow or crossed, and a
// step around them leads to a shape that is not taken for the first one.
const closedShapes = chart.Cross

// looks gives every series of a figure its colour and shape, nothing else. An
// engine has one colour, whoever measured it; published points are
// references. Further series of one engine and role, and engines that are not
// in the table, get colours that are left; never FastGen's or vLLM's, which mean
// them even where they are absent.
func looks(ids []series.ID) []chart.Series {
	used := []chart.Colour{engineLooks["fastgen"].colour, engineLooks["vllm"].colour}
	for _, id := range ids {
		if look, known := engineLooks[id.Engine]; known {
			used = append(used, look.colour)
		}
	}
	unknown := make(map[string]chart.Colour)
	all := make([]chart.Series, len(ids))
	for i, id := range ids {
		look, known := engineLooks[id.Engine]
		if !known {
			if unknown[id.Engine] == 0 {
				unknown[id.Engine] = unused(&used)
			}
			look.colour, look.shape = unknown[id.Engine], chart.Shape(len(unknown))%closedShapes
		}
		steps := chart.Shape(2 * id.Variant)
		switch {
		case id.Variant > 0:
			look.colour = unused(&used)
		case id.Role == series.Published:
			steps = 3
		case id.Role == series.Simulated && slices.ContainsFunc(ids, func(m series.ID) bool { return m.Engine == id.Engine && m.Role == series.Measured }):
			look.colour, steps = look.colour.Tint(0.4), 2 // beside a measured series, or several
		}
		all[i] = chart.Series{Colour: look.colour, Shape: (look.shape + steps) % closedShapes, Reference: id.Role == series.Published}
	}
	return all
}

// unused takes the next colour of the palette that is not used; when there is
// none, paler ones.
func unused(used *[]chart.Colour) chart.Colour {
	for _, pale := range []float64{0, 0.4, 0.65} {
		for _, colour := range chart.Palette {
			if colour = colour.Tint(pale); !slices.Contains(*used, colour) {
				*used = append(*used, colour)
				return colour
			}
		}
	}
	return 0x999999
}

var fillNames = [...]string{chart.Filled: "", chart.Hollow: "client-limited", chart.Crossed: "partial", chart.Dotted: "doubtful"}

func fillOf(s record.Status, doubt record.Text) chart.Fill {
	switch {
	case s == record.ClientLimited:
		return chart.Hollow
	case s == record.Partial:
		return chart.Crossed
	case doubt != "":
		return chart.Dotted
	}
	return chart.Filled
}

// trust says in words what a fill says, "" of a point without a doubt.
func trust(s record.Status, doubt record.Text) string {
	word, why := string(s), string(doubt)
	fill := fillOf(s, doubt)
	switch fill {
	case chart.Filled:
		return ""
	case chart.Dotted:
		word = fillNames[chart.Dotted]
	}
	if why != "" {
		why = " (" + why + ")"
	}
	return fmt.Sprintf("%s%s, drawn %s", word, why, fill)
}

// sayWhatIsSimulated makes sure that nobody takes a simulation for a
// measurement: the title says so.
func sayWhatIsSimulated(title string, simulated, shown int) string {
	switch {
	case simulated == 0 || strings.Contains(title, "simulated"):
		return title
	case simulated == shown:
		return title + " (simulated)"
	}
	return title + " (partly simulated)"
}
