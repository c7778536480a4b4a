// Package source reads the requests of public sets, each format in a file of
// its own, which says where the format was seen.
package source

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// Format is one kind of public set.
type Format struct {
	// Name is how it is asked for, Holds says in a line what its files hold.
	Name, Holds string
	// columns of a CSV header, or keys of the first JSON object, tell it.
	columns, keys []string
	// BlockSize is the number of tokens per hash id, 0 where it
	// has none or where they say nothing of it.
	BlockSize int
	read      func(*input) error
}

// Formats are all that are known. Where two could be meant, the first is.
var Formats = []Format{bailian, mooncake, shareGPT, openAIMessages, vllmCustom, azure, burstGPT}

// Find returns the format of a name.
func Find(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fmt.Errorf("%q is not a format; the formats are %s", name, Names())
	}
	return Formats[i], nil
}

// Names lists the formats for messages.
func Names() string {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// Options are what a user decides.
type Options struct {
	// Name is the input's in messages.
	Name string
	// BytesPerToken estimates the tokens of answers that a set has as texts; 0
	// leaves their lengths open.
	BytesPerToken float64
	// Warn takes a message for each record that is skipped.
	Warn func(string)
}

// Tally is what was found beside the requests.
type Tally struct {
	Requests int
	// Skipped is how many records were skipped.
	Skipped int
	// Remarks are things that a reader of the result has to know.
	Remarks []string
}

// Read hands the requests of a set to emit in their order, with timestamps that
// count from the first. It stops at the first error of emit.
func (f Format) Read(from *bufio.Reader, o Options, emit func(workload.Request) error) (Tally, error) {
	in := &input{from: from, Options: o, emit: emit, longest: workload.MaxLine}
	err := f.read(in)
	if in.failed != nil {
		return in.tally(), in.failed
	}
	if err != nil {
		err = fmt.Errorf("reading %s: %w", o.Name, err)
	}
	return in.tally(), err
}

// input is what the readers of all formats share.
type input struct {
	Options
	from   *bufio.Reader
	emit   func(workload.Request) error
	failed error // of emit
	// longest is the most bytes of a record in a list.
	longest int

	first, last record.Seconds // timestamps in the set's own count
	requests    int
	skipped     int
	remarks     []remark
}

// remark is something that holds for so many requests.
type remark struct {
	what  string
	times int
}

// note counts a request of which something must be said.
func (in *input) note(what string) {
	i := slices.IndexFunc(in.remarks, func(r remark) bool { return r.what == what })
	if i < 0 {
		in.remarks = append(in.remarks, remark{what: what})
		i = len(in.remarks) - 1
	}
	in.remarks[i].times++
}

func (in *input) tally() Tally {
	t := Tally{Requests: in.requests, Skipped: in.skipped}
	for _, r := range in.remarks {
		t.Remarks = append(t.Remarks, fmt.Sprintf("%d of %d requests %s", r.times, in.requests, r.what))
	}
	return t
}

// skip counts a record that is not a request, or not one that can be repeated.
func (in *input) skip(place string, why error) {
	in.skipped++
	in.Warn(fmt.Sprintf("%s: %v", place, why))
}

// put hands the requests of one record on, all or none. Its error is the
// record's.
func (in *input) put(requests ...workload.Request) error {
	first, last := in.first, in.last
	for i := range requests {
		err := in.rebase(&requests[i])
		if err == nil {
			err = requests[i].Validate()
		}
		if err != nil {
			in.first, in.last = first, last
			return err
		}
	}
	for _, r := range requests {
		if in.failed = in.emit(r); in.failed != nil {
			return in.failed
		}
		in.requests++
	}
	return nil
}

// rebase has timestamps count from the first.
func (in *input) rebase(r *workload.Request) error {
	if !r.Timestamp.Known() {
		return nil
	}
	at := r.Timestamp.Float()
	if !in.first.Known() {
		in.first, in.last = r.Timestamp, r.Timestamp
	}
	since := at - in.first.Float()
	if since < 0 {
		return fmt.Errorf("its timestamp is %g s before that of the first record", -since)
	}
	if at < in.last.Float() {
		in.note("are earlier than the request before them")
	}
	in.last = r.Timestamp
	r.Timestamp = record.InSeconds(since)
	return nil
}

// estimate is the length of an answer that the set has as a text; 0 where
// nobody asked for an estimate.
func (in *input) estimate(bytes int) int {
	if in.BytesPerToken == 0 || bytes == 0 {
		return 0
	}
	in.note(fmt.Sprintf("have an output length that is estimated, at %g bytes per token", in.BytesPerToken))
	return int(math.Max(1, math.Round(float64(bytes)/in.BytesPerToken)))
}

// buffered is a reader with room for a look ahead.
func buffered(from io.Reader) *bufio.Reader { return bufio.NewReaderSize(from, 256<<10) }
