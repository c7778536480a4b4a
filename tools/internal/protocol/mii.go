package protocol

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"fastgenbench/tools/internal/prompt"
)

// The methods of MII's service; mii.proto has the messages.
const (
	miiUnary  = "/modelresponse.ModelResponse/GeneratorReply"
	miiStream = "/modelresponse.ModelResponse/GeneratorReplyStream"
)

// appendMIIRequest appends a MultiStringRequest. Without the stream option the
// streaming method would answer with a single message.
func appendMIIRequest(dst []byte, what prompt.Prompt, newTokens int, stream bool) []byte {
	dst = protowire.AppendTag(dst, 1, protowire.BytesType)
	dst = protowire.AppendString(dst, what.Text)
	const ivalue, bvalue = 2, 4
	dst = appendOption(dst, "max_new_tokens", ivalue, uint64(newTokens))
	dst = appendOption(dst, "ignore_eos", bvalue, 1)
	if stream {
		dst = appendOption(dst, "stream", bvalue, 1)
	}
	return dst
}

// appendOption appends an entry of query_kwargs.
func appendOption(dst []byte, name string, kind protowire.Number, value uint64) []byte {
	size := protowire.SizeTag(kind) + protowire.SizeVarint(value)
	dst = protowire.AppendTag(dst, 2, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(2+len(name)+2+size)) // names and values are shorter than 128 bytes
	dst = protowire.AppendTag(dst, 1, protowire.BytesType)
	dst = protowire.AppendString(dst, name)
	dst = protowire.AppendTag(dst, 2, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(size))
	dst = protowire.AppendTag(dst, kind, protowire.VarintType)
	return protowire.AppendVarint(dst, value)
}

// miiReply is what matters of a SingleGenerationReply.
type miiReply struct {
	// token reports whether the message stands for a token; else the generation
	// ended with it, and it brings none.
	token             bool
	prompt, generated int
}

var errMII = errors.New("the answer is no message of MII's")

// parseMII reads the first reply of a MultiGenerationReply, without an allocation.
func parseMII(message []byte) (reply miiReply, err error) {
	found := false
	err = fields(message, func(number protowire.Number, value []byte, _ uint64) error {
		if number != 1 || found {
			return nil
		}
		found = true
		return reply.read(value)
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: it holds no reply", errMII)
	}
	return reply, err
}

func (r *miiReply) read(message []byte) error {
	return fields(message, func(number protowire.Number, value []byte, n uint64) error {
		switch number {
		case 2:
			r.token = string(value) == "none"
		case 3:
			r.prompt = int(n)
		case 4:
			r.generated = int(n)
		}
		return nil
	})
}

// fields calls each for every field: bytes have a value, varints an n.
func fields(message []byte, each func(number protowire.Number, value []byte, n uint64) error) error {
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return errMII
		}
		message = message[size:]
		var value []byte
		var n uint64
		switch kind {
		case protowire.BytesType:
			value, size = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(message)
		default:
			size = protowire.ConsumeFieldValue(number, kind, message)
		}
		if size < 0 {
			return errMII
		}
		message = message[size:]
		if err := each(number, value, n); err != nil {
			return err
		}
	}
	return nil
}
