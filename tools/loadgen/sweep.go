package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/dialect"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/transport"
)

// sweep is one over one server.
type sweep struct {
	*options
	std    *cmdline.Std
	target target
	server dialect.Server
	points int // of the whole sweep
	maker  prompt.Maker
	pulse  *stamp.Pulse
	alarms load.Alarms
	out    *csvio.Writer[record.Request] // standard output
	failed int                           // requests of all points
	top    ceiling
}

// newSweep learns how the server is to be spoken to.
func newSweep(ctx context.Context, o *options, t target, points int, loops *stamp.Loops, std *cmdline.Std) (*sweep, error) {
	s := &sweep{options: o, std: std, target: t, points: points, pulse: stamp.NewPulse(), top: ceiling{limit: o.earlyStop}, out: csvio.NewWriter[record.Request](std.Out)}
	if o.outDir != "" {
		if err := probeFolder(o.outDir); err != nil {
			return nil, err
		}
	}
	if o.reach.Insecure {
		std.Notef("the server's certificate is not checked (--insecure)")
	}
	if proxy := transport.ProxyOf(t.at); proxy != "" {
		std.Notef("requests go through the proxy %s, whose time is part of every figure", proxy)
	}
	var err error
	if s.server, err = o.newServer(t, loops, s.pulse.Longest); err != nil {
		return nil, err
	}
	if err := s.server.Learn(ctx, func(note string) { std.Warnf("%s", note) }); err != nil {
		return nil, reach.WithHint(fmt.Errorf("a first request: %w", err), "")
	}
	// No other run's prompts, even of the same name, may begin like these.
	s.maker.Run = string(t.row.Run) + strconv.FormatInt(time.Now().UnixNano(), 36)
	if t.lockstep != nil { // nor do they: every load begins afresh, and the same run is the same
		s.maker.Run = ""
	}
	if err := s.checkContent(); err != nil {
		return nil, err
	}
	return s, s.fitPrompts(ctx)
}

// fitPrompts decides what prompts are made of, and for text how long it is.
func (s *sweep) fitPrompts(ctx context.Context) error {
	if s.prompts != "text" {
		s.maker.IDs = s.server.TokenIDs(ctx)
	}
	if s.prompts == "ids" && len(s.maker.IDs) == 0 {
		return fmt.Errorf("--prompts ids: the server takes no token ids")
	}
	if len(s.maker.IDs) > 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	off, err := s.maker.Fit(func(text string) (int, error) { return s.server.Count(ctx, text) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.std.Warnf("prompts are text, and each word is assumed to be one token: %v", err)
	case off > 0.02:
		s.std.Warnf("prompts are text, and their lengths are up to %.0f %% off", 100*off)
	}
	return nil
}

// run measures one point after the other.
func (s *sweep) run(ctx context.Context, points []point) error {
	defer s.alarms.Close()
	watching, stop := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if err := s.pulse.Run(watching); err != nil {
			s.std.Warnf("when the client stood still is not known, so it counts as standing still: %v", err)
		}
	}()
	defer func() { stop(); <-watched }()
	for _, p := range points {
		if s.top.leavesOut(p) {
			s.std.Notef("%s, prompt %d, generation %d: skipped, the mean latency of a smaller load was above --early-stop-latency %g",
				p.loadName(), p.key.MeanPromptLength, p.key.MeanMaxNewTokens, s.earlyStop)
			continue
		}
		if err := s.measure(ctx, p); err != nil {
			return err
		}
	}
	switch {
	case s.failed > 0:
		return cmdline.Partialf("%d requests failed; their rows say why", s.failed)
	case s.schedule != nil && s.schedule.Skipped > 0:
		return cmdline.Partialf("%d lines of %s were skipped", s.schedule.Skipped, s.schedule.Name)
	}
	return nil
}

