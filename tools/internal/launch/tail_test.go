package launch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func logOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFirstError(t *testing.T) {
	log := logOf(t, "INFO loading\nWARNING: this can cause OSError: [Errno 24]\n\x1b[31mValueError: 3 GB are not 4 GB\x1b[0m\nTraceback\nRuntimeError: see the root cause above\n")
	if got := FirstError(log); got != "ValueError: 3 GB are not 4 GB" {
		t.Errorf("first error %q", got)
	}
	if got := FirstError(filepath.Join(t.TempDir(), "absent")); got != "" {
		t.Errorf("of no file: %q", got)
	}
}

func TestTail(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"a\nb\nc", []string{"b", "c"}},
		{"a\n\n \nb\n\n", []string{"a", "b"}},
		{"10%\r50%\r100%\n", []string{"50%", "100%"}},
		{"\x1b[1mbold\x1b[0m\x07 bell\n", []string{"bold  bell"}},
		{strings.Repeat("x", 1000), []string{strings.Repeat("x", longestRow) + "..."}},
		{strings.Repeat("half ", tailWindow) + "\nlast\n", []string{"last"}},
	} {
		if got := Tail(logOf(t, c.text), 2); !slices.Equal(got, c.want) {
			t.Errorf("%.40q: %q", c.text, got)
		}
	}
	if got := Tail(filepath.Join(t.TempDir(), "absent"), 2); got != nil {
		t.Errorf("of no file: %q", got)
	}
}

func FuzzTidy(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m\x00\xff")
	f.Add(strings.Repeat("0", longestRow+1))
	f.Fuzz(func(t *testing.T, line string) {
		if got := tidy(line); strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(got) > longestRow+3 {
			t.Errorf("%q became %q", line, got)
		}
	})
}
