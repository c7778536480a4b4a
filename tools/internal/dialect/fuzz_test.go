package dialect

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// fuzzed are the protocols whose answers are read from any bytes.
var fuzzed = []string{"openai", "responses", "messages", "tgi", "generate"}

// read takes any bytes for an answer, cut at a place, and returns its outcome.
func read(t testing.TB, protocol string, by counting, streamed bool, usual ending, body []byte, at int) record.Outcome {
	w := webOf(newServer(t, protocol, "http://localhost", func(o *Options) { o.Stream = streamed }))
	w.by, w.usual = by, usual
	c := w.client()
	start := time.Now().Add(-time.Minute)
	c.Begin(start)
	var err error
	at = max(0, min(at, len(body)))
	for i, part := range [][]byte{body[:at], body[at:]} {
		seen := start.Add(time.Duration(i+10) * time.Second)
		arrival := stamp.Arrival{At: seen.Add(-time.Duration(at%3) * time.Second), Seen: seen, Source: stamp.Kernel, Read: uint64(i + at%2)}
		if err == nil {
			err = c.Body(append([]byte(nil), part...), arrival)
		}
	}
	if err == nil {
		err = c.complete()
	}
	sent := transport.Sent{Start: start, Attempts: 1}
	if err == nil {
		sent.End = start.Add(20 * time.Second)
	}
	o, err := c.answer.outcome(sent, err, c.usual)
	judge(&o, err, c.Timeout, c.to.Redact)
	return o
}

// webOf is what stands below a protocol over HTTP.
func webOf(s Server) *web {
	switch s := s.(type) {
	case *openAI:
		return s.web
	case *responses:
		return s.web
	case *messages:
		return s.web
	case *tgi:
		return s.web
	case *generate:
		return s.web
	case *aml:
		return s.web
	}
	return nil
}

// Any bytes are an answer of which a row can be, in order and with no more and
// no fewer tokens than it says.
func FuzzAnswer(f *testing.F) {
	names, err := filepath.Glob("../stream/testdata/streams/*.txt")
	if err != nil || len(names) == 0 {
		f.Fatal(err, names)
	}
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 100, uint8(i%4), uint8(i))
	}
	add := func(protocol uint8, events ...string) {
		var all []byte
		for _, event := range events {
			if event[0] == '{' || event == "[DONE]" {
				event = "data: " + event + "\n\n"
			}
			all = append(all, event...)
		}
		for by := range uint8(4) {
			f.Add(all, len(all)/2, by, protocol)
		}
	}
	f.Add([]byte(`{"choices":[{"text":"a","index":0,"logprobs":null,"stop":""}],"usage":{"total_tokens":10,"x":1.5A`), 100, uint8(0), uint8(2))
	add(0, list(running(1, 3), with(last("x"), 7, 4), usageOf(7, 4), "[DONE]")...)
	add(0, list(token("x"), emptyDelta, emptyEnd, usageOf(7, 1<<33), "[DONE]")...)
	add(0, list(roleOnly, `{"choices":[{"delta":{"reasoning_content":"x"}}]}`, last("x"), `{"error":"x"}`)...)
	add(1, list(responseHead, respond(2), responded("completed", "completed", 2, 0))...)
	add(2, list(messageStart, say("thinking", "x"), say("text", "x"), ended("max_tokens", 2))...)
	add(3, `{"token":{"id":1,"text":"a"}}`, tgiLast)
	add(4, " "+`{"text": ["Once a"]}`+"\x00", " "+`{"text": ["Once a b"]}`+"\n")
	f.Fuzz(func(t *testing.T, body []byte, at int, by, mode uint8) {
		protocol := fuzzed[int(mode)%len(fuzzed)]
		usual := ending{void: mode&16 != 0, last: mode&32 != 0, totals: mode&64 != 0}
		if mode&8 != 0 {
			usual.finish = stream.Finished
		}
		o := read(t, protocol, counting(by%4), mode&128 == 0, usual, body, at)
		again := read(t, protocol, counting(by%4), mode&128 == 0, usual, body, 0)
		if o.Status != again.Status || o.Error != again.Error || o.Generated != again.Generated || sizes(o.Chunks) != sizes(again.Chunks) {
			t.Fatalf("cut at %d: %+v, in one: %+v", at, o, again)
		}
		if begun := bytes.TrimLeft(body, " \t\r\n"); o.Status == record.OK && mode&128 == 0 && len(o.Chunks) == 0 && (len(begun) == 0 || begun[0] != '{') {
			t.Fatalf("ok without a chunk, and no answer in one piece: %+v", o)
		}
		check(t, o, mode&128 == 0)
	})
}

