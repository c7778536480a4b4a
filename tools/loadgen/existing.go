package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// left are the points that have no file yet, all when rows go to standard
// output or files are to be overwritten. A file counts for its point only when
// its rows are of the same server, load and settings.
func (o *options) left(points []point, std *cmdline.Std) ([]point, error) {
	if o.outDir == "" || o.overwrite {
		return points, nil
	}
	var left []point
	var top ceiling
	top.limit = o.earlyStop
	for _, p := range points {
		switch _, err := os.Stat(p.file); {
		case errors.Is(err, fs.ErrNotExist):
			left = append(left, p)
		case err != nil:
			return nil, err
		default:
			latency, err := o.measured(p)
			if err != nil {
				return nil, cmdline.WithHint(err, "give another --out-dir, or measure again with --overwrite")
			}
			top.saw(p, latency)
		}
	}
	if existing := len(points) - len(left); existing > 0 && !o.pending {
		std.Notef("%d of %d points exist in %s and are not measured again", existing, len(points), o.outDir)
	}
	under := top.under(left)
	if above := len(left) - len(under); above > 0 && !o.pending {
		std.Notef("%d points are skipped: the mean latency of smaller loads was above --early-stop-latency %g", above, o.earlyStop)
	}
	return under, nil
}

// measured returns the mean latency of a point whose file holds what would be
// measured, and an error where it does not.
func (o *options) measured(p point) (mean, error) {
	in := csvio.NewReader[record.Request]([]string{p.file}, nil, func(string) {})
	latency, differs := o.difference(p, in)
	switch {
	case in.Err() != nil:
		return mean{}, in.Err()
	case differs != nil:
		return mean{}, fmt.Errorf("%s was measured with other settings: %w", p.file, differs)
	}
	return latency, nil
}

// difference reports in what rows differ from what the point would be measured
// with. The seed shows in the lengths that it draws.
func (o *options) difference(p point, in *csvio.Reader[record.Request]) (latency mean, err error) {
	rows, streamed, failed := 0, false, false
	var cut sameSum
	for in.Scan() {
		row := in.Row()
		if err := sameKey(row.Key, p.key); err != nil {
			return latency, err
		}
		failed = failed || row.Status != record.OK
		if p.schedule != nil { // whose name and lengths are in the key
			latency.add(row)
			rows++
			streamed = streamed || len(row.ChunkS) > 0
			continue
		}
		asked := p.draws.Size(row.Request.Int())
		if n := row.MaxNewTokens; n.Known() && n.Int() != asked.New && !cut.add(row, asked.New) {
			return latency, fmt.Errorf("its request %d asked for %d tokens, now for %d: another --seed, or other lengths", row.Request.Int(), n.Int(), asked.New)
		}
		latency.add(row)
		rows++
		streamed = streamed || len(row.ChunkS) > 0
	}
	switch {
	case p.requests != unlimited && o.duration == 0 && rows != p.requests && !(failed && rows < p.requests): // sessions end with a turn that fails
		return latency, fmt.Errorf("it has %d requests, now there are %d", rows, p.requests)
	case streamed != o.stream && rows > 0:
		return latency, fmt.Errorf("its requests were streamed: %v, now: %v", streamed, o.stream)
	}
	return latency, nil
}

// sameSum accepts generations that gave way to a server's context: they are
// shorter than drawn, and prompt and generation together equally long.
type sameSum int

func (s *sameSum) add(row record.Request, drawn int) bool {
	sum := sameSum(row.AskedPromptTokens.Int() + row.MaxNewTokens.Int())
	if row.MaxNewTokens.Int() > drawn || !row.AskedPromptTokens.Known() || *s != 0 && *s != sum {
		return false
	}
	*s = sum
	return true
}

// sameKey compares what a file says of its server and load with the point's;
// what one of them leaves open is not a difference. Runs differ always.
func sameKey(was, now record.Key) error {
	for _, one := range []struct {
		name     string
		was, now any
		open     bool
	}{
		{"backend", was.Backend, now.Backend, false},
		{"model", was.Model, now.Model, false},
		{"engine", was.Engine, now.Engine, was.Engine == "" || now.Engine == ""},
		{"hardware", was.Hardware, now.Hardware, was.Hardware == "" || now.Hardware == ""},
		{"speed", was.Speed, now.Speed, now.Engine == ""},
		{"tp_size", was.TPSize, now.TPSize, false},
		{"num_replicas", was.NumReplicas, now.NumReplicas, false},
		{"max_ragged_batch_size", was.MaxRaggedBatchSize, now.MaxRaggedBatchSize, was.MaxRaggedBatchSize == 0 || now.MaxRaggedBatchSize == 0},
		{"the load", was.LoadKey, now.LoadKey, false},
	} {
		if !one.open && one.was != one.now {
			return fmt.Errorf("its %s is %v, now it is %v", one.name, one.was, one.now)
		}
	}
	return nil
}

// printPending prints what is left of the sweep, a line per point.
func (o *options) printPending(std *cmdline.Std) error {
	server := o.given
	if !o.hasURL() && server.Model == "" { // serve-launch's server, by its defaults
		server.Model = "meta-llama/Llama-2-7b-hf"
	}
	points, err := o.points(server)
	if err != nil {
		return err
	}
	left, err := o.left(points, std)
	if err != nil {
		return err
	}
	for _, p := range left {
		if _, err := fmt.Fprintln(std.Out, p.file); err != nil {
			return err
		}
	}
	return nil
}
