package protocol

import (
	"io"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// A server that says nothing for too long is given up, before its first token
// or behind some; one that is only slow, longer in all than it may be silent, is not.
func TestASilentServerIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, c := range map[string]struct {
		tokens  int
		pause   time.Duration
		silent  bool
		silence time.Duration
		want    string
	}{
		"from the start": {0, 0, true, 50 * time.Millisecond, "nothing came for 50ms; no token came"},
		"in the middle":  {3, time.Millisecond, true, 50 * time.Millisecond, "nothing came for 50ms; 3 chunks of tokens came"},
		"slow":           {8, 150 * time.Millisecond, false, time.Second, ""},
	} {
		url := serve(t, func(got call) bool {
			io.WriteString(got.conn, streamHead)
			for i := range c.tokens {
				<-time.After(c.pause)
				event := token("a")
				if i == c.tokens-1 && !c.silent {
					event = last("a")
				}
				chunked(got.conn, "data: "+event+"\n\n")
			}
			if c.silent {
				<-release
				return false
			}
			chunked(got.conn, "")
			return true
		})
		p := protocolFor(t, url, func(o *Options) { o.Silence = c.silence })
		client := p.Client()
		_, row := client.Generate(background(t), ask(8))
		client.Close()
		if (row.Status == record.Timeout) != c.silent || string(row.Error) != c.want || len(row.ChunkS) != c.tokens {
			t.Errorf("%s: %s %q, %d chunks", name, row.Status, row.Error, len(row.ChunkS))
		}
	}
}

func TestASilentMIIIsGivenUp(t *testing.T) {
	waiting := make(chan struct{})
	url, _ := serveMII(t, func(miiCall) { <-waiting })
	defer close(waiting)
	p, err := newFastGen(Options{URL: url, Stream: true, Timeout: time.Minute, Silence: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Client()
	defer c.Close()
	_, row := c.Generate(background(t), Ask{ID: "x", Prompt: prompt.Prompt{Text: "x"}, MaxNewTokens: 4})
	if row.Status != record.Timeout || !strings.Contains(string(row.Error), "nothing came") {
		t.Errorf("%+v", row)
	}
}
