package protocol

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"fastgenbench/tools/internal/prompt"
)

// call is one request that a test's server got.
type call struct {
	*http.Request
	text string // its body
	n    int    // how many came before, on all connections
	conn net.Conn
}

// serve starts a server of raw bytes and returns its address. What answer
// writes is what goes out; when it returns false the connection is closed.
func serve(t testing.TB, answer func(c call) bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	calls, open := 0, []net.Conn(nil)
	handle := func(conn net.Conn) {
		defer conn.Close()
		in := bufio.NewReader(conn)
		for {
			request, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, err := io.ReadAll(request.Body)
			if err != nil {
				return
			}
			mu.Lock()
			n := calls
			calls++
			mu.Unlock()
			if !answer(call{request, string(body), n, conn}) {
				return
			}
		}
	}
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			running.Go(func() { handle(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return "http://" + listener.Addr().String()
}

const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

// stream writes a whole answer, each event a chunk.
func stream(w io.Writer, events ...string) bool {
	io.WriteString(w, streamHead)
	for _, event := range events {
		chunked(w, "data: "+event+"\n\n")
	}
	_, err := io.WriteString(w, "0\r\n\r\n")
	return err == nil
}

func chunked(w io.Writer, text string) { fmt.Fprintf(w, "%x\r\n%s\r\n", len(text), text) }

func plain(w io.Writer, status int, body string) bool {
	_, err := fmt.Fprintf(w, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
	return err == nil
}

// recorded is an answer as a real engine sent it. Where only the events were
// kept, an HTTP head is put in front of them.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/streams/" + name + ".txt")
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

// protocolFor returns a streaming completions client of a server.
func protocolFor(t testing.TB, url string, change func(*Options)) *OpenAI {
	t.Helper()
	o := Options{URL: url, Model: "m", Stream: true, Timeout: 10 * time.Second}
	if change != nil {
		change(&o)
	}
	p, err := NewOpenAI(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(n int) Ask {
	return Ask{ID: "run-1-0", Prompt: prompt.Prompt{Text: "say \"hi\""}, MaxNewTokens: n}
}

func background(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func token(text string) string {
	return `{"choices":[{"index":0,"text":"` + text + `","finish_reason":null}]}`
}

func last(text string) string {
	return strings.Replace(token(text), "null", `"length"`, 1)
}

func usageOf(prompt, completion int) string {
	return fmt.Sprintf(`{"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`, prompt, completion)
}
