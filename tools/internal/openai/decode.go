package openai

import (
	"bytes"
	"encoding/json"
	"slices"
)

// UnmarshalCompletion reads the body of a completion as json.Unmarshal does. A
// prompt of token ids makes up most of its bytes, and json.Unmarshal goes over them
// several times: it is cut out and read by itself.
func UnmarshalCompletion(body []byte, r *CompletionRequest) error {
	before, list, behind, ok := cutPrompt(body)
	ids, plain := plainIDs(list)
	if !ok || !plain {
		return json.Unmarshal(body, r)
	}
	if err := json.Unmarshal(slices.Concat(before, []byte("null"), behind), r); err != nil {
		return err
	}
	if len(ids) > 0 {
		r.Prompt = TokenPrompt(ids)
	}
	return nil
}

// cutPrompt cuts a body around the list that is its prompt. It does so only where
// a glance shows that the key is one of the body itself, and its only prompt.
func cutPrompt(body []byte) (before, list, behind []byte, ok bool) {
	const key = `"prompt":[`
	at := bytes.Index(body, []byte(key))
	if at < 1 || body[at-1] != '{' && body[at-1] != ',' {
		return nil, nil, nil, false
	}
	before = body[:at+len(key)-1]
	rest := body[len(before):]
	end := bytes.IndexByte(rest, ']') + 1
	list, behind = rest[:end], rest[end:]
	isOnly := !bytes.Contains(bytes.ToLower(behind), []byte(`"prompt"`)) && !bytes.Contains(before, []byte(`\`)) && !bytes.Contains(behind, []byte(`\`))
	return before, list, behind, isOnly && bytes.Count(before, []byte("{")) == 1 && bytes.Count(before, []byte("}")) == 0
}
