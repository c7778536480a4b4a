package protocol

// event is what a client wants to know of one chunk of a streamed answer.
type event struct {
	// choice reports whether the chunk adds to the generation at all.
	choice bool
	// text reports whether what it adds is visible.
	text bool
	// role reports whether it names who speaks, as the first of a chat does.
	role bool
	// finish is whether and how the generation ended with it.
	finish finish
	// ids is the number of token ids it brought, -1 when not said.
	ids int
	// predicted is llama-server's running count of tokens, -1 when not said.
	predicted int
	// usage is the running or final count, valid where counted.
	counted                    bool
	prompt, completion, cached int // cached is -1 when not said
}

type finish uint8

const (
	unfinished finish = iota
	finished
	aborted // the server gave the request up
)

func finishOf[T string | []byte](reason T) finish {
	switch string(reason) {
	case "":
		return unfinished
	case "abort", "error":
		return aborted
	}
	return finished
}

func newEvent() event { return event{ids: -1, predicted: -1, cached: -1} }

// scanEvent reads the few fields that matter out of a chunk, without an
// allocation. It is strict and narrow: whatever it does not expect, an error
// of the server included, it leaves to decodeEvent, and says so.
func scanEvent(data []byte) (e event, ok bool) {
	s := scanner{data: data}
	return s.event()
}

func (s *scanner) event() (e event, ok bool) {
	e = newEvent()
	ok = s.object(&e, topLevel) && s.atEnd()
	return e, ok
}

// level is which object of a chunk the scanner is in.
type level uint8

const (
	topLevel level = iota
	inChoice
	inDelta
	inUsage
	inDetails
	inTimings
	elsewhere
)

// field reads the value of one key.
func (s *scanner) field(e *event, at level, k key) bool {
	switch at {
	case topLevel:
		return s.topField(e, k)
	case inChoice:
		return s.choiceField(e, k)
	case inDelta:
		return s.deltaField(e, k)
	case inUsage:
		return s.usageField(e, k)
	case inDetails:
		if k == keyCachedTokens {
			return s.null() || s.count(&e.cached)
		}
	case inTimings:
		if k == keyPredictedN {
			return s.null() || s.count(&e.predicted)
		}
	}
	return s.skip()
}

func (s *scanner) topField(e *event, k key) bool {
	switch k {
	case keyChoices:
		return s.null() || s.choices(e)
	case keyUsage:
		if s.null() {
			return true
		}
		e.counted = true
		return s.object(e, inUsage)
	case keyTimings:
		return s.null() || s.object(e, inTimings)
	case keyObject:
		value, ok := s.text()
		return ok && string(value) != "error"
	case keyError:
		return s.null()
	}
	return s.skip()
}

func (s *scanner) choiceField(e *event, k key) bool {
	switch k {
	case keyText:
		return s.null() || s.visible(e)
	case keyDelta:
		return s.null() || s.object(e, inDelta)
	case keyFinishReason:
		if s.null() {
			return true
		}
		reason, ok := s.text()
		e.finish = finishOf(reason)
		return ok
	case keyTokenIDs:
		return s.null() || s.numbers(&e.ids)
	}
	return s.skip()
}

func (s *scanner) deltaField(e *event, k key) bool {
	switch k {
	case keyContent, keyReasoningContent, keyReasoning:
		return s.null() || s.visible(e)
	case keyRole:
		if s.null() {
			return true
		}
		role, ok := s.text()
		e.role = len(role) > 0
		return ok
	}
	return s.skip()
}

func (s *scanner) usageField(e *event, k key) bool {
	switch k {
	case keyPromptTokens:
		return s.count(&e.prompt)
	case keyCompletionTokens:
		return s.running(&e.completion, completionHole)
	case keyTotalTokens:
		before, total := *s, 0
		if s.running(&total, totalHole) {
			return true
		}
		*s = before
	case keyPromptTokensDetails:
		return s.null() || s.object(e, inDetails)
	}
	return s.skip()
}

// choices reads a list of no choice or of one.
func (s *scanner) choices(e *event) bool {
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	e.choice = true
	return s.object(e, inChoice) && s.take(']')
}

// visible reads text of which only matters whether there is any.
func (s *scanner) visible(e *event) bool {
	n, ok := s.quoted()
	e.text = e.text || n > 0
	s.texts++
	s.differs(textHole, s.at-1-n, s.at-1)
	return ok
}
