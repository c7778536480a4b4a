package source

import (
	"errors"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// burstGPT is the format of BurstGPT. Seen on 2026-11-26: the page of
// HPMLL/BurstGPT, which names the columns Timestamp (seconds since the first day
// began), Model, Request tokens, Response tokens, Total tokens and Log Type, and
// says that failed requests have 0 response tokens. The files themselves lie in
// Git LFS and were not seen. Release v2.0 has two columns more, Session ID and
// Elapsed time (seconds until the answer), as others quote it.
var burstGPT = Format{
	Name: "burstgpt", Holds: "CSV: BurstGPT, Timestamp,[Session ID,Elapsed time,]Model,Request tokens,Response tokens,...",
	columns: []string{"timestamp", "request tokens", "response tokens"},
	read:    readBurstGPT,
}

// readBurstGPT keeps, for each session, when its last answer ended: the time from
// there to the next request is what its user thought.
func readBurstGPT(in *input) error {
	ends := map[string]float64{}
	return in.eachRow([]string{"Timestamp", "Request tokens", "Response tokens", "Session ID?", "Elapsed time?"}, func(cells []string) error {
		at, err := seconds("Timestamp", cells[0])
		if err != nil {
			return err
		}
		one := workload.Request{Timestamp: record.InSeconds(at), Session: cells[3]}
		if one.InputLength, err = tokens("Request tokens", cells[1]); err != nil {
			return err
		}
		if cells[2] == "0" || cells[2] == "0.0" {
			return errors.New("0 response tokens: the request failed")
		}
		if one.OutputLength, err = tokens("Response tokens", cells[2]); err != nil {
			return err
		}
		if one.Session != "" && cells[4] != "" {
			elapsed, err := seconds("Elapsed time", cells[4])
			if err != nil {
				return err
			}
			one.Delay = in.thought(ends, one.Session, at)
			ends[one.Session] = at + elapsed
		}
		return in.put(one)
	})
}

// thought is the time between the end of a session's last answer and its next
// request, absent for the first.
func (in *input) thought(ends map[string]float64, session string, at float64) record.Seconds {
	end, known := ends[session]
	switch {
	case !known:
		return record.Seconds{}
	case at < end:
		in.note("were sent before the previous answer of their session had ended: their delay is 0")
		return record.InSeconds(0)
	}
	return record.InSeconds(at - end)
}
