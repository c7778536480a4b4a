package serve

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is a way in which a server goes wrong, for testing clients.
type Fault string

// The faults. All but Refuse strike when half of the tokens are out.
const (
	// Refuse closes the connection without any answer.
	Refuse Fault = "refuse"
	// Die closes the connection in the middle of the answer.
	Die Fault = "die-mid-stream"
	// Garbage sends an event, or a body, that is not JSON.
	Garbage Fault = "garbage"
	// Hang stops sending and keeps the connection open.
	Hang Fault = "stall"
	// ErrorEvent sends an error object inside the stream, or status 500.
	ErrorEvent Fault = "error-in-stream"
	// NoDone ends the stream without its end mark.
	NoDone Fault = "no-done"
)

// allFaults is every fault, in the order of the documentation.
var allFaults = []Fault{Refuse, Die, Garbage, Hang, ErrorEvent, NoDone}

// Faults says which requests go wrong and how. The zero value is none.
type Faults struct {
	// Kinds are taken in turn.
	Kinds []Fault
	// Rate is the share of requests that go wrong, 0 to 1.
	Rate float64
}

// ParseFaults reads names of faults.
func ParseFaults(names []string, rate float64) (Faults, error) {
	f := Faults{Rate: rate}
	if !(rate >= 0 && rate <= 1) {
		return f, fmt.Errorf("a fault rate of %v is not between 0 and 1", rate)
	}
	for _, name := range names {
		if !slices.Contains(allFaults, Fault(name)) {
			return f, fmt.Errorf("there is no fault %q, only %s", name, strings.Join(FaultNames(), ", "))
		}
		f.Kinds = append(f.Kinds, Fault(name))
	}
	return f, nil
}

// FaultNames lists the faults.
func FaultNames() []string {
	names := make([]string, len(allFaults))
	for i, f := range allFaults {
		names[i] = string(f)
	}
	return names
}

// of returns the fault of request number n, from 1, "" for none. The faulty
// ones are spread evenly: every tenth at a rate of 0.1.
func (f Faults) of(n uint64) Fault {
	if len(f.Kinds) == 0 {
		return ""
	}
	before, now := uint64(float64(n-1)*f.Rate), uint64(float64(n)*f.Rate)
	if now == before {
		return ""
	}
	return f.Kinds[before%uint64(len(f.Kinds))]
}

// How an answer went wrong on purpose.
var (
	errDied     = errors.New("the connection is closed on purpose")
	errInjected = errors.New("this error is injected by --fault")
)

// garbage is an event that is not JSON, and a body that is not.
const garbage = "data: {\"choices\": garbage\x00\xff\n\n"
