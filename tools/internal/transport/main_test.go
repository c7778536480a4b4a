package transport

import (
	"testing"

	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/testkit"
)

// loops read the connections of endpoints in the second of two runs of all tests.
var loops *stamp.Loops

func TestMain(m *testing.M) { testkit.Twice(m, &loops) }
