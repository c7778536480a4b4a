package source

import (
	"errors"
	"fmt"
	"strconv"

	"fastgenbench/tools/internal/workload"
)

// shareGPT are conversations with a chat bot. The format is that of
// ShareGPT_V3_unfiltered_cleaned_split.json as its readers in vLLM and AIPerf
// (src/aiperf/dataset/loader/sharegpt.py, seen on 2026-11-26) take it: a JSON list
// of {"id", "conversations": [{"from": "human" or "gpt", "value"}]}. Other copies
// write user, assistant, chatgpt, bing, bard and system, or one object per line.
var shareGPT = Format{
	Name: "sharegpt", Holds: "JSON list or JSONL: ShareGPT's conversations",
	keys: []string{"conversations"},
	read: readShareGPT,
}

// roles are OpenAI's names of who speaks.
var roles = map[string]string{
	"human": "user", "user": "user", "system": "system",
	"gpt": "assistant", "assistant": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant",
}

type conversation struct {
	Conversations []struct {
		From  string `json:"from"`
		Value string `json:"value"`
	} `json:"conversations"`
}

// turn is what is asked at once, and the length of the answer in bytes.
type turn struct {
	asked    []message
	answered bool
	answer   int
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// readShareGPT makes a session of each conversation: a turn adds to the history
// what the user says, and the answers in it are the server's own.
func readShareGPT(in *input) error {
	number := 0
	return in.eachObject(func(object []byte) error {
		number++
		var one conversation
		if err := unmarshal(object, &one); err != nil {
			return err
		}
		turns, err := one.turns()
		if err != nil {
			return err
		}
		var requests []workload.Request
		for _, t := range turns {
			text, err := encode(t.asked)
			if err != nil {
				return err
			}
			requests = append(requests, workload.Request{
				Session: strconv.Itoa(number), Messages: text, Delta: true, OutputLength: in.estimate(t.answer),
			})
		}
		return in.put(requests...)
	})
}

// turns cuts a conversation after its answers. An answer to nothing, with which
// the split parts of long conversations begin, is left out.
func (c conversation) turns() (turns []turn, err error) {
	for i, said := range c.Conversations {
		role, known := roles[said.From]
		last := len(turns) - 1
		switch {
		case !known:
			return nil, fmt.Errorf("message %d is from %.40q, which is neither human nor gpt", i+1, said.From)
		case role == "assistant" && last >= 0:
			turns[last].answered = true
			turns[last].answer += len(said.Value)
		case role == "assistant":
		case said.Value == "":
			return nil, fmt.Errorf("message %d is empty", i+1)
		case last < 0 || turns[last].answered:
			turns = append(turns, turn{asked: []message{{role, said.Value}}})
		default:
			turns[last].asked = append(turns[last].asked, message{role, said.Value})
		}
	}
	if len(turns) == 0 {
		return nil, errors.New("it has no message of a user")
	}
	return turns, nil
}
