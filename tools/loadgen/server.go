package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// findServer reads the server row, or asks the server at --url what it is.
func (o *options) findServer(ctx context.Context, std *cmdline.Std, now time.Time) (server record.Server, err error) {
	if o.url != "" {
		o.findKey(string(o.given.Backend))
		server, err = o.askServer(ctx)
	} else {
		server, err = readServer(std)
		o.findKey(string(server.Backend))
	}
	if err != nil {
		return server, err
	}
	if o.run != "" {
		server.Run = record.Text(record.Clean(o.run))
	}
	if server.Run == "" {
		server.Run = record.Text(now.UTC().Format("20060102T150405Z"))
	}
	return server, nil
}

// findKey takes the key, unless it came from a file, from the variable that
// the backend's own server reads, or else from OpenAI's.
func (o *options) findKey(name string) {
	if o.key != "" {
		return
	}
	if b, err := backend.Lookup(name); err == nil && b.KeyVariable != "" {
		o.key = os.Getenv(b.KeyVariable)
	}
	if o.key == "" {
		o.key = os.Getenv("OPENAI_API_KEY")
	}
}

// readServer reads one row and no further: serve-launch keeps its end of the
// pipe open for as long as the server is needed.
func readServer(std *cmdline.Std) (record.Server, error) {
	const hint = "serve-launch --backend sim-fastgen | loadgen ..., or loadgen --url http://host:8000 ..."
	if cmdline.IsTerminal(std.In) {
		return record.Server{}, cmdline.WithHint(cmdline.Usagef("no server: standard input is a terminal, and --url is not given"), hint)
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

// askServer fills in what the flags leave open about the server at --url.
func (o *options) askServer(ctx context.Context) (record.Server, error) {
	server := record.Server{ServerKey: o.given, URL: record.Text(o.url), Status: record.Ready}
	if !strings.HasPrefix(o.url, "http") {
		if server.Model == "" {
			return server, cmdline.Usagef("--model is missing: only servers at http:// are asked")
		}
		return server, nil
	}
	id, err := o.probe(o.url, string(o.given.Model)).Identify(ctx, string(o.given.Backend))
	if err != nil && server.Model == "" {
		return server, cmdline.WithHint(fmt.Errorf("asking the server at %s for its model: %w", o.url, err), "give it with --model")
	}
	if err != nil {
		return server, nil // a server without such routes may still generate
	}
	server.Engine, server.Hardware, server.Speed = record.Text(id.Engine), record.Text(id.Hardware), record.Ratio(id.Speed)
	if server.Model == "" {
		server.Model = record.Text(id.Model)
	}
	if id.TPSize > 0 {
		server.TPSize, server.NumReplicas, server.MaxRaggedBatchSize = id.TPSize, id.NumReplicas, id.MaxRaggedBatchSize
	}
	return server, nil
}

// probe asks the server at url what it is, a connection a question.
func (o *options) probe(url, model string) backend.Probe {
	return backend.Probe{URL: strings.TrimSuffix(strings.TrimRight(url, "/"), "/v1"), Model: model, APIKey: o.key,
		Client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// protocol names what a backend's servers speak.
func (o *options) protocol(backend string) string {
	if backend == "vllm" && o.vllmAPI == "generate" {
		return "vllm-generate"
	}
	return backend
}

// reachable reports whether somebody still takes connections at an address.
// Where it cannot be told, the answer is yes.
func reachable(address string) bool {
	at, err := url.Parse(address)
	if err != nil || at.Port() == "" {
		return true
	}
	conn, err := net.DialTimeout("tcp", at.Host, 5*time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close() // it was only knocked at
	return true
}
