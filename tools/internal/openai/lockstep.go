package openai

// The routes, all POST, by which a load moves a simulated server's virtual
// time. A server that has them says so in Version.Lockstep.
const (
	// PathLockstepBegin takes a LockstepLoad and answers with a LockstepNow of 0.
	PathLockstepBegin = "/lockstep/begin"
	// PathLockstepAdvance takes a LockstepStep and answers with a LockstepNow.
	PathLockstepAdvance = "/lockstep/advance"
	// PathLockstepEnd takes a LockstepLoad.
	PathLockstepEnd = "/lockstep/end"
)

// The headers of a load's requests and of their answers. Times are virtual
// seconds, as strconv.FormatFloat(t, 'g', -1, 64) writes them.
const (
	// HeaderLockstepLoad is the load that a request belongs to.
	HeaderLockstepLoad = "Lockstep-Load"
	// HeaderLockstepSent is when the request was sent.
	HeaderLockstepSent = "Lockstep-Sent"
	// HeaderLockstepOrder is a whole number: of requests that were sent at one
	// instant, the one with the lower number came first.
	HeaderLockstepOrder = "Lockstep-Order"
	// HeaderLockstepTime is when an answer that is not streamed ended.
	HeaderLockstepTime = "Lockstep-Time"
)

// LockstepStamp begins the comment line in front of each event of a stream;
// the virtual time of the event follows.
const LockstepStamp = ":t="

// LockstepLoad names a load.
type LockstepLoad struct {
	Load string `json:"load"`
}

// LockstepStep asks for virtual time to move on, to the first instant at which
// a request of the load ends.
type LockstepStep struct {
	Load string `json:"load"`
	// Until is the latest instant to move to, in virtual seconds; nil is no limit.
	Until *float64 `json:"until,omitempty"`
	// Sent is how many requests the load has sent in all.
	Sent int `json:"sent"`
	// Cancelled are the X-Request-Ids that were given up since the last step.
	Cancelled []string `json:"cancelled,omitempty"`
	// Flush asks for the events that streams hold back, and not for a move.
	Flush bool `json:"flush,omitempty"`
}

// LockstepNow says where virtual time stands.
type LockstepNow struct {
	// Now is in virtual seconds since the load began.
	Now float64 `json:"now"`
	// Ended is how many requests of the load have ended in all, Events how many
	// events of streams have been written.
	Ended  int `json:"ended"`
	Events int `json:"events"`
}
