// Package digest sums up a workload: its rate, its lengths, its sessions, and how
// much of its prompts a cache could hold.
package digest

import (
	"math"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// Digest takes requests one after the other. It keeps no request, but counts of
// each length, one entry for each block and each session that it has seen, and the
// arrivals in at most 160 stretches of time.
type Digest struct {
	requests        int
	texts, messages int
	lengths, output counts
	arrivals        arrivals
	reuse           reuse
	sessions        sessions
}

// New returns an empty Digest for hash ids that stand for so many tokens.
func New(blockSize int) *Digest {
	return &Digest{
		lengths: counts{}, output: counts{}, arrivals: arrivals{width: 1},
		reuse: reuse{size: blockSize, seen: map[uint64]int32{}}, sessions: sessions{turns: map[uint64]int{}, delays: counts{}},
	}
}

// Add takes one request.
func (d *Digest) Add(r workload.Request) {
	d.requests++
	switch {
	case r.Text != "":
		d.texts++
	case r.Messages != nil:
		d.messages++
	default:
		d.lengths.add(r.InputLength)
	}
	if r.OutputLength > 0 {
		d.output.add(r.OutputLength)
	}
	cached := d.reuse.add(r)
	d.arrivals.add(r, cached)
	d.sessions.add(r)
}

// Row is the summary. What is not known of a workload is absent.
func (d *Digest) Row(name string) Row {
	row := Row{
		Workload: record.Text(record.Clean(name)), Requests: d.requests,
		Texts: d.texts, Messages: d.messages, OutOfOrder: d.arrivals.late,
	}
	in, out := d.lengths.distribution(1), d.output.distribution(1)
	row.InputMean, row.InputP50, row.InputP90, row.InputP99, row.InputMax = rate(in.mean), whole(in.p50), whole(in.p90), whole(in.p99), whole(in.max)
	row.OutputMean, row.OutputP50, row.OutputP90, row.OutputP99, row.OutputMax = rate(out.mean), whole(out.p50), whole(out.p90), whole(out.p99), whole(out.max)
	d.arrivals.describe(&row)
	d.reuse.describe(&row)
	d.sessions.describe(&row)
	return row
}

func rate(v float64) record.Rate { return record.RateOf(v) }

// whole is a count, absent where v is not a number.
func whole(v float64) record.Count {
	if math.IsNaN(v) {
		return record.Count{}
	}
	return record.CountOf(int(math.Round(v)))
}
