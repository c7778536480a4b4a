package transport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxHead bounds the head of an HTTP answer, and each line between its chunks.
const maxHead = 64 << 10

// headBuffer is the room for reading a head, made anew for each. The usual one
// of 4 kB would be most of the garbage of a short request.
const headBuffer = 512

// errNotHTTP is the error of a server that talks something else.
var errNotHTTP = errors.New("the answer is not HTTP")

// response parses one HTTP/1.1 answer out of the pieces in which it comes. It
// never waits: each byte of the body is handed on with the read that brought it.
//
// HTTP/1.1 is done by hand because of what net/http costs under load. Measured on
// a quiet machine at 1,000 streams of 100 tokens/s, net/http over the same
// timestamps had p99 gap errors of 6.5 and 45 ms, where this client had 1 to 7 ms. At 1,000 streams of 50 tokens/s it took 16 to 18 us per token for
// reading alone, against 14 to 15 here with JSON and rows. `make bench-accuracy`
// measures again. The head is rare, and left to the standard library.
type response struct {
	state  bodyState
	keep   bool // the connection may be used again
	status int
	remain int64  // bytes of the body, or of the chunk
	line   []byte // beginning of a chunk's size, or of a trailer

	head   []byte
	header http.Header
}

type bodyState uint8

const (
	inHead bodyState = iota
	inBody           // remain bytes are left
	inRest           // all until the connection ends
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
	complete
)

func (r *response) reset() {
	*r = response{head: r.head[:0], line: r.line[:0]}
}

func (r *response) done() bool { return r.state == complete }

// endless reports whether the body lasts until the connection ends.
func (r *response) endless() bool { return r.state == inRest }

func (r *response) success() bool { return r.status/100 == 2 }

// next takes input and returns the first bytes of the body that are in it,
// and the input after them. Both are parts of p; no body and no rest means
// that more input is needed, or that the answer is complete.
func (r *response) next(p []byte) (body, rest []byte, err error) {
	for len(p) > 0 && r.state != complete {
		switch r.state {
		case inHead:
			p, err = r.takeHead(p)
		case inBody, inChunk:
			n := min(int64(len(p)), r.remain)
			if r.remain -= n; r.remain == 0 {
				r.endPart()
			}
			return p[:n], p[n:], nil
		case inRest:
			return p, nil, nil
		default:
			p, err = r.takeLine(p)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if len(p) > 0 {
		r.keep = false // more than was asked for: later answers could be taken for those of other requests
	}
	return nil, nil, nil
}

func (r *response) endPart() {
	if r.state == inChunk {
		r.state = inChunkEnd
	} else {
		r.state = complete
	}
}

// takeHead gathers the head and reads it when it is whole. Heads of status
// 1xx are skipped.
func (r *response) takeHead(p []byte) (rest []byte, err error) {
	const prefix = "HTTP/1."
	had := len(r.head)
	r.head = append(r.head, p...)
	if n := min(len(r.head), len(prefix)); string(r.head[:n]) != prefix[:n] {
		return nil, fmt.Errorf("%w: it begins with %q", errNotHTTP, r.head[:min(len(r.head), 40)])
	}
	end := headEnd(r.head)
	if end < 0 {
		if len(r.head) > maxHead {
			return nil, fmt.Errorf("%w: its head does not end", errNotHTTP)
		}
		return nil, nil
	}
	rest = p[end-had:]
	parsed, err := http.ReadResponse(bufio.NewReaderSize(bytes.NewReader(r.head[:end]), headBuffer), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotHTTP, err)
	}
	r.head = r.head[:0]
	if parsed.StatusCode >= 200 {
		err = r.begin(parsed)
	}
	return rest, err
}

// headEnd is the length of the head with its blank line, -1 when that has not come.
func headEnd(head []byte) int {
	for at := 0; ; {
		lf := bytes.IndexByte(head[at:], '\n')
		if lf < 0 {
			return -1
		}
		at += lf + 1
		switch after := head[at:]; {
		case len(after) > 0 && after[0] == '\n':
			return at + 1
		case len(after) > 1 && after[0] == '\r' && after[1] == '\n':
			return at + 2
		}
	}
}

func (r *response) begin(head *http.Response) error {
	r.status, r.header, r.keep = head.StatusCode, head.Header, !head.Close
	switch {
	case len(head.TransferEncoding) > 0:
		r.state = inChunkSize
	case head.ContentLength > 0:
		r.state, r.remain = inBody, head.ContentLength
	case head.ContentLength == 0 || head.StatusCode == http.StatusNoContent || head.StatusCode == http.StatusNotModified:
		r.state = complete
	default:
		r.state, r.keep = inRest, false
	}
	if r.success() {
		return encoded(r.header)
	}
	return nil
}

// takeLine reads what stands between chunks: the end of one, the size of the
// next, and the trailers.
func (r *response) takeLine(p []byte) (rest []byte, err error) {
	lf := bytes.IndexByte(p, '\n')
	if lf < 0 {
		if r.line = append(r.line, p...); len(r.line) > maxHead {
			return nil, errors.New("the chunks of the answer are malformed: a line does not end")
		}
		return nil, nil
	}
	line := p[:lf]
	if len(r.line) > 0 {
		line = append(r.line, line...)
		r.line = line[:0]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' { // see sse.whole
		line = line[:n-1]
	}
	switch r.state {
	case inChunkEnd:
		if len(line) > 0 {
			return nil, errors.New("the chunks of the answer are malformed: one is longer than its size")
		}
		r.state = inChunkSize
	case inChunkSize:
		if r.remain, err = chunkSize(line); err != nil {
			return nil, err
		}
		r.state = inChunk
		if r.remain == 0 {
			r.state = inTrailer
		}
	case inTrailer:
		if len(line) == 0 {
			r.state = complete
		}
	}
	return p[lf+1:], nil
}

// chunkSize reads the hexadecimal size in front of a chunk, without its
// extensions.
func chunkSize(line []byte) (int64, error) {
	digits := line
	if semicolon := bytes.IndexByte(digits, ';'); semicolon >= 0 {
		digits = digits[:semicolon]
	}
	size, err := strconv.ParseUint(string(bytes.TrimRight(digits, " \t")), 16, 60)
	if err != nil {
		return 0, fmt.Errorf("the chunks of the answer are malformed: %.20q is not a size", line)
	}
	return int64(size), nil
}

// ended tells what the end of the connection means here, nil when the body was
// to last until then.
func (r *response) ended() error {
	switch r.state {
	case complete:
		return nil
	case inRest:
		r.state = complete
		return nil
	}
	return io.ErrUnexpectedEOF
}
