package metrics

import "fastgenbench/tools/internal/record"

// Details aggregates requests into points that keep their requests, for what
// is made of both. It needs the memory of the rows on top of a Summary's.
type Details struct{ Points }

// Detail is one point: its summary, and its requests by start, each once.
type Detail struct {
	Summary  record.Summary
	Requests []record.Request
}

// Add takes one request row.
func (d *Details) Add(row record.Request) {
	r := newRequest(row)
	r.row = &row
	d.add(row.Key, r)
}

// Rows returns the points, sorted by key.
func (d *Details) Rows() []Detail {
	var all []Detail
	for _, p := range d.sorted() {
		one := Detail{Summary: summarize(p)}
		for _, r := range p.requests {
			one.Requests = append(one.Requests, *r.row)
		}
		all = append(all, one)
	}
	return all
}
