package cmdline

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// aborts are the functions to call before the process leaves at once.
type aborts struct {
	mu    sync.Mutex
	funcs []func()
}

func (a *aborts) add(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.funcs = append(a.funcs, f)
}

func (a *aborts) run() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.funcs {
		f()
	}
}

// signals keeps the first interrupt.
type signals struct{ kept chan os.Signal }

// interrupted is the first interrupt, nil when none came. It is asked once, at the
// end: Stop waits until what the process has received is delivered, too.
func (s *signals) interrupted() os.Signal {
	signal.Stop(s.kept)
	select {
	case first := <-s.kept:
		return first
	default:
		return nil
	}
}

// Interrupted is the cause (context.Cause) of a context that an interrupt ended.
type Interrupted struct{ Signal os.Signal }

func (i Interrupted) Error() string { return "interrupted by " + i.Signal.String() }

// watchSignals returns a context that ends at the first interrupt; a second
// one leaves the process. The watching goroutine lives as long as the process.
//
// A signal that was ignored when the process started stays ignored: nohup
// ignores HUP, and a shell ignores INT for the background jobs of a script.
// (Of TERM Go's runtime does not keep how it was.)
//
// SIGPIPE is caught, not ignored: Go would otherwise die of it on stdout
// without running what is deferred, and children would inherit the ignoring.
func watchSignals(std *Std) (context.Context, *signals) {
	ctx, cancel := context.WithCancelCause(context.Background())
	seen := &signals{make(chan os.Signal, 1)}
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	interrupts := make(chan os.Signal, 2)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(interrupts, s)
			signal.Notify(seen.kept, s)
		}
	}
	go func() {
		first := <-interrupts
		cancel(Interrupted{first})
		second := <-interrupts
		std.onAbort.run()
		os.Exit(statusSignal + int(second.(syscall.Signal)))
	}()
	return ctx, seen
}
