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

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/simulator/sim-engine/internal/arrive"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
	"fastgenbench/tools/simulator/sim-engine/internal/serve"
	"fastgenbench/tools/simulator/sim-engine/internal/truth"
	"fastgenbench/tools/simulator/sim-engine/internal/vocab"
	"fastgenbench/tools/simulator/sim-engine/internal/wire"
)

// stopGrace is how long answers in the making may take to notice the end.
const stopGrace = time.Second

// app is a server with everything behind it.
type app struct {
	listener net.Listener
	driver   *drive.Driver
	server   *serve.Server
	truth    *truth.Log
	file     *os.File // the truth log's
	paced    bool     // time is real for all clients
}

// newApp builds the server that o describes, its port open and nothing
// accepted yet. Nothing is left behind when it fails.
func newApp(o *options, warn func(string, ...any)) (_ *app, err error) {
	words, err := vocab.New(o.vocab)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	clock, m := drive.NewClock(now, o.speed), meter.New(o.model, o.replicas)
	a := &app{}
	a.paced = true
	if a.driver, err = o.newDriver(clock, m); err != nil {
		return nil, err
	}
	if a.listener, err = arrive.Listen(net.JoinHostPort(o.host, strconv.Itoa(o.port)), o.shared, warn); err != nil {
		return nil, err
	}
	if err := a.open(o); err != nil {
		return nil, errors.Join(err, a.listener.Close())
	}
	if o.tls != nil {
		a.listener = wire.Secure(a.listener, o.tls)
	}
	config := serve.Config{
		Model: o.model, MaxModelLen: o.maxModelLen, Vocab: words, PrefixCache: o.simulated.PrefixCache, Details: o.details, Version: o.version(), Fits: o.fits, APIKeys: o.keys,
		Faults: o.faults, Clock: clock, Driver: a.driver, Meter: m, Truth: a.truth, Started: now.Unix(), Warn: warn,
	}
	if o.lockstep {
		a.paced = false
		config.Steppers = func() (*drive.Stepper, error) { return o.newStepper(m) }
	}
	a.server = serve.New(config)
	return a, nil
}

// open opens the files that were asked for.
func (a *app) open(o *options) (err error) {
	if o.truth != "" {
		if a.file, err = os.Create(o.truth); err != nil {
			return fmt.Errorf("opening the truth log: %w", err)
		}
		a.truth = truth.New(a.file)
	}
	if err := announce(o.portFile, a.listener); err != nil {
		return errors.Join(err, a.closeTruth())
	}
	return nil
}

// serve answers until ctx ends, then gives up what still runs.
func (a *app) serve(ctx context.Context) error {
	defer a.tune()()
	cmdline.GrowDescriptors()
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
	served := h.Serve(a.listener)
	cancel()
	running.Wait()
	if errors.Is(served, http.ErrServerClosed) {
		served = nil
	}
	return errors.Join(served, driven, a.closeTruth())
}

// idleHeap is memory that is counted as in use but never written to, so that
// the small heap of short requests is not collected all the time.
const idleHeap = 48 << 20

// tune fits the runtime to the way in which time passes, until end is called.
func (a *app) tune() (end func()) {
	heap := make([]byte, idleHeap)
	before := runtime.GOMAXPROCS(0)
	if a.paced {
		// The driver's thread sleeps in system calls and must find a processor of
		// the runtime free at once when it wakes, however busy the handlers are.
		runtime.GOMAXPROCS(max(4, runtime.NumCPU()+2))
	}
	return func() {
		runtime.GOMAXPROCS(before)
		runtime.KeepAlive(heap)
	}
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

// announce leaves the port's number in a file that is whole as soon as it is
// there.
func announce(file string, listener net.Listener) error {
	if file == "" {
		return nil
	}
	text := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) + "\n"
	err := os.WriteFile(file+".part", []byte(text), 0o644)
	if err == nil {
		err = os.Rename(file+".part", file)
	}
	if err != nil {
		return fmt.Errorf("writing the port file: %w", err)
	}
	return nil
}
