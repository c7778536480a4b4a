package stream

// level is an object of a message whose keys have a meaning.
type level uint8

const (
	elsewhere level = iota
	inChunk         // the top level of OpenAI's completions and chats
	inChoice
	inDelta // what a choice adds, or its whole message
	inUsage
	inDetails
	inTimings // of llama-server
	inMetrics // of vLLM
	inTypedEvent
	inResponse // the response in an event of Responses
	inMessagesEvent
	inMessage // the message in an event of Messages
	inBlockDelta
)

// meaning is what the value of a field stands for.
type meaning uint8

const (
	asKind   meaning = iota // the type of an event
	asPart                  // the type of a delta or of an object
	asStatus                // of a response
	asPrompt                // this and the next are counts
	asCompletion
	asCached
	asCreated // of the prompt, taken into the cache
	asThought
	asTotal // of prompt and completion; nobody needs it
	asRunning
	asQueueMS
	asTTFTMS
	asInner     // an object of another level
	asChoices   // a list of choices
	asVisible   // text, or parts of it
	asReasoning // text of reasoning
	asRole      // text that names who speaks
	asFinish    // a reason to end
	asIDs       // a list of token ids
	asFault     // an error
	asName      // the name of an answer; nobody needs it or the next
	asBirth     // when it was created
)

type field struct {
	key string
	as  meaning
	at  level // of an inner object or a choice
}

// fields says what matters of a message, in the order in which servers send it.
var fields = [...][]field{
	inChunk: {
		{"id", asName, 0}, {"created", asBirth, 0},
		{"object", asPart, 0}, {"choices", asChoices, inChoice}, {"usage", asInner, inUsage}, {"timings", asInner, inTimings},
		{"metrics", asInner, inMetrics}, {"error", asFault, 0}, {"type", asKind, 0},
		{"x_groq", asInner, inChunk}, // holds usage and error
	},
	inChoice: {
		{"text", asVisible, 0}, {"delta", asInner, inDelta}, {"finish_reason", asFinish, 0}, {"token_ids", asIDs, 0},
		{"message", asInner, inDelta}, {"usage", asInner, inUsage}, {"error", asFault, 0},
	},
	inDelta: {
		{"role", asRole, 0}, {"content", asVisible, 0}, {"reasoning_content", asReasoning, 0}, {"reasoning", asReasoning, 0},
		{"reasoning_details", asReasoning, 0}, {"refusal", asVisible, 0}, {"tool_calls", asVisible, 0},
		{"function_call", asVisible, 0}, {"error", asFault, 0},
	},
	inUsage: {
		{"prompt_tokens", asPrompt, 0}, {"total_tokens", asTotal, 0}, {"completion_tokens", asCompletion, 0},
		{"prompt_tokens_details", asInner, inDetails},
		{"completion_tokens_details", asInner, inDetails}, {"input_tokens", asPrompt, 0}, {"output_tokens", asCompletion, 0},
		{"input_tokens_details", asInner, inDetails}, {"output_tokens_details", asInner, inDetails},
		{"prompt_cache_hit_tokens", asCached, 0}, {"cached_tokens", asCached, 0}, {"cache_read_input_tokens", asCached, 0},
		{"cache_creation_input_tokens", asCreated, 0}, {"reasoning_tokens", asThought, 0},
	},
	inDetails: {{"cached_tokens", asCached, 0}, {"reasoning_tokens", asThought, 0}},
	inTimings: {{"cache_n", asCached, 0}, {"prompt_ms", asTTFTMS, 0}, {"predicted_n", asRunning, 0}},
	inMetrics: {{"queue_time_ms", asQueueMS, 0}, {"time_to_first_token_ms", asTTFTMS, 0}},
	inTypedEvent: {
		{"type", asKind, 0}, {"delta", asVisible, 0}, {"response", asInner, inResponse}, {"error", asFault, 0},
		{"object", asPart, 0}, {"status", asStatus, 0}, {"output", asVisible, 0}, {"usage", asInner, inUsage},
	},
	inResponse: {{"usage", asInner, inUsage}, {"error", asFault, 0}},
	inMessagesEvent: {
		{"type", asKind, 0}, {"delta", asInner, inBlockDelta}, {"usage", asInner, inUsage}, {"message", asInner, inMessage},
		{"content_block", asVisible, 0}, {"content", asVisible, 0}, {"role", asRole, 0}, {"stop_reason", asFinish, 0}, {"error", asFault, 0},
		{"object", asStatus, 0}, // only errors have it
	},
	inMessage: {{"role", asRole, 0}, {"usage", asInner, inUsage}},
	inBlockDelta: {
		{"type", asPart, 0}, {"text", asVisible, 0}, {"partial_json", asVisible, 0}, {"thinking", asReasoning, 0}, {"stop_reason", asFinish, 0},
	},
}

// reading is what was read of a message.
type reading struct {
	Event
	names      [asStatus + 1][]byte
	counts     [asRunning + 1]Count
	hasChoices bool // even if they are null
	fault      any
}

// read reads a message: by the scanner, or else in full. Passed and err are
// those of OpenAI.
func (s *scanner) read(m Message, top level) (passed bool, err error) {
	s.data = m.Data
	if string(m.Name) != "error" && s.object(top) && s.atEnd() && s.isKnown() {
		s.sum()
		return false, nil
	}
	s.reading, s.at = reading{}, 0 // as nothing of it was scanned
	return s.readInFull(m, top)
}

func (r *reading) readInFull(m Message, top level) (passed bool, err error) {
	o, passed, err := decode(m)
	r.object(o, top)
	r.sum()
	r.Last = o == nil && !passed && err == nil
	if r.fault != nil {
		err = serverError(r.fault)
	}
	return passed, err
}

// isKnown reports whether a message says what it is. Others may be errors.
func (r *reading) isKnown() bool {
	return r.hasChoices || r.counts != [asRunning + 1]Count{} || len(r.names[asKind]) > 0
}

// sum puts the counts into the event.
func (r *reading) sum() {
	r.Running = r.counts[asRunning]
	r.Usage.Merge(Usage{r.counts[asPrompt], r.counts[asCompletion], r.counts[asCached], r.counts[asThought]})
}

// count notes a count. Where several keys say one, the largest is right:
// servers that know two spellings may leave one of them at 0.
func (r *reading) count(as meaning, c Count) { r.counts[as].next = max(r.counts[as].next, c.next) }

// span notes a duration, the longest where several keys say one.
func (r *reading) span(as meaning, ms float64) {
	to := &r.TTFTS
	if as == asQueueMS {
		to = &r.QueueS
	}
	if s := spanOf(ms); s.Known() && s.Float() >= to.Float() {
		*to = s
	}
}
