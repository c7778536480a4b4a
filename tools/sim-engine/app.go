package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"fastgenbench/tools/sim-engine/internal/arrive"
	"fastgenbench/tools/sim-engine/internal/drive"
	"fastgenbench/tools/sim-engine/internal/meter"
	"fastgenbench/tools/sim-engine/internal/serve"
	"fastgenbench/tools/sim-engine/internal/truth"
	"fastgenbench/tools/sim-engine/internal/vocab"
)

// stopGrace is how long answers in the making may take to notice the end.
const stopGrace = time.Second

// app is a server with everything behind it.
type app struct {
	driver *drive.Driver
	server *serve.Server
	truth  *truth.Log
	file   *os.File // the truth log's
}

// newApp builds the server that o describes.
func newApp(o *options, warn func(string, ...any)) (*app, error) {
	words, err := vocab.New(o.vocab)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	clock, m := drive.NewClock(now, o.speed), meter.New(o.model, o.replicas)
	a := &app{}
	if a.driver, err = o.newDriver(clock, m); err != nil {
		return nil, err
	}
	if o.truth != "" {
		if a.file, err = os.Create(o.truth); err != nil {
			return nil, fmt.Errorf("opening the truth log: %w", err)
		}
		a.truth = truth.New(a.file)
	}
	a.server = serve.New(serve.Config{
		Model: o.model, MaxModelLen: o.maxModelLen, Vocab: words, Version: o.version(), Fits: o.fits, APIKeys: o.keys,
		Faults: o.faults, Clock: clock, Driver: a.driver, Meter: m, Truth: a.truth, Started: now.Unix(), Warn: warn,
	})
	return a, nil
}

// serve answers on listener until ctx ends, then gives up what still runs.
func (a *app) serve(ctx context.Context, listener net.Listener) error {
	// The driver's thread sleeps in system calls and must find a processor of
	// the runtime free at once when it wakes, however busy the handlers are.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(4, runtime.NumCPU()+2)))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	var driven error
	running.Go(func() {
		defer cancel()
		driven = a.driver.Run(ctx)
	})
	h := a.server.HTTP()
	h.BaseContext = func(net.Listener) context.Context { return ctx }
	running.Go(func() {
		<-ctx.Done()
		stopServing(h)
	})
	served := h.Serve(listener)
	cancel()
	running.Wait()
	if errors.Is(served, http.ErrServerClosed) {
		served = nil
	}
	return errors.Join(served, driven, a.closeTruth())
}

// stopServing ends the server: the handlers' context is at its end already, so
// those that have not returned in time hang in a write and are cut off.
func stopServing(h *http.Server) {
	grace, end := context.WithTimeout(context.Background(), stopGrace)
	defer end()
	if h.Shutdown(grace) != nil {
		_ = h.Close()
	}
}

func (a *app) closeTruth() error {
	if a.truth == nil {
		return nil
	}
	return errors.Join(a.truth.Close(), a.file.Close())
}

// listen opens the port and, if asked, leaves its number in a file that is
// whole as soon as it is there.
func listen(o *options, warn func(string, ...any)) (net.Listener, error) {
	listener, err := arrive.Listen(net.JoinHostPort(o.host, strconv.Itoa(o.port)), warn)
	if err != nil {
		return nil, err
	}
	if o.portFile == "" {
		return listener, nil
	}
	port := listener.Addr().(*net.TCPAddr).Port
	part := o.portFile + ".part"
	if err := os.WriteFile(part, []byte(strconv.Itoa(port)+"\n"), 0o644); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the port file: %w", err), listener.Close())
	}
	if err := os.Rename(part, o.portFile); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the port file: %w", err), listener.Close())
	}
	return listener, nil
}
