package stream

// TGI reads a message of Hugging Face's text-generation-inference, streamed or
// whole: one event per token, and the details with the last. There is no end
// mark. Its results are as those of OpenAI.
func TGI(m Message) (e Event, passed bool, err error) {
	o, passed, err := decode(m)
	if passed || err != nil {
		return e, passed, err
	}
	token, isToken := o["token"].(object)
	if isToken {
		special, _ := token["special"].(bool) // as the end of text, which shows nothing
		e.Choice, e.Tokens = true, CountOf(1)
		e.Text = !special && hasText(token["text"])
	}
	if text, ok := o["generated_text"].(string); ok {
		e.Choice, e.Last, e.Finish = true, true, Finished
		e.Text = e.Text || !isToken && text != ""
	}
	if details, ok := o["details"].(object); ok {
		prefill, _ := details["prefill"].([]any)
		e.Last, e.Finish = true, finishOf(textOf(details["finish_reason"]))
		input := max(countOf(details["input_length"]).Int(), len(prefill))
		e.Usage.Merge(Usage{Prompt: CountOf(input), Completion: countOf(details["generated_tokens"])})
	}
	e.Last = e.Last || o == nil
	return e, !e.Choice && !e.Last, nil
}
