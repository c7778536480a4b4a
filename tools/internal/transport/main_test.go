package transport

import (
	"fmt"
	"os"
	"testing"

	"fastgenbench/tools/internal/stamp"
)

// loops read the connections of endpoints in the second of two runs of all tests.
var loops *stamp.Loops

func TestMain(m *testing.M) {
	status := m.Run()
	var err error
	if loops, err = stamp.NewLoops(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if loops != nil && status == 0 {
		status = m.Run()
		loops.Close()
	}
	os.Exit(status)
}
