//go:build !linux

package load

import (
	"context"
	"time"
)

// PreciseAlarm is the usual timer where the system has no better one.
type PreciseAlarm struct{}

// NewPreciseAlarm returns an alarm to be closed.
func NewPreciseAlarm() (*PreciseAlarm, error) { return &PreciseAlarm{}, nil }

// Close gives nothing back.
func (*PreciseAlarm) Close() error { return nil }

// Wait returns at the time, or when ctx ends.
func (*PreciseAlarm) Wait(ctx context.Context, until time.Time) error {
	return sleep(ctx, time.Until(until))
}
