package plot

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
)

// fits reports that stdout cannot take so many figures.
func (o options) fits(figures []Named) error {
	if n := len(figures); n > 1 && o.outDir == "" {
		return cmdline.WithHint(cmdline.Usagef("the rows make %d figures, and stdout takes one", n),
			"give --out-dir DIR for one file each, or pick rows in front of this tool")
	}
	return nil
}

// write puts the one figure on stdout, or all of them into the folder.
func (o options) write(figures []Named, std *cmdline.Std) error {
	if o.outDir == "" {
		picture, err := o.render(figures[0].Figure)
		if err != nil {
			return err
		}
		_, err = std.Out.Write(picture)
		return err
	}
	if err := os.MkdirAll(o.outDir, 0o755); err != nil {
		return err
	}
	for _, one := range figures {
		picture, err := o.render(one.Figure)
		if err != nil {
			return fmt.Errorf("drawing %s: %w", one.Stem, err)
		}
		if err := writeWhole(filepath.Join(o.outDir, one.Stem+"."+o.format), picture); err != nil {
			return err
		}
	}
	std.Notef("%s in %s", count(len(figures), "figure"), o.outDir)
	return nil
}

// render draws in memory first: a figure that cannot be drawn leaves nothing
// behind.
func (o options) render(f chart.Figure) ([]byte, error) {
	var out bytes.Buffer
	var err error
	switch o.format {
	case "png":
		err = f.PNG(&out)
	case "svg":
		err = f.SVG(&out)
	default:
		out.WriteString(f.String())
	}
	return out.Bytes(), err
}

// writeWhole lets the file appear at once, whole or not at all.
func writeWhole(path string, content []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, content, 0o644); err != nil {
		os.Remove(part) // of a full disk: what is there is of no use
		return err
	}
	return os.Rename(part, path)
}

// fileName is a stem that is safe as one name in any folder.
func fileName(stem string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, stem)
	return strings.TrimLeft(clean, ".")
}

// distinguish numbers the names that several figures share: the original
// suite's names do not hold the whole configuration.
func distinguish(figures []Named) {
	seen := make(map[string]int)
	for i := range figures {
		stem := figures[i].Stem
		if seen[stem]++; seen[stem] > 1 {
			figures[i].Stem = fmt.Sprintf("%s-%d", stem, seen[stem])
		}
	}
}
