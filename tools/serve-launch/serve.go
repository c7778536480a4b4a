package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/dialect"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// probeInterval is the time between two looks whether a server is ready.
const probeInterval = 50 * time.Millisecond

// tailLines is how much of a log is shown when a server fails.
const tailLines = 15

// serving is a server that answers. server is nil when it is not ours.
type serving struct {
	options
	row     record.Server
	server  *launch.Server
	ownLog  bool // the log was nobody's wish: it goes when it is not needed
	keepLog bool // a message has named it
}

// end stops the server, if it is ours.
func (s *serving) end() {
	if s.server == nil {
		return
	}
	s.server.Stop()
	if s.ownLog && !s.keepLog {
		_ = os.Remove(s.log) // a temporary file left behind is not a failure
	}
}

// serve starts the server, or finds the one at --url, and waits until it has
// answered. Where it fails nothing is left running.
func (o options) serve(ctx context.Context, std *cmdline.Std) (*serving, error) {
	if needs := o.backend.Needs(o.settings); len(needs) > 0 {
		err := fmt.Errorf("%s cannot run here: %s", o.backend.Name, needs[0].Missing)
		return nil, cmdline.WithHint(err, needs[0].Hint)
	}
	began := time.Now()
	if o.backend.Command == nil {
		return o.find(ctx, began)
	}
	if err := o.choosePort(); err != nil {
		return nil, err
	}
	command, err := o.backend.Command(o.settings)
	if err != nil {
		return nil, cmdline.Usagef("%v", err)
	}
	if o.reach.KeyFromFile && o.backend.KeyVariable != "" {
		command.Env = append(command.Env, o.backend.KeyVariable+"="+o.reach.Key())
	}
	s := &serving{options: o}
	if err := s.openLog(); err != nil {
		return nil, err
	}
	if s.server, err = launch.Start(launch.Spec{Args: command.Args, Env: command.Env, Log: s.log, Grace: o.stop}); err != nil {
		return nil, err
	}
	std.OnAbort(s.server.Kill)
	std.Notef("starting %s, log in %s", o.backend.Name, s.log)
	for _, note := range command.Notes {
		std.Notef("%s", note)
	}
	if err := s.awaitReady(ctx, std, began); err != nil {
		s.end()
		return nil, err
	}
	std.Notef("ready after %.1f s at %s", s.row.ReadyS.Float(), s.row.URL)
	return s, nil
}

// openLog makes the log where nobody said which.
func (s *serving) openLog() error {
	if s.log != "" {
		return nil
	}
	file, err := os.CreateTemp("", s.backend.Name+"-*.log")
	if err != nil {
		return fmt.Errorf("the server's log: %w", err)
	}
	s.log, s.ownLog = file.Name(), true
	return file.Close()
}

// awaitReady waits for the started server's first answer and asks it what it is.
func (s *serving) awaitReady(ctx context.Context, std *cmdline.Std, began time.Time) error {
	at, err := transport.ParseAddress(s.address())
	if err != nil {
		return err
	}
	var id dialect.Identity
	took, err := s.server.WaitReady(ctx, s.start, probeInterval, func(ctx context.Context) (err error) {
		if err = s.listening(ctx); err == nil {
			id, err = s.ask(ctx, at)
		}
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			s.explain(std)
		}
		return err
	}
	if s.backend.Engine != nil {
		if id.Engine, err = s.backend.Engine(s.settings); err != nil {
			return fmt.Errorf("identifying the server: %w", err)
		}
	}
	s.row = s.serverRow(id, at, began, took)
	return nil
}

// listening returns nil when every port that has to takes connections.
func (o options) listening(ctx context.Context) error {
	if o.backend.Listen == nil {
		return nil
	}
	for _, port := range o.backend.Listen(o.settings) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return err
		}
		conn.Close()
	}
	return nil
}

// ask asks a server what it is, and for one token: that alone proves that it is
// ready. Requests name the model as the server lists it: an engine that was
// handed a path may serve it under another name.
func (o options) ask(ctx context.Context, at transport.Address) (id dialect.Identity, err error) {
	id = dialect.Identity{Speed: 1, Model: o.settings.Model}
	if !o.backend.FixedModel {
		server, err := o.newServer(at, o.settings.Model)
		if err != nil {
			return id, err
		}
		if id, err = server.Identify(ctx); err != nil {
			return id, err
		}
	}
	return id, o.answers(ctx, at, id.Model)
}

// answers returns nil when the server answers a request for one token.
func (o options) answers(ctx context.Context, at transport.Address, model string) error {
	server, err := o.newServer(at, model)
	if err != nil {
		return err
	}
	return server.Ready(ctx)
}

// newServer returns a client of the server at an address.
func (o options) newServer(at transport.Address, model string) (dialect.Server, error) {
	return dialect.New(o.backend.Protocol(), dialect.Options{
		Transport: o.reach.Config(at, o.backend.KeyVariable), Model: model,
		Deployment: o.settings.DeploymentName, Extra: o.reach.Extra, Timeout: o.start,
	})
}

// find looks at a server that is not ours. It may serve a model that it does
// not list, so the one that was asked for is tried.
func (o options) find(ctx context.Context, began time.Time) (*serving, error) {
	limited, cancel := context.WithTimeout(ctx, o.start)
	defer cancel()
	if !o.modelGiven {
		o.settings.Model = ""
	}
	server, err := o.newServer(o.url, o.settings.Model)
	if err != nil {
		return nil, err
	}
	id, err := server.Identify(limited)
	listed := id.Model
	if o.modelGiven {
		id.Model = o.settings.Model
	}
	if err == nil {
		err = o.answers(limited, o.url, id.Model)
	}
	took := time.Since(began)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && listed != "" && listed != id.Model:
		return nil, cmdline.WithHint(fmt.Errorf("the server at %s does not serve %s: %w", o.url, id.Model, err), "it serves "+listed)
	case err != nil:
		return nil, reach.WithHint(fmt.Errorf("the server at %s does not respond: %w", o.url, err), "")
	}
	return &serving{options: o, row: o.serverRow(id, o.url, began, took)}, nil
}

// explain shows the end of the log of a server that failed.
func (s *serving) explain(std *cmdline.Std) {
	s.keepLog = true
	tail := launch.Tail(s.log, tailLines)
	if cause := launch.FirstError(s.log); cause != "" && !slices.Contains(tail, cause) {
		tail = append([]string{cause, "..."}, tail...)
	}
	for _, line := range tail {
		std.Hintf("%s", s.redact(line))
	}
	std.Hintf("the whole log is %s", s.log)
}

// redact takes the API key out of a line of the server's log.
func (o options) redact(line string) string {
	if key := o.reach.Key(o.backend.KeyVariable); key != "" {
		return strings.ReplaceAll(line, key, "***")
	}
	return line
}

// died is the error of a server that ended while it was needed.
func (s *serving) died(std *cmdline.Std) error {
	s.explain(std)
	reason := s.server.Reason()
	if reason == "" {
		return errors.New("the server was stopped by another process")
	}
	return fmt.Errorf("the server exited: %s", reason)
}
