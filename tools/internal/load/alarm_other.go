//go:build !linux

package load

// PreciseAlarm is the usual timer where the system has no better one.
type PreciseAlarm struct{ timer }

// NewPreciseAlarm returns an alarm to be closed.
func NewPreciseAlarm() (*PreciseAlarm, error) { return &PreciseAlarm{}, nil }

// Close gives nothing back.
func (*PreciseAlarm) Close() error { return nil }
