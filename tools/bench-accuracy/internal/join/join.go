package join

import (
	"math"

	"fastgenbench/tools/internal/record"
)

// Errors are the differences between report and truth over many requests. All
// lists are in seconds. Errors are absolute values.
type Errors struct {
	Requests, Tokens int
	// Unmatched counts rows that failed, that the server knows nothing of, or
	// whose messages are not the server's.
	Unmatched int
	TTFT, Gap []float64 // errors
	// TrueTTFT and TrueGap are what was sent, TTFTs and Gaps what was reported.
	TrueTTFT, TrueGap []float64
	TTFTs, Gaps       []float64
	// Late is how late the server itself sent each event.
	Late []float64
}

// Add compares one row. The row's times must be wall seconds: speed 1.
func (e *Errors) Add(truth Truth, r record.Request) {
	sent := truth[r.RequestID(r.Request.Int())]
	e.Requests++
	if sent == nil || r.Status != record.OK || r.Speed != 1 || !sameMessages(r.ChunkS, sent.Events) {
		e.Unmatched++
		return
	}
	for i, event := range sent.Events {
		e.Tokens += event.Tokens
		e.Late = append(e.Late, float64(event.SentNS-event.DueNS)/1e9)
		reported := r.ChunkS[i].At
		if i == 0 {
			e.note(&e.TTFT, &e.TrueTTFT, &e.TTFTs, float64(event.SentNS-sent.ArrivedNS)/1e9, reported)
			continue
		}
		before := sent.Events[i-1]
		e.note(&e.Gap, &e.TrueGap, &e.Gaps, float64(event.SentNS-before.SentNS)/1e9, reported-r.ChunkS[i-1].At)
	}
}

// AddTruth counts a request that has no row, if it has so many tokens.
func (e *Errors) AddTruth(sent *Sent, tokens int) {
	total := 0
	for _, event := range sent.Events {
		total += event.Tokens
	}
	if total != tokens {
		return
	}
	e.Requests++
	e.Tokens += total
	e.TrueTTFT = append(e.TrueTTFT, float64(sent.Events[0].SentNS-sent.ArrivedNS)/1e9)
	for i, event := range sent.Events {
		e.Late = append(e.Late, float64(event.SentNS-event.DueNS)/1e9)
		if i > 0 {
			e.TrueGap = append(e.TrueGap, float64(event.SentNS-sent.Events[i-1].SentNS)/1e9)
		}
	}
}

func (e *Errors) note(errors, truths, reports *[]float64, truth, report float64) {
	*errors = append(*errors, math.Abs(report-truth))
	*truths = append(*truths, truth)
	*reports = append(*reports, report)
}

// sameMessages reports whether the client saw the server's messages: as many,
// each with as many tokens.
func sameMessages(seen record.Chunks, sent []Event) bool {
	if len(seen) != len(sent) || len(sent) == 0 {
		return false
	}
	for i := range seen {
		if seen[i].Tokens != sent[i].Tokens {
			return false
		}
	}
	return true
}
