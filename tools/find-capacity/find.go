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
	"fastgenbench/tools/internal/record"
)

// find tries loads until the border is known, and answers.
func (o *options) find(ctx context.Context, std *cmdline.Std) error {
	file, err := o.answerFile()
	if err != nil {
		return err
	}
	p := &prober{options: o, std: std, out: csvio.NewWriter[record.Request](std.Out)}
	if err := p.begin(std); err != nil {
		return err
	}
	a := &answer{options: o}
	err = p.tryLoads(ctx, a)
	if a.best == nil && a.worst == nil {
		return err
	}
	std.Warnf("%s", a.words())
	if err != nil {
		return err
	}
	if err := file.write(a.row()); err != nil {
		return err
	}
	switch {
	case p.skipped > 0:
		return cmdline.Partialf("done in part: rows that could not be read: %d", p.skipped)
	case a.end != record.Found:
		return cmdline.Partialf("done in part: the border was not found")
	}
	return nil
}

// begin reads the server's row and settles what all runs have in common.
func (p *prober) begin(std *cmdline.Std) error {
	model := p.value("model")
	if !p.says("url") {
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

// readServer reads one row and no further: serve-launch keeps its end of the pipe
// open for as long as the server is needed.
func readServer(std *cmdline.Std) (record.Server, error) {
	const hint = `serve-launch --backend sim-fastgen | find-capacity ..., or -- loadgen --url http://host:8000 ...`
	if cmdline.IsTerminal(std.In) {
		return record.Server{}, cmdline.WithHint(cmdline.Usagef("no server: standard input is a terminal, and the command has no --url"), hint)
	}
	in := csvio.NewReader[record.Server](nil, std.In, func(reason string) { std.Warnf("%s", reason) })
	if in.Scan() {
		return in.Row(), nil
	}
	err := in.Err()
	if err == nil || errors.Is(err, csvio.ErrNoInput) {
		err = errors.New("no server row came on standard input")
	}
	return record.Server{}, cmdline.WithHint(fmt.Errorf("reading the server row: %w", err), hint)
}

// tryLoads tries one load after the other.
func (p *prober) tryLoads(ctx context.Context, a *answer) error {
	for {
		load, end := p.options.search.next()
		if end == "" && a.probes == p.maxProbes {
			end = record.OutOfProbes
		}
		if end != "" {
			a.end = end
			return nil
		}
		a.probes++
		e, decided, err := p.probe(ctx, a, load)
		if err != nil {
			return err
		}
		if decided == limited {
			a.limited, a.end = e, record.ClientLimited
			return nil
		}
		p.options.search.took(load, decided == passes)
		a.took(e, decided == passes)
	}
}

// probe measures one load until it is decided.
func (p *prober) probe(ctx context.Context, a *answer, load float64) (*evidence, decision, error) {
	e := &evidence{load: load}
	requests := p.requests
	if requests == 0 {
		clients := 0
		if p.clients {
			clients = int(load)
		}
		requests = firstRequests(p.attainment, clients, p.virtual)
	}
	for n := 1; ; n++ {
		b, err := p.measure(ctx, load, n, requests)
		a.requests += b.row.Requests
		if err != nil && !p.brokeDown(b, err) {
			return nil, measureOn, err
		}
		decided := e.add(b, p.attainment)
		p.std.Notef("%s: %s", a.load(load), e.words(p.slo, decided))
		if decided != measureOn {
			return e, decided, nil
		}
		requests = e.next()
	}
}

// brokeDown reports whether a run failed because each of its requests did, at a load
// above one that the server took: that is a load that fails.
func (p *prober) brokeDown(b *batch, err error) bool {
	var exit *cmdline.ExitError
	return errors.As(err, &exit) && exit.Status == 1 && p.options.search.passed > 0 && b.row.Judged.Int() > 0 && b.row.Good.Int() == 0
}
