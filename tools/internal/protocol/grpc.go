package protocol

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/stamp"
)

// grpcCall is a call with one request message.
type grpcCall struct {
	method, id string
	message    []byte
}

// grpcListener hears the messages of an answer.
type grpcListener interface {
	// begin says when the first byte is about to be written.
	begin(start time.Time)
	// message brings a message, and the arrival of the read that completed it.
	message(data []byte, at stamp.Arrival) error
	// read ends a read.
	read(at stamp.Arrival)
}

// grpcWire is one HTTP/2 connection in the clear to a gRPC server, carrying one
// call at a time. A library's would read in a goroutine of its own, and stamp
// nothing; here the goroutine that asks also reads.
type grpcWire struct {
	link
	to     grpcListener
	call   grpcCall
	stream uint32 // of the call
	seen   bool   // something of an answer has come
	status string // the HTTP status
	grpc   string // the gRPC status, "" before the trailer
	words  string // what the trailer says about it
	over   bool
	leaves bool // the server takes no more calls here
	heard  grpcMessages

	in      *stampedReader
	out     *bufio.Writer
	frames  *http2.Framer
	headers *hpack.Encoder
	block   strings.Builder
	windows
}

// windows are what may still be sent, in bytes, and what was received since
// the server was last told that it may send as much again.
type windows struct {
	connection, stream, initial, frame int64
	received                           uint32
}

// HTTP/2's initial values, and the room that we give: whole answers, of which
// the largest that MII sends is 128 MB.
const (
	firstWindow = 1<<16 - 1
	firstFrame  = 1 << 14
	roomGiven   = 1 << 28
)

func newGRPCWire(at *endpoint, silence time.Duration, to grpcListener) *grpcWire {
	return &grpcWire{link: link{at: at, silence: silence}, to: to}
}

// exchange makes a call and has its answer heard.
func (w *grpcWire) exchange(ctx context.Context, call grpcCall, limit time.Duration, hold func() error) (sending, error) {
	w.call = call
	defer func() { w.call = grpcCall{} }()
	return exchange(ctx, limit, hold, w)
}

func (w *grpcWire) answered() bool { return w.seen }

func (w *grpcWire) ready(ctx context.Context, limit time.Duration, sent *sending) (reused bool, err error) {
	reused, err = w.link.ready(ctx, limit, sent)
	if err != nil || reused {
		return reused, err
	}
	w.in = &stampedReader{rw: w.rw, socket: w.socket, ended: w.to.read}
	w.out = bufio.NewWriter(w.rw)
	w.frames = http2.NewFramer(w.out, w.in)
	w.frames.SetReuseFrames()
	w.frames.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	w.block.Reset()
	w.headers = hpack.NewEncoder(&w.block)
	w.windows = windows{connection: firstWindow, initial: firstWindow, frame: firstFrame}
	w.stream, w.leaves = 0, false
	return false, w.greet()
}

// greet goes out with the first request.
func (w *grpcWire) greet() error {
	_, err := w.out.WriteString(http2.ClientPreface)
	return errors.Join(err,
		w.frames.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: roomGiven}),
		w.frames.WriteWindowUpdate(0, roomGiven-firstWindow))
}

func (w *grpcWire) ask(ctx context.Context, start time.Time, limit time.Duration) error {
	w.to.begin(start)
	w.stream += 2
	if w.stream == 2 {
		w.stream = 1
	}
	w.seen, w.over, w.status, w.grpc, w.words = false, false, "", "", ""
	w.windows.stream = w.initial
	w.heard.reset()
	return w.within(ctx, start.Add(limit), func(context.Context) (keep bool, err error) {
		if err = w.send(); err == nil {
			err = w.hear()
		}
		return !w.leaves, err
	})
}

