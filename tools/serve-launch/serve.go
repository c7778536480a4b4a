package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/record"
)

// probeInterval is the time between two looks whether a server is ready.
const probeInterval = 50 * time.Millisecond

// serving is a server that answers. server is nil when it is not ours.
type serving struct {
	row     record.Server
	server  *launch.Server
	log     string
	dropLog bool // the log was nobody's wish: it goes when all went well
}

// end stops the server, if it is ours.
func (s *serving) end(wentWell bool) {
	if s.server == nil {
		return
	}
	s.server.Stop()
	if s.dropLog && wentWell {
		_ = os.Remove(s.log) // a temporary file left behind is no failure
	}
}

// serve starts the server, or finds the one at --url, and waits until it has
// answered. Where it fails nothing is left running.
func (o options) serve(ctx context.Context, std *cmdline.Std, lasting bool) (*serving, error) {
	if needs := o.backend.Needs(o.settings); len(needs) > 0 {
		err := fmt.Errorf("%s cannot run here: %s", o.backend.Name, needs[0].Lacks)
		return nil, cmdline.WithHint(err, needs[0].Cure)
	}
	began := time.Now()
	if o.backend.Command == nil {
		ready, err := o.find(ctx)
		if err != nil {
			return nil, err
		}
		return &serving{row: o.row(ready, o.settings.URL, began, time.Since(began))}, nil
	}
	if err := o.choosePort(); err != nil {
		return nil, err
	}
	s := &serving{dropLog: o.log == ""}
	if s.dropLog {
		o.log = fmt.Sprintf("%s/%s-%d.log", strings.TrimSuffix(os.TempDir(), "/"), o.backend.Name, os.Getpid())
	}
	s.log = o.log
	return s, o.startServer(ctx, std, s, lasting, began)
}

func (o options) startServer(ctx context.Context, std *cmdline.Std, s *serving, lasting bool, began time.Time) error {
	args, env, err := o.backend.Command(o.settings)
	if err != nil {
		return err
	}
	s.server, err = launch.Start(launch.Spec{Args: args, Env: env, Log: o.log, Grace: o.stop, Lasting: lasting})
	if err != nil {
		return err
	}
	std.OnAbort(s.server.Kill)
	std.Notef("starting %s, log in %s", o.backend.Name, o.log)
	if o.backend.Note != "" {
		std.Notef("%s", o.backend.Note)
	}
	url := "http://" + net.JoinHostPort(o.settings.Host, strconv.Itoa(o.settings.Port))
	probe := o.probe(url)
	took, err := s.server.WaitReady(ctx, o.start, probeInterval, probe.Ready)
	if err != nil {
		s.server.Stop()
		if ctx.Err() == nil {
			o.explain(std)
		}
		return err
	}
	id, err := probe.Identify(ctx, o.backend.Name)
	if err != nil {
		s.server.Stop()
		return fmt.Errorf("asking the server what it is: %w", err)
	}
	s.row = o.row(id, url, began, took)
	std.Notef("ready after %.1f s at %s", took.Seconds(), url)
	return nil
}

// find looks at a server that is not ours.
func (o options) find(ctx context.Context) (backend.Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, o.start)
	defer cancel()
	probe := o.probe(o.settings.URL)
	if err := probe.Ready(ctx); err != nil {
		return backend.Identity{}, fmt.Errorf("the server at %s does not answer: %w", o.settings.URL, err)
	}
	return probe.Identify(ctx, o.backend.Name)
}

func (o options) probe(url string) backend.Probe {
	return backend.Probe{URL: url, Model: o.settings.Model, APIKey: o.settings.APIKey, Client: &http.Client{Timeout: time.Minute}}
}

// explain shows the end of the log of a server that did not come up.
func (o options) explain(std *cmdline.Std) {
	tail := launch.Tail(o.log, 15)
	if cause := launch.FirstError(o.log); cause != "" && !slices.Contains(tail, cause) {
		std.Hintf("%s", cause)
		std.Hintf("...")
	}
	for _, line := range tail {
		std.Hintf("%s", line)
	}
	std.Hintf("the whole log is %s", o.log)
}

// choosePort takes a free port where none is given, and says so when the given
// one is taken.
func (o *options) choosePort() error {
	address := net.JoinHostPort(o.settings.Host, strconv.Itoa(o.settings.Port))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return cmdline.WithHint(fmt.Errorf("port %d on %s cannot be had: %w", o.settings.Port, o.settings.Host, errors.Unwrap(err)), "--port 0 takes a free one")
	}
	o.settings.Port = listener.Addr().(*net.TCPAddr).Port
	return listener.Close()
}

// row is the server row. Engine, hardware and speed are what the server says
// of itself; the settings are the sweep's, so that engines with other words or
// none for a setting still meet in one figure.
func (o options) row(id backend.Identity, url string, began time.Time, took time.Duration) record.Server {
	s := o.settings
	row := record.Server{
		ServerKey: record.ServerKey{
			Run: record.Text(o.run), Backend: record.Text(o.backend.Name), Engine: record.Text(id.Engine),
			Hardware: record.Text(id.Hardware), Speed: record.Ratio(id.Speed), Model: record.Text(s.Model),
			TPSize: s.TPSize, NumReplicas: s.NumReplicas, MaxRaggedBatchSize: s.MaxRaggedBatchSize,
		},
		URL: record.Text(url), Started: record.Text(began.UTC().Format(time.RFC3339)),
		ReadyS: record.Seconds(took.Seconds()), Status: record.Ready,
	}
	if row.Run == "" {
		row.Run = record.Text(began.UTC().Format("20060102T150405Z"))
	}
	if row.Hardware == "" && o.backend.Command != nil {
		row.Hardware = record.Text(backend.Hardware(s))
	}
	if id.Model != "" && id.Model != s.Model {
		row.Model = record.Text(id.Model)
	}
	if o.backend.Command == nil && id.TPSize > 0 { // of a server that we start the row says what was asked for
		row.TPSize, row.NumReplicas, row.MaxRaggedBatchSize = id.TPSize, id.NumReplicas, id.MaxRaggedBatchSize
	}
	return row
}
