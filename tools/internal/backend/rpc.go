package backend

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// generate is the one call of MII's gRPC service that a launcher needs.
const generate = "/modelresponse.ModelResponse/GeneratorReply"

// unaryOneToken asks the MII server at host:port for one token, through gRPC
// by hand: HTTP/2 in the clear, a length in front of the message, the status in
// a trailer. For so little a whole gRPC library would be dear.
func unaryOneToken(ctx context.Context, address string) error {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	defer transport.CloseIdleConnections()
	question := message(field(1, []byte("a")), // request: the prompts
		field(2, message(field(1, []byte("max_new_tokens")), field(2, []byte{2 << 3, 1})))) // query_kwargs: an ivalue
	framed := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(question)))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+generate, bytes.NewReader(append(framed, question...)))
	if err != nil {
		return err
	}
	req.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	if err := rpcStatus(res); err != nil {
		return err
	}
	return replied(answer)
}

// rpcStatus is what the trailer says, or the header where there is no body.
func rpcStatus(res *http.Response) error {
	said := res.Trailer
	if res.Header.Get("Grpc-Status") != "" {
		said = res.Header
	}
	switch said.Get("Grpc-Status") {
	case "0":
		return nil
	case "":
		return fmt.Errorf("no gRPC server answered, but %s", res.Status)
	}
	text := said.Get("Grpc-Message")
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	first, _, _ := strings.Cut(text, "\n")
	return fmt.Errorf("gRPC status %s: %s", said.Get("Grpc-Status"), firstBytes([]byte(first)))
}

// replied reports whether a framed MultiGenerationReply holds a reply.
func replied(framed []byte) error {
	const head = 5
	if len(framed) < head || framed[0] != 0 || int64(binary.BigEndian.Uint32(framed[1:])) != int64(len(framed)-head) {
		return errors.New("the answer is no gRPC message")
	}
	if reply := framed[head:]; len(reply) == 0 || reply[0] != 1<<3|2 {
		return errors.New("the answer holds no reply")
	}
	return nil
}

// field is a protobuf field of bytes: a tag, a length, the bytes.
func field(number byte, value []byte) []byte {
	return append(binary.AppendUvarint([]byte{number<<3 | 2}, uint64(len(value))), value...)
}

func message(fields ...[]byte) []byte { return bytes.Join(fields, nil) }
