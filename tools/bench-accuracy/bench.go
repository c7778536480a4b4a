package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"fastgenbench/tools/bench-accuracy/internal/trial"
)

// bench is what is measured and with what.
type bench struct {
	numClients         []int
	maxRate, totalRate float64
	chunk              int
	tokens             int // of an answer; 0 is what comes in three seconds
	bin, floor, keep   string
	peers, tokenizer   string
	names              []string // of the peers to run
	cores              trial.Cores
	cert               *certificate // nil is none: in the clear
	senders            int
	burst              bool
	runs               int
	patience           time.Duration // with a client that does not end
	warn, note         func(format string, args ...any)
	out                func(Row) error
}

// point is one number of streams.
type point struct {
	clients, requests, tokens int
	rate                      float64 // tokens per second and stream
	ttft                      string
	dir                       string
}

// point decides how fast and how long n streams run: at most the total rate, by
// default for about three seconds, and at least ten requests.
func (b *bench) point(n int) point {
	p := point{clients: n, requests: max(n, 10), rate: min(b.maxRate, b.totalRate/float64(n)), ttft: "500ms"}
	if n > 1000 {
		p.ttft = "3s" // all requests are read before the first token is due
	}
	if p.tokens = b.tokens; p.tokens == 0 {
		p.tokens = max(30, int(3*p.rate))
	}
	p.dir = filepath.Join(b.keep, strconv.Itoa(n))
	return p
}

// length is how long the tokens of an answer take.
func (p point) length() time.Duration {
	return time.Duration(float64(p.tokens) / p.rate * float64(time.Second)).Round(time.Second)
}

// clients are loadgen and whatever else is asked for.
func (b *bench) clients() []client {
	clients := []client{b.loadgen()}
	if b.floor != "" && b.cert == nil { // it speaks no TLS
		clients = append(clients, b.readerFloor())
	}
	for _, q := range peers {
		if slices.Contains(b.names, q.name) {
			clients = append(clients, q.client(b))
		}
	}
	return clients
}

// measure runs every client on every point. A peer that fails is reported and
// counted; loadgen may not fail.
func (b *bench) measure(ctx context.Context) (failed int, err error) {
	starts := map[string]trial.Usage{}
	for i := range len(b.numClients) * b.runs {
		n := b.numClients[i%len(b.numClients)]
		p := b.point(n)
		b.note("%d streams of %v tokens per second, %d requests of %d tokens", n, p.rate, p.requests, p.tokens)
		for _, c := range b.clients() {
			row, err := b.tryFrom(ctx, c, p, starts)
			switch {
			case ctx.Err() != nil:
				return failed, ctx.Err()
			case err == nil:
				if err := b.out(row); err != nil {
					return failed, err
				}
			case c.name == "loadgen":
				return failed, fmt.Errorf("%d streams: %w", n, err)
			default:
				failed++
				b.warn("%s, %d streams: %v", c.name, n, err)
			}
		}
	}
	return failed, nil
}

// tryFrom tries a client on a point, after its startup point if that is not
// known yet.
func (b *bench) tryFrom(ctx context.Context, c client, p point, starts map[string]trial.Usage) (Row, error) {
	start, known := starts[c.name]
	if !known {
		idle := startup
		idle.dir = filepath.Join(b.keep, "startup")
		var err error
		if _, start, err = b.run(ctx, c, idle); err != nil {
			return Row{}, fmt.Errorf("one request: %w", err)
		}
		starts[c.name] = start
	}
	return b.try(ctx, c, p, start)
}
