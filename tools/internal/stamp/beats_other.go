//go:build !linux

package stamp

import (
	"os"
	"time"
)

// waiter waits for beats.
type waiter struct {
	ticker *time.Ticker
	ended  chan struct{}
}

func newWaiter(every time.Duration) (*waiter, error) {
	return &waiter{time.NewTicker(every), make(chan struct{})}, nil
}

// next waits for a beat.
func (w *waiter) next() error {
	select {
	case <-w.ticker.C:
		return nil
	case <-w.ended:
		return os.ErrClosed
	}
}

// stop ends them; next reports that.
func (w *waiter) stop() {
	w.ticker.Stop()
	close(w.ended)
}
