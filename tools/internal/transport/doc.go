// Package transport is connections to a server: addresses, TLS, proxies,
// redirects, HTTP/1.1, and HTTP/2 frames for gRPC. Each connection carries one
// request at a time. An answer is read and parsed by a loop of package stamp, or by
// the goroutine that sent the request, so nothing comes between a read, with
// its timestamp, and whoever listens.
package transport

import (
	"net/http"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// Listener takes an answer as it comes.
type Listener interface {
	// Begin is called just before the first byte of a request is written, and
	// again before it is sent a second time: what came before does not count.
	Begin(start time.Time)
	// Body takes the next bytes of the body over HTTP, or one whole message over
	// gRPC, with the arrival of the read that completed them. The bytes are valid
	// until it returns; its error ends the exchange.
	Body(p []byte, at stamp.Arrival) error
	// Warm is stamp.Taker's, for what Body will use.
	Warm() int
}

// Sent is what is known of a request besides its answer. Zero is not known.
type Sent struct {
	// Start is just before the first byte was written.
	Start time.Time
	// Connected says that the request needed a new connection, and Connect how
	// long that took: TCP, proxy and TLS.
	Connected bool
	Connect   time.Duration
	// Attempts counts how often it was sent; 0 when hold called it off.
	Attempts int
	// Resent says that it was sent twice, and Retry how long after Start.
	Resent bool
	Retry  time.Duration
	// End is the arrival of the last bytes of an answer that was read to its end.
	End time.Time
	// Header is that of the answer over HTTP, nil when none came.
	Header http.Header
}
