//go:build unix && !linux

package launch

import "syscall"

// Elsewhere than on Linux a server's child that leaves its group is not found
// again, and a process is known by its number alone.

func adoptOrphans() error { return nil }

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func shedInherited([]string) {}

func nameProcess(string) {}

func children() []int { return nil }

func inSession(int) []int { return nil }

func born(int) string { return "" }
