package dialect

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"fastgenbench/tools/internal/record"
)

// ways in which a stream is cut behind what came of it.
var cuts = map[string]func(c call, sends []string) bool{
	"reset": func(c call, sends []string) bool {
		open(c.conn, sends...)
		hangUp()
		c.conn.(*net.TCPConn).SetLinger(0)
		return false
	},
	"hang-up":           func(c call, sends []string) bool { open(c.conn, sends...); return hangUp() },
	"ended by a proxy":  func(c call, sends []string) bool { return events(c.conn, sends...) },
	"until the hang-up": func(c call, sends []string) bool { untilTheEnd(c, sends...); return false },
	"an error at the end": func(c call, sends []string) bool {
		return events(c.conn, append(sends[:len(sends):len(sends)], `{"error":{"message":"worker died"}}`)...)
	},
}

// untilTheEnd answers without a length: the end of the connection ends it.
func untilTheEnd(c call, sends ...string) {
	c.conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	for _, one := range sends {
		c.conn.Write([]byte("data: " + one + "\n\n"))
	}
}

// A stream that was cut is not a success, whatever its chunks said of a finish,
// once it is known how the server ends its streams.
func TestCutStreams(t *testing.T) {
	stops := repeat(last("x"), 18)
	for name, c := range map[string]struct {
		whole []string
		cut   []string
	}{
		"a finish in every chunk":                {list(stops, usageOf(7, 18), "[DONE]"), stops[:5]},
		"behind the first chunk":                 {list(stops, usageOf(7, 18), "[DONE]"), stops[:1]},
		"behind all tokens":                      {list(stops, "[DONE]"), stops},
		"no usage, no finish":                    {list(repeat(token("x"), 18), "[DONE]"), repeat(token("x"), 5)},
		"a finish at the end":                    {list(repeat(token("x"), 17), last("x"), usageOf(7, 18), "[DONE]"), repeat(token("x"), 5)},
		"behind the finish":                      {list(repeat(token("x"), 17), last("x"), usageOf(7, 18), "[DONE]"), list(repeat(token("x"), 17), last("x"))},
		"no [DONE]":                              {list(repeat(token("x"), 17), last("x"), usageOf(7, 18)), repeat(token("x"), 5)},
		"no [DONE], a finish in each, but usage": {list(stops, usageOf(7, 18)), stops[:5]},
		"before the first chunk":                 {list(stops, "[DONE]"), []string{": beat\n\n"}},
		"running usage":                          {list(running(1, 17), with(last("x"), 7, 18), "[DONE]"), running(1, 5)},
		"no reason, as a text":                   {list(repeat(strings.Replace(last("x"), "length", "null", 1), 17), last("x"), "[DONE]"), repeat(strings.Replace(last("x"), "length", "null", 1), 5)},
		"an empty reason":                        {list(repeat(strings.Replace(last("x"), "length", "", 1), 17), last("x"), "[DONE]"), repeat(strings.Replace(last("x"), "length", "", 1), 5)},
	} {
		for how, cut := range cuts {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				var cutting atomic.Bool
				p := openAIFor(t, serve(t, func(got call) bool {
					if cutting.Load() {
						return cut(got, c.cut)
					}
					return events(got.conn, c.whole...)
				}), nil)
				if err := p.Learn(background(t), func(string) {}); err != nil {
					t.Fatal(err)
				}
				if o := once(t, p, 18); o.Status != record.OK || o.Chunks.Tokens().Int() != 18 {
					t.Errorf("whole: %+v", o)
				}
				cutting.Store(true)
				if o := once(t, p, 18); o.Status != record.Failed || o.Error == "" {
					t.Errorf("cut: %s %q, %d chunks", o.Status, o.Error, len(o.Chunks))
				}
			})
		}
	}
}

// Where every chunk says that it is the last one, and none is, the end of the
// body is all there is: a hang-up cuts, and what a proxy ended cannot be distinguished
// from a whole stream, which is reported beforehand.
func TestAServerWithoutAnyEndMark(t *testing.T) {
	stops := repeat(last("x"), 18)
	var cut atomic.Int32
	p := openAIFor(t, serve(t, func(got call) bool {
		if cut.Load() > 0 {
			return cuts["hang-up"](got, stops[:cut.Load()])
		}
		return events(got.conn, stops...)
	}), nil)
	var notes []string
	if err := p.Learn(background(t), func(note string) { notes = append(notes, note) }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(notes, "|"), "truncated") {
		t.Errorf("notes %q", notes)
	}
	if o := once(t, p, 18); o.Status != record.OK || o.Chunks.Tokens().Int() != 18 {
		t.Errorf("whole: %+v", o)
	}
	for _, chunks := range []int32{1, 5} {
		cut.Store(chunks)
		if o := once(t, p, 18); o.Status != record.Failed || len(o.Chunks) != int(chunks) {
			t.Errorf("cut: %+v", o)
		}
	}
}

// An answer that ends otherwise than usual, but in a way of its own, is whole.
func TestWholeStreamsAfterAnUnusualFirst(t *testing.T) {
	sends := list(repeat(token("x"), 17), last("x"), usageOf(7, 18), "[DONE]")
	var next atomic.Pointer[[]string]
	next.Store(&sends)
	p := openAIFor(t, serve(t, func(got call) bool { return events(got.conn, *next.Load()...) }), nil)
	if err := p.Learn(background(t), func(string) {}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sends  []string
		status record.Status
	}{
		"[DONE] and usage, no finish": {list(repeat(token("x"), 3), usageOf(7, 3), "[DONE]"), record.OK},
		"[DONE] alone":                {list(repeat(token("x"), 3), "[DONE]"), record.Failed},
		"a finish within":             {list(last("x"), token("x"), token("x"), "[DONE]"), record.Failed},
		"a finish in every chunk":     {list(repeat(last("x"), 3), usageOf(7, 3), "[DONE]"), record.OK},
		"error behind the finish":     {list(token("x"), last("x"), `{"error":{"message":"late"}}`, "[DONE]"), record.Failed},
		"aborted":                     {list(token("x"), strings.Replace(last("x"), "length", "abort", 1), usageOf(7, 2), "[DONE]"), record.Failed},
		"a finish of error":           {list(token("x"), strings.Replace(last("x"), "length", "error", 1), usageOf(7, 2), "[DONE]"), record.Failed},
	} {
		next.Store(&c.sends)
		if o := once(t, p, 18); o.Status != c.status {
			t.Errorf("%s: %s %q", name, o.Status, o.Error)
		}
	}
}

