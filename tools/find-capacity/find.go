package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/models"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/record"
)

// find tries loads until the border is known, and answers.
func (o *options) find(ctx context.Context, std *cmdline.Std) error {
	file, err := o.answerFile()
	if err != nil {
		return err
	}
	defer file.discard()
	p := &prober{options: o, std: std, out: csvio.NewWriter[record.Request](std.Out)}
	if err := p.begin(std); err != nil {
		return err
	}
	a := &answer{options: o}
	err = p.tryLoads(ctx, a)
	if a.best == nil && a.worst == nil {
		return err
	}
	std.Warnf("%s", a.text())
	if err != nil {
		return err
	}
	if err := file.write(a.row()); err != nil {
		return err
	}
	switch {
	case p.skipped > 0:
		return cmdline.Partialf("partly done: rows that could not be read: %d", p.skipped)
	case a.end != record.Found:
		return cmdline.Partialf("partly done: the border was not found")
	}
	return nil
}

// begin reads the server's row, unless the command has an address, and settles what all runs have in common.
func (p *prober) begin(std *cmdline.Std) error {
	model := p.value("model")
	if !p.says("url") && !p.says("openai-api-url") && !p.says("aml-api-url") {
		server, err := readServer(std)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := csvio.NewWriter[record.Server](&text).Write(server); err != nil {
			return err
		}
		p.server, model = text.Bytes(), string(server.Model)
		if p.run == "" {
			p.run = string(server.Run)
		}
	}
	if p.run == "" {
		p.run = time.Now().UTC().Format("20060102T150405Z")
	}
	p.setLengths(model)
	return nil
}

// setLengths chooses one of the original's pairs of lengths where the command
// leaves them open: loadgen would measure each.
func (p *prober) setLengths(model string) {
	usual, _ := models.Lookup(model)
	for _, length := range []struct {
		flag   string
		tokens int
	}{{"mean-prompt-length", usual.PromptLengths[len(usual.PromptLengths)-1]}, {"mean-max-new-tokens", usual.NewTokens[0]}} {
		if !p.says(length.flag) {
			p.command = append(p.command, "--"+length.flag, fmt.Sprint(length.tokens))
			p.std.Notef("the load is one of --%s %d, since the command names none", length.flag, length.tokens)
		}
	}
}

// readServer reads the row of serve-launch.
func readServer(std *cmdline.Std) (record.Server, error) {
	return reach.ReadServer(std, "the command has no --url", `serve-launch --backend sim-fastgen | find-capacity ..., or -- loadgen --url http://host:8000 ...`)
}

// tryLoads tries one load after the other.
func (p *prober) tryLoads(ctx context.Context, a *answer) error {
	for {
		load, end := a.search.next()
		e := a.unsure(end)
		switch {
		case e != nil:
		case end == "" && len(a.tried) == p.maxProbes:
			a.end = record.OutOfProbes
			return nil
		case end != "":
			a.end = end
			return nil
		default:
			e = &evidence{load: load}
		}
		if err := p.probe(ctx, a, e); err != nil {
			return err
		}
		if a.took(e); e.decided == limited {
			a.end = record.ClientLimited
			return nil
		}
	}
}

// probe measures a load until it is decided; once more, where it was.
func (p *prober) probe(ctx context.Context, a *answer, e *evidence) error {
	requests := p.firstRequests(e)
	for {
		b, err := p.measure(ctx, e.load, len(e.batches)+1, requests)
		a.requests += b.row.Requests
		if err != nil && !p.brokeDown(b, err) {
			return err
		}
		decided := e.add(b, p.attainment)
		p.std.Notef("%s: %s", a.load(e.load), e.text(p.slo, decided))
		if decided != measureOn {
			return nil
		}
		requests = e.next()
	}
}

// firstRequests is how many requests the next run of a load has.
func (p *prober) firstRequests(e *evidence) int {
	switch {
	case len(e.batches) > 0:
		return e.next()
	case p.requests > 0:
		return p.requests
	case p.clients:
		return firstRequests(p.attainment, int(e.load), p.virtual)
	}
	return firstRequests(p.attainment, 0, p.virtual)
}

// brokeDown reports whether a run failed because each of its requests did, at a load
// above one that the server took: that is a load that fails.
func (p *prober) brokeDown(b *batch, err error) bool {
	var exit *cmdline.ExitError
	return errors.As(err, &exit) && exit.Status == 1 && p.options.search.passed > 0 && b.row.Judged.Int() > 0 && b.row.Good.Int() == 0
}
