package workload

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"fastgenbench/tools/internal/record"
)

// Writer writes requests, one per line, under the canonical names.
type Writer struct {
	out  *bufio.Writer
	line []byte
}

// NewWriter writes to a buffer of its own: Flush must follow.
func NewWriter(to io.Writer) *Writer { return &Writer{out: bufio.NewWriterSize(to, 64<<10)} }

// Write writes one request. A request that no Reader would take is an error.
// Times are written to the microsecond.
func (w *Writer) Write(r Request) error {
	if err := r.Validate(); err != nil {
		return err
	}
	w.line = append(w.line[:0], '{')
	w.time("timestamp", r.Timestamp)
	w.text("session_id", r.Session)
	w.time("delay", r.Delay)
	w.count("input_length", r.InputLength)
	w.text("text_input", r.Text)
	if r.Delta {
		w.text("message_mode", "delta")
	}
	if err := w.values(r); err != nil {
		return err
	}
	w.count("output_length", r.OutputLength)
	w.ids(r.HashIDs)
	w.line = append(w.line, '}', '\n')
	_, err := w.out.Write(w.line)
	return err
}

// Flush writes what is buffered.
func (w *Writer) Flush() error { return w.out.Flush() }

func (w *Writer) key(name string) {
	if len(w.line) > 1 {
		w.line = append(w.line, ", "...)
	}
	w.line = append(w.line, '"')
	w.line = append(w.line, name...)
	w.line = append(w.line, `": `...)
}

func (w *Writer) time(name string, s record.Seconds) {
	if s.Known() {
		w.key(name)
		w.line = strconv.AppendFloat(w.line, math.Round(s.Float()*1e6)/1e3, 'f', -1, 64)
	}
}

func (w *Writer) count(name string, n int) {
	if n > 0 {
		w.key(name)
		w.line = strconv.AppendInt(w.line, int64(n), 10)
	}
}

func (w *Writer) text(name, text string) {
	if text != "" {
		w.key(name)
		w.line = append(w.line, quote(text)...)
	}
}

// quote is text as JSON, with < and & as they are.
func quote(text string) []byte {
	var to bytes.Buffer
	e := json.NewEncoder(&to)
	e.SetEscapeHTML(false)
	e.Encode(text) // neither text nor a buffer fails
	return bytes.TrimSpace(to.Bytes())
}

func (w *Writer) values(r Request) error {
	for _, one := range []struct {
		name string
		json json.RawMessage
	}{{"messages", r.Messages}, {"tools", r.Tools}, {"extra", r.Extra}} {
		if one.json == nil {
			continue
		}
		w.key(one.name)
		to := bytes.NewBuffer(w.line)
		if err := json.Compact(to, one.json); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		w.line = to.Bytes()
	}
	return nil
}

func (w *Writer) ids(ids []uint64) {
	if len(ids) == 0 {
		return
	}
	w.key("hash_ids")
	for i, id := range ids {
		w.line = append(w.line, ", "[:min(2, 2*i)]...)
		if i == 0 {
			w.line = append(w.line, '[')
		}
		w.line = strconv.AppendUint(w.line, id, 10)
	}
	w.line = append(w.line, ']')
}
