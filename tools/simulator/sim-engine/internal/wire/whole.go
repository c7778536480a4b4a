package wire

import "strconv"

// AppendWhole appends the answer as one JSON object, as it is sent when it is
// not streamed. Choice i has generated[i] tokens and ended for reason.
func (a *Answer) AppendWhole(dst []byte, generated []int, reason string) []byte {
	if a.Chat {
		dst = append(dst, a.opening("chat.completion")...)
	} else {
		dst = append(dst, a.opening("text_completion")...)
	}
	total := 0
	for i, n := range generated {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = a.appendChoice(dst, Event{Choice: i, Tokens: n, Finish: reason})
		total += n
	}
	dst = append(dst, `],"service_tier":null,"system_fingerprint":null,`...)
	dst = a.appendTotals(dst, total)
	if a.Cached == nil {
		dst = append(dst[:len(dst)-1], `,"prompt_tokens_details":null}`...)
	}
	if a.Chat {
		dst = append(dst, `,"prompt_logprobs":null,"prompt_token_ids":`...)
		dst = a.appendPrompt(dst, 0)
	}
	return append(dst, `,"kv_transfer_params":null}`...)
}

func (a *Answer) appendChoice(dst []byte, e Event) []byte {
	dst = append(dst, `{"index":`...)
	dst = strconv.AppendInt(dst, int64(e.Choice), 10)
	if a.Chat {
		dst = append(dst, `,"message":{"role":"assistant","content":"`...)
		dst = a.appendText(dst, e)
		dst = append(dst, `","refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":null}`...)
	} else {
		dst = append(dst, `,"text":"`...)
		dst = a.appendText(dst, e)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"logprobs":null,"finish_reason":`...)
	dst = appendReason(dst, e.Finish)
	dst = append(dst, `,"stop_reason":null,"token_ids":`...)
	dst = a.appendIDs(dst, e)
	if !a.Chat {
		dst = append(dst, `,"prompt_logprobs":null,"prompt_token_ids":`...)
		dst = a.appendPrompt(dst, e.Choice)
	}
	return append(dst, '}')
}
