package stream

// Messages reads a message of Anthropic's Messages API, streamed or whole. Its
// results are as those of OpenAI. The usage at the start of a stream counts the
// prompt alone: the tokens that it calls generated are not those of the answer.
func Messages(m Message) (e Event, passed bool, err error) {
	var r scanner
	passed, err = r.read(m, inMessagesEvent)
	if passed || err != nil || r.Last {
		return r.Event, passed, err
	}
	e = r.Event
	// The tokens that the cache held or took in are not among input_tokens.
	if n := e.Usage.Cached.Int() + r.counts[asCreated].Int(); n > 0 && r.counts[asPrompt].Known() {
		e.Usage.Prompt.add(n)
	}
	switch string(r.typeOf(m)) {
	case "message_start":
		e.Choice, e.Usage.Completion = true, Count{}
	case "content_block_start":
		e.Choice = e.Text || e.Reasoning
		passed = !e.Choice
	case "content_block_delta":
		e.Choice = isTextDelta(r.names[asPart])
		passed = !e.Choice
	case "message":
		e.Choice = true
	case "message_stop":
		e.Last = true
	case "message_delta":
	default:
		passed = true
	}
	if passed {
		return Event{}, true, nil
	}
	return e, false, nil
}

// isTextDelta reports whether a delta brings what the model generated. Others
// bring signatures and citations.
func isTextDelta(kind []byte) bool {
	switch string(kind) {
	case "text_delta", "thinking_delta", "input_json_delta":
		return true
	}
	return false
}