// check fails if an outcome is invalid.
func check(t *testing.T, o record.Outcome, streamed bool) {
	if err := o.Row(place(o.Start)).Validate(); err != nil {
		t.Fatalf("%v: %+v", err, o)
	}
	before := 0.0
	for _, chunk := range o.Chunks {
		if chunk.At < before || chunk.At > o.Latency.Float() || chunk.Tokens < 0 || chunk.Tokens > maxTokens {
			t.Fatalf("chunk %v of %+v", chunk, o)
		}
		before = chunk.At
	}
	sum := o.Chunks.Tokens()
	switch {
	case o.Status != record.OK && o.Status != record.Failed, (o.Status == record.OK) != (o.Error == ""):
		t.Fatalf("status %s, error %q", o.Status, o.Error)
	case !streamed && len(o.Chunks) > 0, o.Blurred.Int() > max(0, len(o.Chunks)-1), o.End.Known() && o.End.Float() < o.Latency.Float():
		t.Fatalf("%+v", o)
	case o.Status == record.OK && streamed && len(o.Chunks) > 0 && (sum.Known() && sum != o.Generated || !(o.Latency.Float() > 0)):
		t.Fatalf("%+v", o)
	case o.Visible.Known() && (o.Visible.Float() > o.Latency.Float() || o.Visible.Float() < o.Chunks[0].At):
		t.Fatalf("%+v", o)
	}
	cell, err := o.Chunks.MarshalCSV()
	var again record.Chunks
	if err == nil {
		err = again.UnmarshalCSV(cell)
	}
	if err != nil || len(again) != len(o.Chunks) {
		t.Fatalf("%q: %v", cell, err)
	}
}

// Any messages over gRPC are an answer of which a row can be.
func FuzzMIIAnswer(f *testing.F) {
	answers := captured(f, "mii-stream.txt")
	for i := range answers {
		f.Add(answers[i], answers[0], true)
		f.Add(answers[i], answers[len(answers)-1], i%2 == 0)
	}
	for _, malformed := range []string{
		"\x00", "{|", "\n\x00", // a field 0, a group, an empty reply
		"\n\x14\x12\x04none0000%0000%0000",                  // no text, and numbers of another type
		"\n\x1d\n\a0000000\x12\x04none0000%0000%0000",       // the same with text
		"\n\x1d\n\a00000002\x0400000000%0000%0000",          // text without a finish_reason
		"\n\x162\x06000000\x18\xa9\xa9\xa9\xa9\xa900000000", // a number of six bytes
	} {
		f.Add([]byte(malformed), answers[0], true)
		f.Add([]byte(malformed), []byte(malformed), false)
	}
	f.Fuzz(func(t *testing.T, one, other []byte, streamed bool) {
		c := newServer(t, "mii", "grpc://localhost", nil).(*mii).client(streamed)
		start := time.Now().Add(-time.Minute)
		c.Begin(start)
		var err error
		for i, message := range [][]byte{one, other} {
			if at := start.Add(time.Duration(i+1) * time.Second); err == nil {
				err = c.Body(message, stamp.Arrival{At: at, Seen: at, Source: stamp.Kernel, Read: uint64(i)})
			}
		}
		c.answer.end.last = err == nil
		o, err := c.answer.outcome(transport.Sent{Start: start, Attempts: 1}, err, c.usual)
		judge(&o, err, c.Timeout, c.to.Redact)
		check(t, o, streamed)
	})
}
