package dialect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/rawserver"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// call is one request that a test's server got.
type call struct {
	*http.Request
	text string // its body
	n    int    // how many came before, on all connections
	conn net.Conn
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// serve starts a server of raw bytes and returns its address. What answer
// writes is what goes out; when it returns false the connection is closed.
func serve(t testing.TB, answer func(c call) bool) string {
	t.Helper()
	listener := listen(t)
	rawserver.Accept(t, listener, answering(answer))
	return "http://" + listener.Addr().String()
}

func answering(answer func(c call) bool) func(net.Conn) {
	return rawserver.Answering(func(r *http.Request, text string, n int, conn net.Conn) bool {
		return answer(call{r, text, n, conn})
	})
}

const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

// events writes a whole answer, each event a chunk.
func events(w io.Writer, events ...string) bool {
	open(w, events...)
	_, err := io.WriteString(w, "0\r\n\r\n")
	return err == nil
}

// open writes an answer that has not ended.
func open(w io.Writer, events ...string) {
	io.WriteString(w, streamHead)
	for _, event := range events {
		chunked(w, event)
	}
}

// hangUp is for a server that closes the connection some time behind what it
// wrote. What comes together with the last bytes may be noticed a second late,
// which would only slow the tests down.
func hangUp() bool {
	<-time.After(3 * time.Millisecond)
	return false
}

// endsLater asks until an answer's end comes after its last token. On a busy machine
// one read may bring both.
func endsLater(t *testing.T, ask func() record.Outcome) {
	t.Helper()
	for range 20 {
		o := ask()
		if n := len(o.Chunks); o.Status != record.OK || n == 0 || o.Latency.Float() != o.Chunks[n-1].At || o.End.Float() < o.Latency.Float() {
			t.Fatalf("%+v", o)
		}
		if o.End.Float() > o.Latency.Float() {
			return
		}
	}
	t.Error("the answer never ends after its last token")
}

// chunked writes data as an unnamed event; what has field names stands as it is.
func chunked(w io.Writer, text string) {
	if text == "[DONE]" || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "<") {
		text = "data: " + text + "\n\n"
	}
	fmt.Fprintf(w, "%x\r\n%s\r\n", len(text), text)
}

func plain(w io.Writer, status int, body string, fields ...string) bool {
	_, err := fmt.Fprintf(w, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s",
		status, http.StatusText(status), len(body), strings.Join(append(fields, ""), "\r\n"), body)
	return err == nil
}

// recorded is an answer as a real engine sent it. Where only the events were
// kept, an HTTP head is put in front of them.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../stream/testdata/streams/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("HTTP/")) {
		return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(data), data)
	}
	head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	if bytes.Contains(head, []byte("chunked")) && !bytes.HasPrefix(body, []byte("data")) {
		return data
	}
	status, _, _ := bytes.Cut(head, []byte("\r\n"))
	return fmt.Appendf(nil, "%s\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

func address(t testing.TB, url string) transport.Address {
	t.Helper()
	a, err := transport.ParseAddress(url)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// options are those of a streaming client of the model m.
func options(t testing.TB, url string, change func(*Options)) Options {
	t.Helper()
	o := Options{Transport: transport.Config{Address: address(t, url), Loops: loops}, Model: "m", Stream: true, Timeout: 10 * time.Second}
	if change != nil {
		change(&o)
	}
	return o
}

func newServer(t testing.TB, protocol, url string, change func(*Options)) Server {
	t.Helper()
	s, err := New(protocol, options(t, url, change))
	if err != nil {
		t.Fatal(err)
	}
	if slow, ok := s.(*aml); ok {
		slow.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	return s
}

// openAIFor returns a streaming completions client of a server.
func openAIFor(t testing.TB, url string, change func(*Options)) *openAI {
	t.Helper()
	return newServer(t, "openai", url, change).(*openAI)
}

func whole(o *Options) { o.Stream = false }

func ask(n int) Ask {
	return Ask{ID: "run-1-0", Prompt: prompt.Prompt{Text: "say \"hi\""}, MaxNewTokens: n}
}

// once asks a server once.
func once(t testing.TB, s Server, n int) record.Outcome {
	t.Helper()
	c := s.Client()
	defer c.Close()
	return checked(t, c.Generate(background(t), ask(n)))
}

// checked is an outcome whose row must be able to be.
func checked(t testing.TB, o record.Outcome) record.Outcome {
	t.Helper()
	if o.Attempts == 0 {
		return o
	}
	copied := o
	copied.Chunks = append(record.Chunks(nil), o.Chunks...)
	if err := copied.Row(place(o.Start)).Validate(); err != nil {
		t.Errorf("the row of %+v cannot be: %v", o, err)
	}
	return o
}

func place(zero time.Time) record.Place {
	return record.Place{Zero: zero, Key: record.Key{ServerKey: record.ServerKey{Run: "r", Backend: "url", Speed: 1, Model: "m", TPSize: 1, NumReplicas: 1}}}
}

func background(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func token(text string) string {
	return `{"choices":[{"index":0,"text":"` + text + `","finish_reason":null}]}`
}

func last(text string) string { return strings.Replace(token(text), "null", `"length"`, 1) }

func usageOf(prompt, completion int) string {
	return fmt.Sprintf(`{"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`, prompt, completion)
}

func repeat(event string, n int) (all []string) {
	for range n {
		all = append(all, event)
	}
	return all
}

// list joins events and lists of events.
func list(parts ...any) (all []string) {
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			all = append(all, part)
		case []string:
			all = append(all, part...)
		}
	}
	return all
}

// sizes are the tokens of each chunk.
func sizes(chunks record.Chunks) string {
	var all []string
	for _, chunk := range chunks {
		all = append(all, fmt.Sprint(chunk.Tokens))
	}
	return strings.Join(all, " ")
}

// count shows a count of an outcome, "-" where it is absent.
func count(c record.Count) string {
	if !c.Known() {
		return "-"
	}
	return fmt.Sprint(c.Int())
}
