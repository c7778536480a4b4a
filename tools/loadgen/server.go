package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/dialect"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/transport"
)

// target is the server that is measured.
type target struct {
	row record.Server
	at  transport.Address
	// context is the longest sequence that it takes in tokens; 0 is not known.
	context int
	// lockstep moves its virtual time; nil where that is nobody's to move.
	lockstep *dialect.Lockstep
}

// findServer reads the server row, or asks the server at --url what it is.
func (o *options) findServer(ctx context.Context, std *cmdline.Std, now time.Time) (t target, err error) {
	if o.hasURL() {
		t = target{row: record.Server{ServerKey: o.given, URL: record.Text(o.url.String()), Status: record.Ready}, at: o.url}
	} else {
		if t.row, err = readServer(std); err != nil {
			return t, err
		}
		if t.at, err = transport.ParseAddress(string(t.row.URL)); err != nil {
			return t, fmt.Errorf("the server row: %w", err)
		}
	}
	if err := o.identify(ctx, std, &t); err != nil {
		return t, err
	}
	if o.run != "" {
		t.row.Run = record.Text(record.Clean(o.run))
	}
	if t.row.Run == "" {
		t.row.Run = record.Text(now.UTC().Format("20060102T150405Z"))
	}
	return t, nil
}

// readServer reads the row of serve-launch.
func readServer(std *cmdline.Std) (record.Server, error) {
	return reach.ReadServer(std, "--url is not given", "serve-launch --backend sim-fastgen | loadgen ..., or loadgen --url http://host:8000 ...")
}

// newServer returns a client of the server. Requests about the server need neither loops nor
// stall.
func (o *options) newServer(t target, loops *stamp.Loops, stall func(from, to time.Time) time.Duration) (dialect.Server, error) {
	protocol, variable := "openai", ""
	if b, err := backend.Lookup(string(t.row.Backend)); err == nil {
		protocol, variable = b.Protocol(), b.KeyVariable
	}
	if o.api != "" {
		protocol = o.api
	}
	if protocol == "messages" || t.at.Route() == "/messages" {
		variable = "ANTHROPIC_API_KEY"
	}
	config := o.reach.Config(t.at, variable)
	if config.Lockstep = t.lockstep != nil; !config.Lockstep {
		config.Silence, config.Loops = o.silence, loops
	}
	server, err := dialect.New(protocol, dialect.Options{
		Transport: config, Model: string(t.row.Model), Deployment: o.deployment, Chat: o.chat, Stream: o.stream,
		Extra: o.reach.Extra, Timeout: o.timeout, Stall: stall, Lockstep: t.lockstep,
	})
	if err != nil {
		return nil, cmdline.Usagef("--url: %v", err)
	}
	return server, nil
}

// identify asks the server what it is. Of an external server the answer
// fills in what the flags leave open; what is not available is said.
func (o *options) identify(ctx context.Context, std *cmdline.Std, t *target) error {
	server, err := o.newServer(*t, nil, nil)
	if err != nil {
		return err
	}
	id, err := server.Identify(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		t.context = id.Context
		if err := o.join(t, id); err != nil {
			return err
		}
	case !o.hasURL(): // the row says what it is
		return nil
	case t.row.Model == "":
		return reach.WithHint(fmt.Errorf("asking the server at %s for its model: %w", t.at, err), "give it with --model")
	default:
		if !errors.As(err, new(*transport.ConnectError)) { // else the first request reports it
			std.Warnf("the server does not identify itself: rows have no engine and would not show a simulation (%v)", err)
		}
		return nil
	}
	if !o.hasURL() {
		return nil
	}
	row := &t.row
	row.Engine, row.Hardware = record.Text(id.Engine), record.Text(id.Hardware)
	if row.Engine == "" {
		row.Engine = row.Backend
	}
	if id.Speed > 0 {
		row.Speed = record.Ratio(id.Speed)
	}
	if row.Model == "" {
		row.Model = record.Text(id.Model)
	}
	if id.TPSize > 0 {
		row.TPSize, row.NumReplicas, row.MaxRaggedBatchSize = record.Setting(id.TPSize), record.Setting(id.NumReplicas), record.Setting(id.MaxRaggedBatchSize)
	}
	return nil
}

// join goes in lockstep with a server that does.
func (o *options) join(t *target, id dialect.Identity) (err error) {
	if id.Lockstep {
		t.row.Speed = 1 // of virtual seconds per virtual second
		t.lockstep, err = dialect.NewLockstep(o.reach.Config(t.at, ""))
	}
	return err
}

// reachable reports whether somebody still takes connections at an address.
// If that is unknown, it reports true.
func reachable(at transport.Address) bool {
	if at.Scheme() == "unix" || transport.ProxyOf(at) != "" {
		return true
	}
	conn, err := net.DialTimeout("tcp", at.HostPort(), 5*time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close() // it was only knocked at
	return true
}
