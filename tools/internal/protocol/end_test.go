package protocol

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"fastgenbench/tools/internal/record"
)

// A server may keep its stream open after the last token: that is the answer's
// end, not the latency.
func TestTheEndOfAnAnswerIsNotItsLastToken(t *testing.T) {
	const held = 50 * time.Millisecond
	url := serve(t, func(got call) bool {
		io.WriteString(got.conn, streamHead)
		chunked(got.conn, "data: "+token("a")+"\n\n")
		chunked(got.conn, "data: "+last("b")+"\n\n")
		time.Sleep(held)
		chunked(got.conn, "data: [DONE]\n\n")
		_, err := fmt.Fprint(got.conn, "0\r\n\r\n")
		return err == nil
	})
	client := protocolFor(t, url, nil).Client()
	_, streamed := client.Generate(background(t), ask(2))
	client.Close()

	_, messages := captured(t, "mii-stream.txt")
	url, _ = serveMII(t, func(c miiCall) {
		c.say(0, messages...)
		c.ResponseWriter.(http.Flusher).Flush()
		time.Sleep(held)
		c.end("0", "")
	})
	for name, row := range map[string]record.Request{"OpenAI": streamed, "MII": askMII(t, url, true, "ba be bi", 4)} {
		if row.Status != record.OK || row.EndS-row.LatencyS < record.Seconds(held.Seconds()/2) {
			t.Errorf("%s: the answer ended at %v, its last token came at %v: %+v", name, row.EndS, row.LatencyS, row)
		}
	}
}

func TestTheEndOfAFailure(t *testing.T) {
	url := serve(t, func(got call) bool { return plain(got.conn, 400, `{"error":"no"}`) })
	client := protocolFor(t, url, nil).Client()
	defer client.Close()
	if _, row := client.Generate(background(t), ask(2)); row.EndS != row.LatencyS {
		t.Errorf("it ended at %v and failed at %v", row.EndS, row.LatencyS)
	}
}
