//go:build unix && !linux

package launch

import "syscall"

// adoptOrphans does nothing: elsewhere than on Linux a server's child that
// leaves its group is not found again.
func adoptOrphans() error { return nil }

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func killOrphans() {}
