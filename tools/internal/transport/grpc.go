package transport

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Call is a gRPC call with one request message.
type Call struct {
	Method  string // such as /package.Service/Method
	ID      string // sent as x-request-id
	Message []byte // encoded
}

// GRPC is one HTTP/2 connection in the clear to a gRPC server, carrying one call
// at a time. It is for one goroutine. A library would read in a goroutine of its
// own, without timestamps; here the goroutine that calls also reads.
type GRPC struct {
	conn
	call     Call
	to       Listener
	stream   uint32 // of the call
	answer   grpcAnswer
	leaving  bool // the server takes no more calls on this connection
	messages messages

	out     *bufio.Writer
	frames  *http2.Framer
	headers *hpack.Encoder
	block   bytes.Buffer // what headers writes
	windows
}

// windows are what may still be sent, in bytes, and what was received since
// the server was last allowed to send as much again.
type windows struct {
	connection, ofStream, initial, frame int64
	received                             uint32
}

// HTTP/2's initial values, and the window that the server gets: whole answers,
// of which the largest that MII sends is 128 MB.
const (
	firstWindow = 1<<16 - 1
	firstFrame  = 1 << 14
	ourWindow   = 1 << 28
)

// Exchange makes a call and reads its answer; see HTTP.Exchange.
func (g *GRPC) Exchange(ctx context.Context, call Call, limit time.Duration, hold func() error, to Listener) (Sent, error) {
	g.call, g.to = call, to
	defer func() { g.call, g.to = Call{}, nil }()
	return g.exchange(ctx, limit, hold, g.attempt)
}

// open begins a connection. What it writes goes out with the first request.
func (g *GRPC) open() error {
	g.out = bufio.NewWriter(g.rw)
	g.frames = http2.NewFramer(g.out, g.rw)
	g.frames.SetReuseFrames()
	g.frames.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	g.headers = hpack.NewEncoder(&g.block)
	g.windows = windows{connection: firstWindow, initial: firstWindow, frame: firstFrame}
	g.stream, g.leaving = 0, false
	_, err := g.out.WriteString(http2.ClientPreface)
	return errors.Join(err,
		g.frames.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: ourWindow}),
		g.frames.WriteWindowUpdate(0, ourWindow-firstWindow))
}

func (g *GRPC) attempt(_ context.Context, start, _ time.Time) (keep bool, err error) {
	g.to.Begin(start)
	g.stream += 1 + g.stream%2 // 1, 3, 5
	g.answer, g.ofStream = grpcAnswer{}, g.initial
	g.messages.reset()
	whole, err := g.send()
	for err == nil && !g.answer.ended {
		err = g.next()
	}
	g.end = g.socket.Last().At
	if err != nil {
		return false, err
	}
	// A stream of which a part was not sent would stay open at the server.
	return whole && !g.leaving, g.answer.verdict()
}

// send writes the request, and waits where the windows allow no more. The
// server may end the stream before all of it has gone.
func (g *GRPC) send() (whole bool, err error) {
	if err := g.sendHeaders(); err != nil {
		return false, err
	}
	body := appendMessage(nil, g.call.Message)
	for len(body) > 0 {
		if g.answer.ended {
			return false, nil
		}
		n := min(int64(len(body)), g.frame, g.ofStream, g.connection)
		if n <= 0 {
			if err := g.next(); err != nil {
				return false, err
			}
			continue
		}
		if err := g.frames.WriteData(g.stream, n == int64(len(body)), body[:n]); err != nil {
			return false, err
		}
		g.ofStream, g.connection, body = g.ofStream-n, g.connection-n, body[n:]
	}
	return true, g.out.Flush()
}

func (g *GRPC) sendHeaders() error {
	own := g.endpoint.config.header()
	fields := [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", g.call.Method},
		{":authority", cmp.Or(own.Get("Host"), g.place.address.HostPort())},
		{"te", "trailers"}, {"content-type", "application/grpc"},
	}
	if g.call.ID != "" && own.Get("X-Request-Id") == "" {
		own.Set("X-Request-Id", g.call.ID)
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if name == "Host" || name == "Content-Type" || name == "Accept-Encoding" {
			continue
		}
		for _, value := range own[name] {
			fields = append(fields, [2]string{strings.ToLower(name), value})
		}
	}
	g.block.Reset()
	for _, field := range fields {
		if err := g.headers.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			return err
		}
	}
	return g.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: g.stream, BlockFragment: g.block.Bytes(), EndHeaders: true})
}
