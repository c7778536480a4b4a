package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/record"
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
		_ = os.Remove(s.log) // a temporary file left behind is no failure
	}
}

// serve starts the server, or finds the one at --url, and waits until it has
// answered. Where it fails nothing is left running.
func (o options) serve(ctx context.Context, std *cmdline.Std) (*serving, error) {
	if needs := o.backend.Needs(o.settings); len(needs) > 0 {
		err := fmt.Errorf("%s cannot run here: %s", o.backend.Name, needs[0].Lacks)
		return nil, cmdline.WithHint(err, needs[0].Cure)
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
	if o.keyFromFile && o.backend.KeyVariable != "" {
		command.Env = append(command.Env, o.backend.KeyVariable+"="+o.settings.APIKey)
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
	if err := s.greet(ctx, std, began); err != nil {
		s.end()
		return nil, err
	}
	std.Notef("ready after %.1f s at %s", float64(s.row.ReadyS), s.row.URL)
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

// greet waits for the started server's first answer and asks it what it is.
func (s *serving) greet(ctx context.Context, std *cmdline.Std, began time.Time) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections() // as in find
	asked := s.backend.Server(s.settings, s.address(), &http.Client{Transport: transport})
	took, err := s.server.WaitReady(ctx, s.start, probeInterval, asked.Ready)
	if err != nil {
		if ctx.Err() == nil {
			s.explain(std)
		}
		return err
	}
	id, err := asked.Identify(ctx)
	if err != nil {
		return fmt.Errorf("asking the server what it is: %w", err)
	}
	s.row = s.serverRow(id, s.address(), began, took)
	return nil
}

// find looks at a server that is not ours.
func (o options) find(ctx context.Context, began time.Time) (*serving, error) {
	limited, cancel := context.WithTimeout(ctx, o.start)
	defer cancel()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections() // nothing of ours may be connected when the load is measured
	asked := o.backend.Server(o.settings, o.settings.URL, &http.Client{Transport: transport})
	err := asked.Ready(limited)
	took := time.Since(began)
	var id backend.Identity
	if err == nil {
		id, err = asked.Identify(limited)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("the server at %s does not answer: %w", o.settings.URL, err)
	}
	if o.modelGiven && id.Model != o.settings.Model {
		return nil, cmdline.WithHint(fmt.Errorf("the server at %s does not serve %s", o.settings.URL, o.settings.Model), "it serves "+id.Model)
	}
	return &serving{options: o, row: o.serverRow(id, o.settings.URL, began, took)}, nil
}

// explain shows the end of the log of a server that failed.
func (s *serving) explain(std *cmdline.Std) {
	s.keepLog = true
	tail := launch.Tail(s.log, tailLines)
	if cause := launch.FirstError(s.log); cause != "" && !slices.Contains(tail, cause) {
		tail = append([]string{cause, "..."}, tail...)
	}
	for _, line := range tail {
		std.Hintf("%s", backend.Hush(line, s.settings.APIKey))
	}
	std.Hintf("the whole log is %s", s.log)
}

// died is the error of a server that ended while it was needed.
func (s *serving) died(std *cmdline.Std) error {
	s.explain(std)
	reason := s.server.Reason()
	if reason == "" {
		return errors.New("the server was stopped by somebody else")
	}
	return fmt.Errorf("the server ended by itself: %s", reason)
}
