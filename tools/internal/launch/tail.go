package launch

import (
	"io"
	"os"
	"strings"
)

// Tail returns the last lines of a log, at most n of them, blank ones left out.
func Tail(path string, n int) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	const window = 16 << 10
	if end, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, end-window), io.SeekStart) // a failure shows in the read
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil
	}
	lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
	return lines[max(0, len(lines)-n):]
}
