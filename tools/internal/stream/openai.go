package stream

// OpenAI reads a message of OpenAI's completions or chat completions, streamed
// or whole, in the variants of other servers.
//
// Passed is true for a message that is not one of them and must be skipped:
// a named event of another type, a keep-alive that is not a JSON object, empty
// data. The error is a *ServerError when the message is an error, or says that
// the message cannot be read.
func OpenAI(m Message) (e Event, passed bool, err error) {
	var s scanner
	return s.openAI(m)
}

func (s *scanner) openAI(m Message) (e Event, passed bool, err error) {
	passed, err = s.read(m, inChunk)
	if err == nil && !s.hasChoices && s.Usage == (Usage{}) && !s.Last {
		return e, true, nil
	}
	return s.Event, passed, err
}
