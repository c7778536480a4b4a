package chart

import (
	"bytes"
	"strings"
	"testing"
)

func TestMissing(t *testing.T) {
	f := Figure{Title: "模型 Größe β", Subtitle: "模", X: Axis{Label: "\x00🚀"}, Categories: []string{"キ"},
		Series: []Series{{Name: "引擎 x", Points: []Point{{Label: "擎"}}}}}
	if got := string(f.Missing()); got != "模型🚀キ引擎" {
		t.Errorf("missing %q", got)
	}
	if got := (Figure{Title: "Latency (s), P95 – ±3 µs é"}).Missing(); len(got) > 0 {
		t.Errorf("missing %q", string(got))
	}
}

// SVG tells a text's length so that a viewer's font takes no more room;
// squares must not be squeezed.
func TestSquareLettersHaveRoom(t *testing.T) {
	var out bytes.Buffer
	if err := (Figure{Title: "模型模型"}).SVG(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `text-anchor="middle" textLength="2400"`) {
		t.Errorf("%s", &out)
	}
}