// Errors are errors wherever they occur, in the words of the server.
func TestErrorsInAStream(t *testing.T) {
	whole := list(token("x"), last("x"), usageOf(7, 2), "[DONE]")
	for name, event := range map[string]string{
		"an object":             `{"error":{"message":"boom","code":500}}`,
		"a text":                `{"error":"boom"}`,
		"an event":              "event: error\ndata: boom\n\n",
		"an event with JSON":    "event: error\ndata: {\"message\":\"boom\"}\n\n",
		"beside a choice":       `{"choices":[{"delta":{"content":""},"finish_reason":"length"}],"error":{"message":"boom"}}`,
		"inside of a choice":    `{"choices":[{"delta":{"content":"x"},"error":{"message":"boom"},"finish_reason":null}]}`,
		"an object of type":     `{"object":"error","message":"boom","type":"BadRequest"}`,
		"the detail of FastAPI": `{"detail":"boom"}`,
	} {
		for at := range whole {
			sends := list(whole[:at], event, whole[at:])
			o := once(t, openAIFor(t, serve(t, func(got call) bool { return events(got.conn, sends...) }), nil), 2)
			if o.Status != record.Failed || !strings.Contains(string(o.Error), "boom") {
				t.Errorf("%s, behind %d events: %s %q", name, at, o.Status, o.Error)
			}
		}
	}
}

// An answer without a token is not a success, and lasts until its end.
func TestAnswersWithoutAToken(t *testing.T) {
	filtered := strings.Replace(emptyEnd, "length", "content_filter", 1)
	for name, sends := range map[string][]string{
		"filtered":               list(filtered, usageOf(7, 0), "[DONE]"),
		"filtered, no usage":     list(filtered, "[DONE]"),
		"a role alone":           list(roleOnly, "[DONE]"),
		"a role and a filter":    list(roleOnly, filtered, usageOf(7, 0), "[DONE]"),
		"a role with a filter":   list(strings.Replace(roleOnly, "null", `"content_filter"`, 1), usageOf(7, 0), "[DONE]"),
		"[DONE] alone":           list("[DONE]"),
		"usage alone":            list(usageOf(7, 0), "[DONE]"),
		"empty chunks":           list(emptyDelta, emptyDelta, emptyEnd, usageOf(7, 0), "[DONE]"),
		"empty, without a total": list(emptyDelta, emptyDelta, emptyEnd, "[DONE]"),
	} {
		for _, by := range []counting{byText, byUsage, byTokens, byRunning} {
			p := openAIFor(t, serve(t, func(got call) bool { return events(got.conn, sends...) }), nil)
			p.by = by
			o := once(t, p, 2)
			if o.Status != record.Failed || o.Error != "the answer had no token" || len(o.Chunks) != 0 || o.Generated.Int() != 0 ||
				!(o.Latency.Float() > 0) || o.Latency != o.End {
				t.Errorf("%s by %v: %+v", name, by, o)
			}
		}
	}
	for name, body := range map[string]string{
		"filtered":   `{"choices":[{"text":"","finish_reason":"content_filter"}],"usage":{"prompt_tokens":7,"completion_tokens":0}}`,
		"no usage":   `{"choices":[{"text":"","finish_reason":"stop"}]}`,
		"a role":     `{"choices":[{"message":{"role":"assistant","content":null},"finish_reason":"content_filter"}]}`,
		"no choices": `{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":0}}`,
	} {
		o := once(t, openAIFor(t, serve(t, func(got call) bool { return plain(got.conn, 200, body) }), whole), 2)
		if o.Status != record.Failed || o.Error != "the answer had no token" || o.Generated.Int() != 0 || !(o.Latency.Float() > 0) || o.Latency != o.End {
			t.Errorf("%s, whole: %+v", name, o)
		}
	}
}

// A server may keep its stream open after the last token: that is the answer's
// end, not the latency.
func TestTheEndOfAnAnswerIsNotItsLastToken(t *testing.T) {
	url := serve(t, func(got call) bool {
		open(got.conn, token("a"), last("b"))
		hangUp()
		chunked(got.conn, usageOf(7, 2))
		chunked(got.conn, "[DONE]")
		chunked(got.conn, "")
		return true
	})
	endsLater(t, func() record.Outcome { return once(t, openAIFor(t, url, nil), 2) })
}

// An answer without a length lasts until the server hangs up.
func TestAnAnswerUntilTheConnectionEnds(t *testing.T) {
	p := openAIFor(t, serve(t, func(c call) bool {
		untilTheEnd(c, token("a"), token("b"), last("c"), "[DONE]")
		return false
	}), nil)
	client := p.Client()
	defer client.Close()
	for i := range 20 { // with hang-ups that come with the last bytes and apart from them
		if o := checked(t, client.Generate(background(t), ask(3))); o.Status != record.OK || len(o.Chunks) != 3 {
			t.Fatalf("request %d: %+v", i, o)
		}
	}
}
