package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"
)

// body feeds the pieces and returns the answer's body.
func body(r *response, pieces ...[]byte) (string, error) {
	var got bytes.Buffer
	for _, piece := range pieces {
		piece = slices.Clone(piece)
		for rest := piece; len(rest) > 0; {
			part, behind, err := r.next(rest)
			if err != nil {
				return got.String(), err
			}
			got.Write(part)
			rest = behind
		}
		for i := range piece {
			piece[i] = '!'
		}
	}
	return got.String(), nil
}

func TestAnswersAreReadWhereverTheyAreSplit(t *testing.T) {
	for _, c := range []struct {
		answer, want string
		status       int
		keep, done   bool
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, true, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", "hello", 200, false, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "hello", 200, true, false},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello", 200, true, true},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5;x=1 \nhello\n00A\n, my world\n0\nT: x\n\n", "hello, my world", 200, true, true},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "hello", 200, true, false},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "no", 404, true, true},
		{"HTTP/1.1 204 No Content\r\n\r\n", "", 204, true, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", 200, true, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno more", "no", 200, false, true},
		{"HTTP/1.0 200 OK\r\n\r\nhello", "hello", 200, false, false},
	} {
		whole := []byte(c.answer)
		for i := range whole {
			for j := i; j < len(whole); j += 1 + (j-i)/3 {
				var r response
				got, err := body(&r, whole[:i], whole[i:j], whole[j:])
				if got != c.want || err != nil || r.status != c.status || r.done() != c.done || c.done && j == i && r.keep != c.keep {
					t.Fatalf("%q split at %d and %d: body %q, error %v, %+v", c.answer, i, j, got, err, r)
				}
			}
		}
	}
}

func TestGarbageIsNoAnswer(t *testing.T) {
	for _, garbage := range []string{
		"SSH-2.0-OpenSSH_9.6\r\n", "<html>", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2*maxHead),
	} {
		var r response
		if got, err := body(&r, []byte(garbage)); err == nil {
			t.Errorf("%.60q passed with body %q", garbage, got)
		}
	}
}

func TestTheEndOfTheConnectionEndsOnlyABodyThatLastsUntilThen(t *testing.T) {
	for answer, want := range map[string]error{
		"":                         io.ErrUnexpectedEOF,
		"HTTP/1.1 20":              io.ErrUnexpectedEOF,
		"HTTP/1.1 200 OK\r\n\r\nx": nil,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx":               nil,
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx":               io.ErrUnexpectedEOF,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx": io.ErrUnexpectedEOF,
	} {
		var r response
		if _, err := body(&r, []byte(answer)); err != nil {
			t.Fatal(err)
		}
		if err := r.ended(); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", answer, err, want)
		}
	}
}

// Whatever both take, the standard library's reader reads alike.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\n\r\n"), 3)
	f.Add([]byte("a;b=c\r\n0123456789\r\n000\r\nX: y\r\n\r\n"), 7)
	f.Add([]byte("1 \nab\n"), 7)
	f.Add([]byte("\n"), 1)
	f.Add([]byte("0\n\n0"), -1)
	f.Fuzz(func(t *testing.T, chunks []byte, split int) {
		want, wantErr := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(chunks)))
		split = min(max(split, 0), len(chunks))
		r := response{state: inChunkSize}
		got, err := body(&r, chunks[:split], chunks[split:])
		if wantErr == nil && err == nil && got != string(want) {
			t.Errorf("%q: %q, want %q", chunks, got, want)
		}
		if wantErr == nil && err != nil {
			t.Errorf("%q: %v, where the standard library reads %q", chunks, err, want)
		}
	})
}

// Nothing that a server sends breaks the parser, and what it takes for a body
// does not depend on how the input was cut.
func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 3)
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nT: x\r\n\r\n"), 40)
	f.Add([]byte("HTTP/1.0 500\r\nContent-Encoding: gzip\r\n\r\nhello"), 20)
	f.Add([]byte("HTTP/1.A 000\n\n"), 0)
	f.Add([]byte("no status line"), 6)
	f.Add([]byte("HTTP/1.1 200 \nTransfer-Encoding:Chunked\n\n2 \r\nabcdef\r\n"), 40)
	f.Fuzz(func(t *testing.T, answer []byte, split int) {
		split = min(max(split, 0), len(answer))
		var whole, cut response
		want, wantErr := body(&whole, answer)
		got, err := body(&cut, answer[:split], answer[split:])
		if want != got || (wantErr == nil) != (err == nil) || whole.done() != cut.done() {
			t.Fatalf("%q cut at %d: %q, %v; whole: %q, %v", answer, split, got, err, want, wantErr)
		}
	})
}
