package main

import (
	"math"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

var inf = math.Inf(1)

// checkNumbers holds the flags' numbers to their bounds.
func checkNumbers(c *cli.Context) error {
	for _, b := range bounds {
		var v float64
		switch value := c.Value(b.flag).(type) {
		case int:
			v = float64(value)
		case float64:
			v = value
		}
		if !(v >= b.low && v <= b.high) {
			return cmdline.Usagef("--%s %v is not between %g and %g", b.flag, c.Value(b.flag), b.low, b.high)
		}
	}
	return nil
}
