//go:build !linux

package cmdline

// GrowDescriptors does nothing: only Linux is known to need it.
func GrowDescriptors() {}
