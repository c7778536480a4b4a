package plot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configFile writes a plot_config.yaml and returns its path.
func configFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plot_config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const purple = `
label: Ours
color: purple
marker: s
linestyle: ":"
polyfit_degree: 0
x_max : 3
y_max : 10
`

// The seven keys of the original's plot_config.yaml, for one backend.
func TestConfigOfTheOriginal(t *testing.T) {
	path := configFile(t, purple)
	out, errs, status := run(t, csv(t, sweep("sim-vllm", "fastgen")), "--format", "txt", "--config", "sim-vllm="+path)
	for _, want := range []string{`series "Ours (simulated)" #800080 square join dotted`, `series "DeepSpeed-FastGen" #0072B2 circle degree 3`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if want := "Ours (simulated): behind x_max or y_max of its --config, left out: 3 of 5 points"; status != 0 || !strings.Contains(errs, want) {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

// Without a backend a file is for every series; older files have their keys
// below "config"; and a flag outweighs a file.
func TestConfigForAll(t *testing.T) {
	path := configFile(t, "config:\n  color: \"#123456\"\n  linestyle: \"-.\"\n  polyfit_degree: 2\n")
	out, errs, status := run(t, csv(t, sweep("vllm", "fastgen")), "--format", "txt", "--config", path, "--color", "vllm=#654321", "--fit-degree", "1")
	for _, want := range []string{`series "vLLM" #654321 square degree 1 dashdotted`, `series "DeepSpeed-FastGen" #123456 circle degree 1 dashdotted`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if status != 0 || strings.Contains(errs, "plot_config") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestConfigThatCannotBe(t *testing.T) {
	good := csv(t, sweep("vllm"))
	for text, want := range map[string]string{
		"color: mauvish":       `line 1: color: "mauvish" is not a colour`,
		"color: [1, 2]":        "line 1: color: ",
		"\nmarker: heart":      `line 2: marker: "heart" is not a marker`,
		"linestyle: wavy":      `line 1: linestyle: "wavy" is not a line style`,
		"polyfit_degree: -1":   `line 1: polyfit_degree: "-1" is not a degree`,
		"polyfit_degree: 2.5":  `line 1: polyfit_degree: "2.5" is not a degree`,
		"x_max: 0":             `line 1: x_max: "0" is not above 0`,
		"y_max: .inf":          "line 1: y_max: ",
		"y_max: much":          `line 1: y_max: "much" is not above 0`,
		"label: {a: b}":        "line 1: label: ",
		"- a list":             "yaml: ",
		"config: 7":            "config: yaml: ",
		"label: \"not closed:": "yaml: ",
	} {
		out, errs, status := run(t, good, "--config", configFile(t, text))
		if status != 1 || len(out) > 0 || !strings.Contains(errs, "plot_config.yaml: "+want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: status %d, stderr %q", text, status, errs)
		}
	}
	for word, status := range map[string]int{"": 2, "vllm=": 2, "=file.yaml": 2, "absent.yaml": 1} {
		if out, errs, got := run(t, good, "--config", word); got != status || len(out) > 0 || errs == "" {
			t.Errorf("--config %q: status %d, stderr %q", word, got, errs)
		}
	}
}

// What a file says that nothing here can do is reported, and the rest is drawn.
func TestConfigRemarks(t *testing.T) {
	path := configFile(t, "alpha: 0.5\ncolor: red\nmarker: x\n")
	out, errs, status := run(t, csv(t, sweep("vllm")), "--format", "txt", "--config", path)
	for _, want := range []string{`line 1: "alpha" is not one of color, label,`, "a diamond is drawn"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in %q", want, errs)
		}
	}
	if status != 0 || !strings.Contains(string(out), `series "vLLM" #FF0000 diamond`) {
		t.Errorf("status %d\n%s", status, out)
	}
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte(purple))
	f.Add([]byte("config:\n  color: b\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("color: A00X"))
	f.Add([]byte("-"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, _, err := parseLook(text)
		if err == nil && (l.xMax < 0 || l.yMax < 0 || l.curve != nil && (*l.curve < 0 || *l.curve > maxDegree)) {
			t.Errorf("%q: %+v", text, l)
		}
	})
}
