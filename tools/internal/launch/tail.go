package launch

import (
	"bufio"
	"io"
	"os"
	"regexp"
	"strings"
)

// anError is how Python programs, which most engines are, tell what was wrong.
var anError = regexp.MustCompile(`[A-Z][A-Za-z]*(Error|Exception): .`)

// FirstError returns the log's first line that tells an error, "" when none
// does. An engine of several processes ends in long traces whose last lines
// only say that another one failed; the cause stands where it was first told.
func FirstError(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if anError.Match(lines.Bytes()) {
			return strings.TrimSpace(lines.Text())
		}
	}
	return ""
}

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
