package testkit

import (
	"fmt"
	"os"
	"testing"

	"fastgenbench/tools/internal/stamp"
)

// Twice is the TestMain of a package that reads connections: all tests run
// without loops, then with them, where the system has any.
func Twice(m *testing.M, loops **stamp.Loops) {
	status := m.Run()
	var err error
	if *loops, err = stamp.NewLoops(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if *loops != nil && status == 0 {
		status = m.Run()
		(*loops).Close()
	}
	os.Exit(status)
}