// send writes the request, as far as the windows allow at once.
func (w *grpcWire) send() error {
	w.block.Reset()
	for _, field := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", w.call.method}, {":authority", w.at.address},
		{"te", "trailers"}, {"content-type", "application/grpc"}, {"user-agent", "loadgen"},
		{strings.ToLower(openai.HeaderRequestID), oneLine(w.call.id)},
	} {
		if err := w.headers.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			return err
		}
	}
	err := w.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: w.stream, BlockFragment: []byte(w.block.String()), EndHeaders: true})
	if err != nil {
		return err
	}
	body := appendGRPC(nil, w.call.message)
	for len(body) > 0 && !w.over {
		n := min(int64(len(body)), w.frame, w.windows.stream, w.connection)
		if n <= 0 {
			if err := w.next(); err != nil {
				return err
			}
			continue
		}
		if err := w.frames.WriteData(w.stream, n == int64(len(body)), body[:n]); err != nil {
			return err
		}
		w.windows.stream, w.connection, body = w.windows.stream-n, w.connection-n, body[n:]
	}
	return w.out.Flush()
}

// hear reads until the answer is complete and judges it.
func (w *grpcWire) hear() error {
	for !w.over {
		if err := w.next(); err != nil {
			return err
		}
	}
	w.in.done()
	switch {
	case w.grpc == "0":
		return nil
	case w.grpc != "":
		return fmt.Errorf("gRPC status %s: %s", w.grpc, w.words)
	case w.status != "200":
		return fmt.Errorf("the answer is no gRPC but HTTP status %s", w.status)
	}
	return errors.New("the answer ended without a gRPC status")
}

// next reads one frame, after what is to be sent has gone.
func (w *grpcWire) next() error {
	if w.out.Buffered() > 0 {
		if err := w.out.Flush(); err != nil {
			return err
		}
	}
	frame, err := w.frames.ReadFrame()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if network := (*net.OpError)(nil); err != nil && !errors.As(err, &network) {
		return fmt.Errorf("the answer is no HTTP/2: %w", err)
	}
	if err != nil {
		return err
	}
	return w.take(frame)
}

func (w *grpcWire) take(frame http2.Frame) error {
	switch f := frame.(type) {
	case *http2.DataFrame:
		return w.data(f)
	case *http2.MetaHeadersFrame:
		w.fields(f)
	case *http2.RSTStreamFrame:
		if f.StreamID == w.stream {
			w.seen = true
			return fmt.Errorf("the server reset the stream: %v", f.ErrCode)
		}
	case *http2.GoAwayFrame:
		w.leaves = true
		if f.LastStreamID < w.stream {
			return io.ErrUnexpectedEOF
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			return w.frames.WritePing(true, f.Data)
		}
	case *http2.SettingsFrame:
		return w.settings(f)
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			w.connection += int64(f.Increment)
		} else if f.StreamID == w.stream {
			w.windows.stream += int64(f.Increment)
		}
	}
	return nil
}

func (w *grpcWire) settings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	err := f.ForeachSetting(func(s http2.Setting) error {
		switch s.ID {
		case http2.SettingInitialWindowSize:
			w.windows.stream += int64(s.Val) - w.initial
			w.initial = int64(s.Val)
		case http2.SettingMaxFrameSize:
			w.frame = int64(s.Val)
		case http2.SettingHeaderTableSize:
			w.headers.SetMaxDynamicTableSizeLimit(s.Val)
		}
		return s.Valid()
	})
	return errors.Join(err, w.frames.WriteSettingsAck())
}

// fields takes the header of an answer, or its trailer.
func (w *grpcWire) fields(f *http2.MetaHeadersFrame) {
	if f.StreamID != w.stream {
		return
	}
	w.seen = true
	w.over = w.over || f.StreamEnded()
	for _, field := range f.Fields {
		switch field.Name {
		case ":status":
			w.status = field.Value
		case "grpc-status":
			w.grpc = field.Value
		case "grpc-message":
			w.words = field.Value
			if plain, err := url.PathUnescape(field.Value); err == nil {
				w.words = plain
			}
		}
	}
}

func (w *grpcWire) data(f *http2.DataFrame) error {
	if w.received += f.Length; w.received > roomGiven/2 {
		if err := w.frames.WriteWindowUpdate(0, w.received); err != nil {
			return err
		}
		w.received = 0
	}
	if f.StreamID != w.stream {
		return nil
	}
	w.seen = true
	w.over = w.over || f.StreamEnded()
	rest := f.Data()
	for {
		message, more, ok, err := w.heard.next(rest)
		if err != nil || !ok {
			return err
		}
		if err := w.to.message(message, w.socket.Last()); err != nil {
			return err
		}
		rest = more
	}
}
