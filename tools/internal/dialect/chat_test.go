package dialect

import (
	"encoding/json"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// Messages go out as they are, with tools and further fields beside them, and the
// text of the answer is kept where it was asked for, and only there.
func TestMessagesAndTheirAnswer(t *testing.T) {
	for _, streamed := range []bool{true, false} {
		got := new(log)
		url := serve(t, func(c call) bool {
			got.add(c)
			if !strings.Contains(c.text, `"stream":true`) {
				return plain(c.conn, 200, `{"choices":[{"message":{"role":"assistant","content":"a \"b\"é"},"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":2}}`)
			}
			return events(c.conn, `data: {"choices":[{"delta":{"role":"assistant"}}]}`+"\n\n",
				`data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}`+"\n\n", `data: {"choices":[{"delta":{"content":"a \"b\""}}]}`+"\n\n",
				`data: {"choices":[{"delta":{"content":"é"},"finish_reason":"length"}]}`+"\n\n", "data: [DONE]\n\n")
		})
		p := openAIFor(t, url, func(o *Options) { o.Chat, o.Stream = true, streamed })
		if !p.Chats() {
			t.Fatal("no chats are sent")
		}
		client := p.Client()
		ask := Ask{Messages: json.RawMessage(`[{"role":"user","content":[{"type":"text","text":"x"}]}]`), MaxNewTokens: 2,
			Tools: json.RawMessage(`[{"type":"function"}]`), Extra: json.RawMessage(`{"top_k":5}`), Keep: true}
		o := client.Generate(background(t), ask)
		if o.Answer != `a "b"é` || o.Status != record.OK {
			t.Errorf("streamed %v: answer %q, %s %s", streamed, o.Answer, o.Status, o.Error)
		}
		ask.Keep, ask.Tools, ask.Extra = false, nil, nil
		if o := client.Generate(background(t), ask); o.Answer != "" || o.Status != record.OK {
			t.Errorf("an answer was kept: %q, %s", o.Answer, o.Status)
		}
		client.Close()
		for i, c := range got.calls() {
			for _, want := range []string{`"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]`, `"tools":[{"type":"function"}]`, `"top_k":5`} {
				if strings.Contains(c.text, want) != (i == 0 || strings.HasPrefix(want, `"messages`)) {
					t.Errorf("request %d: %s and %s", i, c.text, want)
				}
			}
		}
	}
}

func TestMessagesNeedChats(t *testing.T) {
	url, got := logged(t)
	p := openAIFor(t, url, func(*Options) {})
	client := p.Client()
	defer client.Close()
	o := client.Generate(background(t), Ask{Messages: json.RawMessage(`[]`), MaxNewTokens: 2})
	if o.Attempts != 0 || !strings.Contains(string(o.Error), "messages need chats") || len(got.calls()) != 0 {
		t.Errorf("%+v", o)
	}
}
