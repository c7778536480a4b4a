package stream

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The methods of MII's service; mii.proto has the messages.
const (
	MIIUnary  = "/modelresponse.ModelResponse/GeneratorReply"
	MIIStream = "/modelresponse.ModelResponse/GeneratorReplyStream"
)

// AppendMIIRequest appends a MultiStringRequest. Without the stream option the
// streaming method would answer with a single message.
func AppendMIIRequest(dst []byte, text string, newTokens int, stream bool) []byte {
	dst = protowire.AppendTag(dst, 1, protowire.BytesType)
	dst = protowire.AppendString(dst, text)
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

var errMII = errors.New("the answer is not a message of MII's")

// MII reads the first reply of a MultiGenerationReply, without an allocation.
// A reply whose finish_reason is "none" is a token; any other ends the
// generation and brings no token of its own. The count of generated tokens
// begins anew when the server evicted the request.
func MII(message []byte) (e Event, err error) {
	found := false
	err = eachField(message, func(number protowire.Number, value []byte, _ uint64) error {
		if number != 1 || found {
			return nil
		}
		found = true
		return e.reply(value)
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: it holds no reply", errMII)
	}
	return e, err
}

// reply reads a SingleGenerationReply.
func (e *Event) reply(message []byte) error {
	e.Finish, e.Tokens = Finished, CountOf(0)
	err := eachField(message, func(number protowire.Number, value []byte, n uint64) error {
		switch {
		case number == 1:
			e.Text = len(value) > 0
		case number == 2 && string(value) == "none":
			e.Finish, e.Tokens = Unfinished, CountOf(1)
		case number == 3:
			e.Usage.Prompt = CountOf(int(n))
		case number == 4:
			e.Usage.Completion = CountOf(int(n))
		}
		return nil
	})
	e.Choice = e.Text || e.Finish == Unfinished
	return err
}

// eachField calls each for every field: bytes have a value, varints an n.
func eachField(message []byte, each func(number protowire.Number, value []byte, n uint64) error) error {
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
