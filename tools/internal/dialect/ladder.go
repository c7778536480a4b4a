package dialect

import (
	"context"
	"fmt"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// Learn finds out which form of request the server takes, which options on top
// of it, and how its tokens can be counted.
func (p *openAI) Learn(ctx context.Context, note func(string)) error {
	said := ""
	once := func(text string) { // the same redirect shows in each try
		if text != said {
			said = text
			note(text)
		}
	}
	o, a, err := p.accepted(ctx, once)
	if isMissing(err) {
		o, a, err = p.withoutQuery(ctx, once, o, err)
	}
	if err != nil {
		return unanswered(ctx, o, err)
	}
	if p.Stream && a.streamed {
		o, a = p.learnCounting(ctx, once, o, a)
	}
	p.noteLimits(note, o, a)
	return nil
}

// withoutQuery tries once more where the server knows no route with the query
// of the address. Where that does not help the error stays what it was.
func (p *openAI) withoutQuery(ctx context.Context, note func(string), o record.Outcome, missing error) (record.Outcome, *answer, error) {
	at, had := p.Transport.Address.WithoutQuery()
	if !had {
		return o, nil, missing
	}
	config := p.Transport
	config.Address = at
	to, err := transport.NewEndpoint(config)
	if err != nil {
		return o, nil, missing
	}
	given := p.to
	p.to = to
	better, a, err := p.accepted(ctx, note)
	if err != nil {
		p.to = given
		return o, nil, missing
	}
	note(fmt.Sprintf("the server accepts %s only without the query, so requests are sent without it", at))
	return better, a, nil
}

// ask is the request of Learn.
func (p *openAI) ask(ctx context.Context, note func(string), can abilities) (record.Outcome, *answer, error) {
	p.can = can
	return p.first(ctx, note, Ask{Prompt: learnPrompt(), MaxNewTokens: learnTokens})
}

// accepted tries the richest request, and where that is refused the plain one
// in each form that servers take it in, and then each option by itself on top.
func (p *openAI) accepted(ctx context.Context, note func(string)) (record.Outcome, *answer, error) {
	all := abilities{ignoreEOS: true, minTokens: true, totals: p.Stream, running: p.Stream}
	p.by = byUsage
	o, a, err := p.ask(ctx, note, all)
	if !refused(err) {
		return o, a, err
	}
	if o, a, err = p.plain(ctx, note, learnTokens); err != nil {
		return o, nil, err
	}
	options := []func(*abilities){
		func(c *abilities) { c.totals = p.Stream }, func(c *abilities) { c.ignoreEOS = true },
		func(c *abilities) { c.minTokens = true }, func(c *abilities) { c.running = c.totals },
	}
	for _, option := range options {
		can, richer := p.can, p.can
		if option(&richer); richer == can {
			continue
		}
		if better, betterA, err := p.ask(ctx, note, richer); err == nil {
			o, a = better, betterA
		} else if p.can = can; !refused(err) && ctx.Err() != nil {
			return o, a, err
		}
	}
	return o, a, nil
}

// plain sends the request without any option, in the forms that servers take
// it in: completions, then chats; with and without /v1; with the new name of
// max_tokens. It keeps the first that is accepted, and says when that is
// another than was asked for. Where none is, the error names each route.
func (p *openAI) plain(ctx context.Context, note func(string), newTokens int) (o record.Outcome, a *answer, err error) {
	asked, can := p.Chat, p.can
	chats := []bool{asked}
	if route := p.Transport.Address.Route(); !asked && route == "" {
		chats = append(chats, true)
	}
	bares := []bool{false}
	if p.Transport.Address.HasPath() && p.Transport.Address.Route() == "" {
		bares = append(bares, true)
	}
	var all refusal
	defer func() {
		if err != nil {
			p.Chat, p.can = asked, can
		}
	}()
	for _, chat := range chats {
		var why refusal
		for _, form := range forms(chat, bares) {
			p.Chat, p.can = chat, form
			o, a, err = p.first(ctx, note, Ask{Prompt: learnPrompt(), MaxNewTokens: newTokens})
			if err == nil && chat != asked {
				note("the server does not support completions, so chats are sent; --chat does so from the start")
			}
			if !refused(err) {
				return o, a, err
			}
			why.add(o, err, form)
		}
		all.and(why)
	}
	return all.outcome, nil, all.err
}

// forms are the plain requests of a route.
func forms(chat bool, bares []bool) (all []abilities) {
	for _, bare := range bares {
		all = append(all, abilities{bare: bare})
		if chat {
			all = append(all, abilities{bare: bare, completionTokens: true}, abilities{bare: bare, parts: true},
				abilities{bare: bare, completionTokens: true, parts: true})
		}
	}
	return all
}

// learnCounting looks for a way to count tokens message by message, and keeps
// the plain one where there is none.
func (p *openAI) learnCounting(ctx context.Context, note func(string), o record.Outcome, a *answer) (record.Outcome, *answer) {
	if p.by == byUsage && a.exact {
		return o, a
	}
	usual := p.can
	for _, way := range []struct {
		by     counting
		adding func(*abilities)
	}{
		{byTokens, func(c *abilities) { c.returnIDs = true }},
		{byRunning, func(c *abilities) { c.timings = true }},
	} {
		can := usual
		way.adding(&can)
		p.by = way.by
		if better, betterA, err := p.ask(ctx, note, can); err == nil && betterA.exact {
			return better, betterA
		}
	}
	p.by = byText
	if again, againA, err := p.ask(ctx, note, usual); err == nil {
		return again, againA
	}
	return o, a
}

// noteLimits says what is less than exact.
func (p *openAI) noteLimits(note func(string), o record.Outcome, a *answer) {
	if !p.can.ignoreEOS {
		note("the server rejects ignore_eos: answers may end early")
	}
	if p.Stream && p.usual.bare() {
		note("the server gives a finish reason in every chunk and no end mark: a truncated answer may be taken for a complete one")
	}
	p.noteCounts(note, o, a)
}

// noteCounts says what is not counted exactly.
func (w *web) noteCounts(note func(string), o record.Outcome, a *answer) {
	silent := !o.Prompt.Known() && !a.usage.Completion.Known()
	switch {
	case w.Stream && !a.streamed:
		note("the server does not stream: it sends whole answers, so TTFT and gaps are unknown")
	case silent && w.Stream:
		note("the server gives no usage: each chunk with text is counted as one token, and prompt lengths are unknown")
	case silent:
		note("the server gives no usage: lengths of prompts and generations are unknown")
	case w.Stream && !o.Chunks.Tokens().Known():
		note(fmt.Sprintf("the server counts tokens per request only (%d tokens in %d chunks): gaps between tokens are unknown",
			o.Generated.Int(), len(o.Chunks)))
	}
}
