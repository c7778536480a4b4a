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

// aWarning is a line of which the engine itself says that it is not an error,
// though it may tell of one that could come.
var aWarning = regexp.MustCompile(`\b(DEBUG|INFO|WARN|WARNING)\b`)

// escape is what a log has for a terminal: colours and moves of the cursor.
var escape = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

const (
	tailWindow = 16 << 10 // bytes of a log's end that are looked at
	searchedTo = 64 << 20 // bytes of a log's beginning that are searched
	longestRow = 400      // bytes of a line that are shown
)

// FirstError returns the log's first line with an error, "" when none
// does. An engine of several processes ends in long traces whose last lines
// only say that another one failed; the first one has the cause.
func FirstError(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(io.LimitReader(file, searchedTo))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if anError.Match(lines.Bytes()) && !aWarning.Match(lines.Bytes()) {
			return tidy(lines.Text())
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
	whole := true
	if end, err := file.Seek(0, io.SeekEnd); err == nil {
		whole = end <= tailWindow
		_, _ = file.Seek(max(0, end-tailWindow), io.SeekStart) // a failure shows in the read
	}
	text, err := io.ReadAll(io.LimitReader(file, tailWindow))
	if err != nil {
		return nil
	}
	var lines []string
	for i, line := range strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = tidy(line); line != "" && (whole || i > 0) { // the first is half a line
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}

// tidy makes a line of a log safe to print.
func tidy(line string) string {
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, escape.ReplaceAllString(line, ""))
	if len(line) > longestRow {
		line = strings.ToValidUTF8(line[:longestRow], "") + "..."
	}
	return strings.TrimRight(line, " ")
}
