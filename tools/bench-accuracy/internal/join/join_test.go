package join

import (
	"math"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

const header = "request_id,choice,arrived_ns,token,tokens,due_ns,sent_ns,write_bytes\n"

func row(request int, chunks record.Chunks) record.Request {
	r := record.Request{Request: record.CountOf(request), ChunkS: chunks, Status: record.OK}
	r.Run, r.NumClients, r.Speed = "run", 8, 1
	return r
}

func TestErrorsOfOneRequest(t *testing.T) {
	truth, err := ReadTruth([]string{"-"}, strings.NewReader(header+
		"run-8c-0-0-3,0,1000000000,0,1,1100000000,1100200000,300\n"+
		"run-8c-0-0-3,0,1000000000,1,2,1110000000,1110000000,300\n"+
		"run-8c-0-0-4,0,1000000000,0,1,1100000000,1100000000,300\n"))
	if err != nil {
		t.Fatal(err)
	}
	var e Errors
	e.Add(truth, row(3, record.Chunks{{At: 0.1005, Tokens: 1}, {At: 0.1101, Tokens: 2}}))
	e.Add(truth, row(4, record.Chunks{{At: 0.1, Tokens: 2}}))
	e.Add(truth, row(5, record.Chunks{{At: 0.1, Tokens: 1}}))
	if e.Requests != 3 || e.Unmatched != 2 || e.Tokens != 3 {
		t.Errorf("%+v", e)
	}
	near := func(name string, got []float64, want float64) {
		if len(got) == 0 || math.Abs(got[0]-want) > 1e-9 {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	near("ttft error", e.TTFT, 0.0003)
	near("true ttft", e.TrueTTFT, 0.1002)
	near("gap error", e.Gap, 0.0002)
	near("true gap", e.TrueGap, 0.0098)
	near("gap", e.Gaps, 0.0096)
	near("late", e.Late, 0.0002)
}

func TestBadTruthLogs(t *testing.T) {
	for _, text := range []string{"", "a,b\n", header + "x,0,1,0,1,2\n", header + "x,0,1,0,1,2,much,3\n"} {
		if _, err := ReadTruth([]string{"-"}, strings.NewReader(text)); err == nil {
			t.Errorf("%q passed", text)
		}
	}
}

func FuzzReadTruth(f *testing.F) {
	f.Add(header + "run-8c-0-0-3,0,1000000000,0,1,1100000000,1100200000,300\n")
	f.Add("request_id,,arrived_ns,,tokens,due_ns,sent_ns,\n,,0,,,,,")
	f.Fuzz(func(t *testing.T, text string) {
		truth, err := ReadTruth([]string{"-"}, strings.NewReader(text))
		if err != nil {
			return
		}
		for id, sent := range truth {
			if len(sent.Events) == 0 {
				t.Errorf("%q has no event", id)
			}
		}
	})
}
