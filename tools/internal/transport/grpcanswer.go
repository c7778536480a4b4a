package transport

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"golang.org/x/net/http2"
)

// grpcAnswer is what headers and trailers said.
type grpcAnswer struct {
	ended                 bool
	http, status, message string // the HTTP status; status and message of gRPC
}

// verdict judges a complete answer.
func (a *grpcAnswer) verdict() error {
	switch {
	case a.status == "0":
		return nil
	case a.status != "":
		return fmt.Errorf("gRPC status %s: %s", a.status, a.message)
	case a.http != "200":
		return fmt.Errorf("the answer is not gRPC but HTTP status %s", a.http)
	}
	return errors.New("the answer ended without a gRPC status")
}

// next reads one frame, once all that is to be sent has gone.
func (g *GRPC) next() error {
	if err := g.out.Flush(); err != nil {
		return err
	}
	frame, err := g.frames.ReadFrame()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if network := (*net.OpError)(nil); err != nil && !errors.As(err, &network) {
		return fmt.Errorf("the answer is not HTTP/2: %w", err)
	}
	if err != nil {
		return err
	}
	return g.take(frame)
}

func (g *GRPC) take(frame http2.Frame) error {
	switch f := frame.(type) {
	case *http2.DataFrame:
		return g.takeData(f)
	case *http2.MetaHeadersFrame:
		g.takeFields(f)
	case *http2.RSTStreamFrame:
		if f.StreamID == g.stream {
			g.answered = true
			return fmt.Errorf("the server reset the stream: %v", f.ErrCode)
		}
	case *http2.GoAwayFrame:
		g.leaving = true
		if f.LastStreamID < g.stream {
			return io.ErrUnexpectedEOF
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			return g.frames.WritePing(true, f.Data)
		}
	case *http2.SettingsFrame:
		return g.takeSettings(f)
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			g.connection += int64(f.Increment)
		} else if f.StreamID == g.stream {
			g.ofStream += int64(f.Increment)
		}
	}
	return nil
}

func (g *GRPC) takeSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	err := f.ForeachSetting(func(s http2.Setting) error {
		switch s.ID {
		case http2.SettingInitialWindowSize:
			g.ofStream += int64(s.Val) - g.initial
			g.initial = int64(s.Val)
		case http2.SettingMaxFrameSize:
			g.frame = int64(s.Val)
		case http2.SettingHeaderTableSize:
			g.headers.SetMaxDynamicTableSizeLimit(s.Val)
		}
		return s.Valid()
	})
	return errors.Join(err, g.frames.WriteSettingsAck())
}

// takeFields takes the headers of an answer, or its trailers.
func (g *GRPC) takeFields(f *http2.MetaHeadersFrame) {
	if f.StreamID != g.stream {
		return
	}
	g.answered = true
	g.answer.ended = g.answer.ended || f.StreamEnded()
	for _, field := range f.Fields {
		switch field.Name {
		case ":status":
			g.answer.http = field.Value
		case "grpc-status":
			g.answer.status = field.Value
		case "grpc-message":
			g.answer.message = field.Value
			if plain, err := url.PathUnescape(field.Value); err == nil {
				g.answer.message = plain
			}
		}
	}
}

func (g *GRPC) takeData(f *http2.DataFrame) error {
	if g.received += f.Length; g.received > ourWindow/2 {
		if err := g.frames.WriteWindowUpdate(0, g.received); err != nil {
			return err
		}
		g.received = 0
	}
	if f.StreamID != g.stream {
		return nil
	}
	g.answered = true
	g.answer.ended = g.answer.ended || f.StreamEnded()
	for rest := f.Data(); ; {
		message, more, ok, err := g.messages.next(rest)
		if err != nil || !ok {
			return err
		}
		if err := g.to.Body(message, g.socket.Last()); err != nil {
			return err
		}
		rest = more
	}
}
