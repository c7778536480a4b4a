package reach

import (
	"errors"
	"fmt"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// ReadServer reads the row of serve-launch from standard input. It reads one row
// and no further: serve-launch keeps its end of the pipe open for as long as the
// server is needed. instead says what else would have named a server, hint what to
// try.
func ReadServer(std *cmdline.Std, instead, hint string) (record.Server, error) {
	if cmdline.IsTerminal(std.In) {
		return record.Server{}, cmdline.WithHint(cmdline.Usagef("no server: standard input is a terminal, and %s", instead), hint)
	}
	in := csvio.NewReader[record.Server](nil, std.In, func(reason string) { std.Warnf("%s", reason) })
	if in.Scan() {
		return in.Row(), nil
	}
	err := in.Err()
	if err == nil || errors.Is(err, csvio.ErrNoInput) {
		err = errors.New("no server row on standard input")
	}
	return record.Server{}, cmdline.WithHint(fmt.Errorf("reading the server row: %w", err), hint)
}
