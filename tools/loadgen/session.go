package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/protocol"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// session is a sweep over one server.
type session struct {
	*options
	std    *cmdline.Std
	server record.Server
	// context is the longest sequence that the server takes; 0 is not known.
	context int
	speak   protocol.Protocol
	maker   prompt.Maker
	pulse   *stamp.Pulse
	alarm   *load.PreciseAlarm
	out     *csvio.Writer[record.Request] // standard output
	failed  int                           // requests of all points
}

// newSession learns how the server is to be spoken to.
func newSession(ctx context.Context, o *options, server record.Server, std *cmdline.Std) (*session, error) {
	s := &session{options: o, std: std, server: server, pulse: stamp.NewPulse(), out: csvio.NewWriter[record.Request](std.Out)}
	if o.outDir != "" {
		if err := probeFolder(o.outDir); err != nil {
			return nil, err
		}
	}
	var err error
	s.speak, err = protocol.New(o.protocol(string(server.Backend)), protocol.Options{URL: string(server.URL), Model: string(server.Model),
		Key: o.key, Deployment: o.deployment, Chat: o.chat, Stream: o.stream, Timeout: o.timeout, Silence: o.silence, Stall: s.pulse.Longest})
	if err != nil {
		return nil, cmdline.Usagef("--url: %v", err)
	}
	if err := s.speak.Learn(ctx, func(note string) { std.Warnf("%s", note) }); err != nil {
		return nil, fmt.Errorf("a first request: %w", err)
	}
	if id, err := o.probe(string(server.URL), string(server.Model)).Identify(ctx, ""); err == nil {
		s.context = id.Context // a server without such a route says it by refusing
	}
	// No other run's prompts, even of the same name, may begin like these.
	s.maker.Run = string(server.Run) + strconv.FormatInt(time.Now().UnixNano(), 36)
	return s, s.fitPrompts(ctx)
}

// fitPrompts decides what prompts are made of, and for text how long it is.
func (s *session) fitPrompts(ctx context.Context) error {
	if s.prompts != "text" {
		s.maker.IDs = s.speak.TokenIDs(ctx)
	}
	if s.prompts == "ids" && len(s.maker.IDs) == 0 {
		return fmt.Errorf("--prompts ids: the server takes no token ids")
	}
	if len(s.maker.IDs) > 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	off, err := s.maker.Fit(func(text string) (int, error) { return s.speak.Count(ctx, text) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.std.Warnf("prompts are text, and a word is taken for a token: %v", err)
	case off > 0.02:
		s.std.Warnf("prompts are text, and about %.0f %% off the asked length", 100*off)
	}
	return nil
}

// sweep measures one point after the other.
func (s *session) sweep(ctx context.Context, points []point) error {
	alarm, err := load.NewPreciseAlarm()
	if err != nil {
		return err
	}
	defer alarm.Close()
	s.alarm = alarm
	watching, stop := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() { s.pulse.Run(watching); close(watched) }()
	defer func() { stop(); <-watched }()
	for _, p := range points {
		if err := s.measure(ctx, p); err != nil {
			return err
		}
	}
	if s.failed > 0 {
		return cmdline.Partialf("%d requests failed; their rows say why", s.failed)
	}
	return nil
}

// measure runs one point and sees to its rows.
func (s *session) measure(ctx context.Context, p point) error {
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
	if err == nil && s.failed > failed && !reachable(string(s.server.URL)) {
		err = errors.New("the server has gone; the point is not whole and will be measured again")
	}
	if err != nil {
		file.keep() // the rows that are there are safe, and the error is the one to tell
		return err
	}
	return file.finish()
}

// fitContext lets generations give way where prompt and generation together
// would be longer than the server takes, and says how often that is.
func (s *session) fitContext(p *point) {
	whole := p.lengths
	p.lengths.Context = s.context
	cut := 0
	for i := range p.planned() {
		if whole.Draw(s.seed, i) != p.lengths.Draw(s.seed, i) {
			cut++
		}
	}
	if cut > 0 {
		s.std.Notef("%d of %d requests are cut to fit the context of %d tokens", cut, p.planned(), s.context)
	}
}

// drive sends the load of one point; its rows go to out.
func (s *session) drive(ctx context.Context, p point, out *csvio.Writer[record.Request]) error {
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
		s.std.Notef("%s", tally.line(p))
	}
	if err != nil {
		return err
	}
	return tally.verdict()
}

// load is the point's load.
func (s *session) load(ctx context.Context, p point, emit func(record.Request)) error {
	one := load.Point{
		Key: p.key, Warmup: s.warmup, Duration: s.duration, Grace: s.grace, Emit: emit, Alarm: s.alarm,
		Connect: func() load.Client { return &client{s, p, s.speak.Client()} },
		Jobs: func(i int) (load.Job, bool) {
			job := load.Job{Request: i, Size: p.size(s.seed, i)}
			if i < len(p.due) {
				job.Due = p.due[i]
			}
			return job, i < p.requests
		},
		Jitter: func(n int) float64 {
			random := rand.New(rand.NewPCG(s.seed^0x6a6974, uint64(n)))
			return random.Float64() * float64(p.key.NumClients) * s.jitter
		},
	}
	if p.due != nil {
		return one.Open(ctx)
	}
	return one.Closed(ctx)
}

// client is a protocol's client as the load wants it.
type client struct {
	*session
	point point
	speak protocol.Client
}

func (c *client) Generate(ctx context.Context, job load.Job, hold func() error) (time.Time, record.Request) {
	ask := protocol.Ask{
		ID:     fmt.Sprintf("%s-%d-%d", c.server.Run, c.point.key.NumClients, job.Request),
		Prompt: c.maker.Make(job.Request, job.Prompt), MaxNewTokens: job.New, Hold: hold,
	}
	before, used := time.Now(), cpuTime()
	start, row := c.speak.Generate(ctx, ask)
	now := time.Now()
	row.PauseS = record.Seconds(c.pulse.Longest(start, now).Seconds())
	row.ClientCPU = record.Rate(cpuShare(cpuTime()-used, now.Sub(before)))
	return start, row
}

func (c *client) Close() { c.speak.Close() }
