package protocol

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"fastgenbench/tools/internal/record"
)

// Learn finds out, by a few short requests, which extensions the server takes
// and how its tokens can be counted. Whatever is less than exact is told to
// note, in words for people. The error is that of a server that answers no
// request at all.
func (p *OpenAI) Learn(ctx context.Context, note func(string)) error {
	probe := p.probing()
	row, err := probe.firstAccepted(ctx)
	if err != nil {
		return unanswered(ctx, row, err)
	}
	if p.Stream {
		probe.learnCounting(ctx)
	}
	p.can = probe.can
	p.tell(note, row)
	return nil
}

// probing is p for trying things out.
func (p *OpenAI) probing() *OpenAI { return openAIAt(p.Options, p.at, p.can) }

// firstAccepted tries from the richest request to the poorest, and keeps what
// the first that is not refused asks for.
func (p *OpenAI) firstAccepted(ctx context.Context) (row record.Request, err error) {
	for _, p.can = range []abilities{
		{ignoreEOS: true, totals: true, running: true},
		{ignoreEOS: true, totals: true},
		{totals: true},
		{},
	} {
		row, _, err = p.try(ctx, p.can)
		if status := (*statusError)(nil); !errors.As(err, &status) || !refuses(status.status) {
			return row, err
		}
	}
	return row, err
}

// refuses reports whether a status says that the request's form was not to
// the server's taste.
func refuses(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// learnCounting looks for a way to count tokens chunk by chunk.
func (p *OpenAI) learnCounting(ctx context.Context) {
	usual := p.can
	withIDs, withTimings := usual, usual
	withIDs.returnIDs, withTimings.timings = true, true
	for _, c := range []struct {
		ask abilities
		by  counting
	}{{usual, byUsage}, {withIDs, byIDs}, {withTimings, byTimings}} {
		_, offers, err := p.try(ctx, c.ask)
		if err == nil && offers[c.by] > 0 && offers[c.by] == offers[byChunk] {
			p.can = c.ask
			p.can.by = c.by
			return
		}
	}
	p.can = usual
}

// try sends a request that asks for certain abilities.
func (p *OpenAI) try(ctx context.Context, can abilities) (record.Request, [byTimings + 1]int, error) {
	p.can = can
	c := p.client()
	defer c.Close()
	row, err := try(ctx, c, learnPrompt(), learnTokens)
	return row, c.count.offers, err
}

// tell says what is less than exact.
func (p *OpenAI) tell(note func(string), row record.Request) {
	if !p.can.ignoreEOS {
		note("the server refuses ignore_eos: generations may be shorter than asked for")
	}
	switch {
	case row.GeneratedTokens < 1:
		note("the server's first answer brought no token")
	case !row.PromptTokens.Known():
		note("the server gives no usage: each chunk is counted as one token, and prompt lengths are unknown")
	case p.Stream && p.can.by == byChunk:
		note(fmt.Sprintf("the server counts tokens per request only: gaps are between chunks (%d tokens in %d chunks)",
			row.GeneratedTokens, len(row.ChunkS)))
	}
}