// measure runs one point and sees to its rows.
func (s *sweep) measure(ctx context.Context, p point) error {
	s.fitContext(&p)
	if p.file == "" {
		return s.drive(ctx, p, s.out)
	}
	file, err := createPart(p.file)
	if err != nil {
		return err
	}
	failed := s.failed
	err = s.drive(ctx, p, csvio.NewWriter[record.Request](file))
	lost := errors.As(err, new(*transport.ConnectError)) || transport.IsHangUp(err)
	if (lost || err == nil && s.failed > failed) && !reachable(s.target.at) {
		err = errors.New("the server has gone; the point is incomplete and will be measured again")
	}
	if err != nil {
		file.keep() // the rows written so far are safe; report this error
		return err
	}
	return file.finish()
}

// fitContext lets generations give way where prompt and generation together
// would be longer than the server takes, and says how often that is. Of a
// schedule that is known already.
func (s *sweep) fitContext(p *point) {
	p.draws.Lengths.Context = s.target.context
	if cut := p.draws.Cut(p.planned()); cut > 0 {
		s.std.Notef("%d of %d requests are cut%s to fit the context of %d tokens", cut, p.planned(), p.orLeftOut(), s.target.context)
	}
}

// drive sends the load of one point; its rows go to out.
func (s *sweep) drive(ctx context.Context, p point, out *csvio.Writer[record.Request]) error {
	if err := out.Header(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tally := newTally()
	progress := s.progress(p)
	rows := newSink(out, func(row record.Request) { tally.add(row); progress.step() }, func(error) { cancel(load.ErrAtOnce) })
	err := s.load(ctx, p, rows.put)
	writeErr := rows.close()
	progress.end()
	if writeErr != nil {
		return fmt.Errorf("writing rows: %w", writeErr)
	}
	tally.end(s.pulse)
	s.failed += tally.failed()
	if tally.requests > 0 {
		line := tally.line(p)
		if err != nil { // its figures are of a part of the load
			line += fmt.Sprintf("; incomplete: the load ended early, after %d requests", tally.requests)
		}
		s.std.Notef("%s", line)
	}
	s.top.saw(p, tally.mean)
	if err != nil {
		return err
	}
	return tally.verdict()
}

// load is the point's load.
func (s *sweep) load(ctx context.Context, p point, emit func(record.Request)) error {
	jobs, failure := p.plan()
	one := load.Point{
		Key: p.key, Plan: jobs, Warmup: s.warmup, WarmupJob: p.warmup, Duration: s.duration, Grace: s.grace, Emit: emit, Alarms: &s.alarms,
		MaxConcurrency: s.maxConcurrency,
		Connect:        func() load.Client { return &client{s, p, s.server.Client()} },
		Jitter:         load.Jitter{Seed: p.seed, Clients: p.key.NumClients, Seconds: s.jitter}.Wait,
	}
	if steps := s.target.lockstep; steps != nil {
		if err := steps.Begin(ctx); err != nil {
			return err
		}
		defer steps.End()
		one.Clock = lockstep.New(steps, lockstep.Limits{Timeout: s.timeout, Silence: s.silence, Silent: transport.SilenceError(s.silence)})
	}
	run := one.Closed
	if p.open {
		run = one.Open
	}
	if err := run(ctx); err != nil {
		return err
	}
	return failure()
}

// client is a server's client as the load wants it.
type client struct {
	*sweep
	point point
	asks  dialect.Client
}

func (c *client) Generate(ctx context.Context, job load.Job, hold func() error) record.Outcome {
	ask := dialect.Ask{ID: c.point.key.RequestID(job.Request), MaxNewTokens: job.New, Hold: hold, Lockstep: job.Lockstep}
	answered := c.compose(job, &ask)
	before, used := time.Now(), cpuTime()
	o := c.asks.Generate(ctx, ask)
	answered(o)
	if job.Lockstep != nil { // what the client's machine does is of no account
		return o
	}
	now := time.Now()
	o.Pause = record.InSeconds(c.pulse.Longest(o.Start, now).Seconds())
	o.CPU = record.RateOf(cpuShare(cpuTime()-used, now.Sub(before)))
	return o
}

// serial numbers the requests of all points, warm-ups among them, each once.
func (c *client) serial(request int) int {
	if request < 0 {
		return (-2*request-1)*c.points + c.point.index
	}
	return 2*request*c.points + c.point.index
}

func (c *client) Close() { c.asks.Close() }
