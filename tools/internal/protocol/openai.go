package protocol

import (
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/stamp"
)

// OpenAI speaks the OpenAI completions protocol with the extensions of vLLM
// and its relatives, as far as the server takes them: Learn finds out.
type OpenAI struct {
	httpProtocol
	can abilities
}

// abilities are what a server takes beyond the protocol's core.
type abilities struct {
	// ignoreEOS and min_tokens make a generation exactly as long as asked.
	ignoreEOS bool
	// totals asks for usage at the end of a stream, running for usage all along.
	totals, running bool
	// returnIDs asks for token ids, timings for llama-server's counts.
	returnIDs, timings bool
	// by is how tokens are then counted.
	by counting
}

// NewOpenAI returns the protocol for one server. Without Learn it sends nothing
// that OpenAI's own servers would not take.
func NewOpenAI(o Options) (*OpenAI, error) {
	at, err := newEndpoint(o.URL, o.Key)
	if err != nil {
		return nil, err
	}
	return openAIAt(o, at, abilities{totals: true}), nil
}

func openAIAt(o Options, at *endpoint, can abilities) *OpenAI {
	p := &OpenAI{can: can}
	p.httpProtocol = newHTTP(o, at, p)
	return p
}

func (p *OpenAI) framer() framer { return &splitter{} }

func (p *OpenAI) counts() counting { return p.can.by }

func (p *OpenAI) message(a *account, data []byte, at stamp.Arrival) (last bool, err error) {
	if string(data) == openai.Done {
		return true, nil
	}
	e, ok := a.known.event(data)
	if !ok {
		if e, err = decodeEvent(data); err != nil {
			return false, err
		}
	}
	if n := a.count.add(e); n > 0 {
		a.note.chunk(n, at)
	} else if a.count.silent {
		a.note.farewell = at
	}
	return false, nil
}

func (p *OpenAI) whole(a *account, body []byte) error {
	e, err := decodeEvent(body)
	if err == nil {
		a.count.add(e)
	}
	return err
}
