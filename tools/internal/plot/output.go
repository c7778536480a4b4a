package plot

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
)

// onOneSheet is the most figures that stdout takes, side by side.
const onOneSheet = 16

// picture is one figure or a sheet of them.
type picture interface {
	PNG(io.Writer) error
	SVG(io.Writer) error
	String() string
}

// fits reports that stdout cannot take so many figures.
func (o options) fits(figures []Named) error {
	if n := len(figures); n > onOneSheet && o.outDir == "" {
		return cmdline.WithHint(cmdline.Usagef("the rows make %d figures, and stdout takes %d on one sheet", n, onOneSheet),
			"give --out-dir DIR for one file each, or select rows before this tool")
	}
	return nil
}

// write puts the figures on stdout, several on one sheet, or each into a file
// of its own.
func (o options) write(figures []Named, std *cmdline.Std) error {
	if o.outDir == "" {
		drawn, err := o.render(sheet(figures))
		if err != nil {
			return err
		}
		_, err = std.Out.Write(drawn)
		return err
	}
	if err := os.MkdirAll(o.outDir, 0o755); err != nil {
		return err
	}
	if err := o.writeFiles(figures); err != nil {
		return err
	}
	std.Notef("%s in %s", count(len(figures), "figure"), o.outDir)
	return nil
}

// writeFiles draws as many figures at a time as there are processors. The error
// is the first figure's that has one.
func (o options) writeFiles(figures []Named) error {
	failures := make([]error, len(figures))
	next := atomic.Int64{}
	var drawing sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		drawing.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(figures); i = next.Add(1) - 1 {
				failures[i] = o.writeFile(figures[i])
			}
		})
	}
	drawing.Wait()
	return cmp.Or(failures...)
}

func (o options) writeFile(one Named) error {
	drawn, err := o.render(one.Figure)
	if err != nil {
		return fmt.Errorf("drawing %s: %w", one.Stem, err)
	}
	return writeWhole(filepath.Join(o.outDir, one.Stem+"."+o.format), drawn)
}

// sheet is the one figure, or all of them on one picture.
func sheet(figures []Named) picture {
	if len(figures) == 1 {
		return figures[0].Figure
	}
	var all chart.Sheet
	for _, one := range figures {
		all = append(all, one.Figure)
	}
	return all
}

// render draws in memory first: a figure that cannot be drawn leaves nothing
// behind.
func (o options) render(p picture) ([]byte, error) {
	var out bytes.Buffer
	var err error
	switch o.format {
	case "png":
		err = p.PNG(&out)
	case "svg":
		err = p.SVG(&out)
	default:
		out.WriteString(p.String())
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
