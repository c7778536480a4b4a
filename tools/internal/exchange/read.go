package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Point is one measured point of somebody's file.
type Point struct {
	// Summary has the key, and the figures that the file itself states.
	Summary record.Summary
	// Stated reports whether the file states figures: some have requests alone.
	Stated bool
	// Requests are the rows of its requests, none where the file does not say
	// when each began.
	Requests []record.Request
	// Notes are what a reader of the rows has to know beyond them.
	Notes []string
}

// Asked is what a user says about a file.
type Asked struct {
	// Format is one of Formats, "" to find out.
	Format string
	// Key has what the file does not know, or knows wrongly; a cell that is empty
	// or 0 leaves what the file says.
	Key record.Key
}

// format is one kind of result file.
type format struct {
	name string
	what string // for people
	// keys are those that every document of it has.
	keys [][]string
	// read makes a point of one document.
	read func(*fields) (Point, error)
	// join, where it is given, makes one point of all documents of a file.
	join func([]Point) Point
}

var formats = []format{
	{"vllm", "vllm bench serve, and collect json", [][]string{{"model_id", "request_throughput"}}, readVLLM, nil},
	{"sglang", "SGLang's bench_serving", [][]string{{"total_throughput", "mean_e2e_latency_ms"}}, readSGLang, nil},
	{"aiperf", "AIPerf's profile_export_aiperf.json", [][]string{{"request_latency", "input_config"}, {"request_latency", "aiperf_version"}}, readAIPerf, nil},
	{"aiperf-records", "AIPerf's profile_export.jsonl", [][]string{{"metadata", "metrics"}}, readAIPerfRecord, joinRequests},
	{"fastgen", "the original suite's run_benchmark.py", [][]string{{"args", "response_details"}}, readFastGen, nil},
}

// Formats are the names of what can be read, and what they are.
func Formats() (names, descriptions []string) {
	for _, f := range formats {
		names, descriptions = append(names, f.name), append(descriptions, f.what)
	}
	return names, descriptions
}

// maxFile bounds a file: all of it is in memory.
const maxFile = 4 << 30

// Read returns the points of one file of JSON documents, in their order. A
// document or a request that is invalid is reported to warn with its place, and left
// out; dropped is how many were. What is not such a file is an error.
func Read(in io.Reader, asked Asked, warn func(string)) (points []Point, dropped int, err error) {
	text, err := io.ReadAll(io.LimitReader(in, maxFile))
	if err != nil {
		return nil, 0, err
	}
	documents, broken := split(text)
	if broken != nil && len(documents) == 0 {
		return nil, 0, broken
	}
	if broken != nil {
		warn(broken.Error())
		dropped++
	}
	var join func([]Point) Point
	for i, document := range documents {
		f, point, err := readOne(document, asked)
		if err != nil {
			warn(fmt.Sprintf("document %d: %v", i+1, err))
			dropped++
			continue
		}
		join = f.join
		points = append(points, point)
	}
	if join != nil && len(points) > 0 {
		points = []Point{join(points)}
	}
	points, more := settle(points, asked.Key, warn)
	return points, dropped + more, nil
}

// readOne makes a point of a document.
func readOne(document json.RawMessage, asked Asked) (format, Point, error) {
	f, err := object(document)
	if err != nil {
		return format{}, Point{}, err
	}
	kind, err := formatOf(f, asked.Format)
	if err != nil {
		return kind, Point{}, err
	}
	point, err := kind.read(f)
	if err == nil {
		err = f.fault
	}
	return kind, point, err
}

// formatOf finds a document's format by its keys, or takes the one asked for.
func formatOf(f *fields, asked string) (format, error) {
	for _, one := range formats {
		if asked == one.name || asked == "" && slices.ContainsFunc(one.keys, f.hasAll) {
			return one, nil
		}
	}
	names, _ := Formats()
	return format{}, fmt.Errorf("its keys are those of none of %s: %.60s", strings.Join(names, ", "), strings.Join(f.keys(), " "))
}

// split cuts a text into its JSON documents: one or several, one after the
// other or in a list. Documents in front of a fault are good.
func split(text []byte) ([]json.RawMessage, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	in := json.NewDecoder(bytes.NewReader(plainJSON(text)))
	var all []json.RawMessage
	for {
		var one json.RawMessage
		switch err := in.Decode(&one); {
		case err == io.EOF && len(all) == 0:
			return nil, errors.New("the input is empty")
		case err == io.EOF:
			return all, nil
		case err != nil:
			return all, fmt.Errorf("line %d: not JSON: %w", 1+bytes.Count(text[:min(int(in.InputOffset()), len(text))], []byte("\n")), err)
		}
		var list []json.RawMessage
		if one[0] == '[' && json.Unmarshal(one, &list) == nil {
			all = append(all, list...)
		} else {
			all = append(all, one)
		}
	}
}

// plainJSON writes the three words that Python's json module writes and JSON
// does not have as texts: NaN, Infinity, -Infinity.
func plainJSON(text []byte) []byte {
	if !bytes.Contains(text, []byte("Infinity")) && !bytes.Contains(text, []byte("NaN")) {
		return text
	}
	var out bytes.Buffer
	quoted := false
	for i := 0; i < len(text); i++ {
		switch word := pythonWord(text[i:]); {
		case quoted && text[i] == '\\' && i+1 < len(text):
			out.WriteByte(text[i])
			i++
		case text[i] == '"':
			quoted = !quoted
		case !quoted && word != "":
			out.WriteString(`"` + word + `"`)
			i += len(word) - 1
			continue
		}
		out.WriteByte(text[i])
	}
	return out.Bytes()
}

func pythonWord(text []byte) string {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(text, []byte(word)) {
			return word
		}
	}
	return ""
}
