package cmdline

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestSpelling(t *testing.T) {
	for _, c := range []struct {
		args, want string
		guarded    int
	}{
		{"--num_clients 3 --num_clients=4", "--num-clients 3 --num-clients=4", 0},
		{"--engine_args --a_b", "--engine-args --a_b", 0},
		{"--engine_args=--a_b=c_d", "--engine-args=--a_b=c_d", 0},
		{"-engine_args -a_b --num_clients 1", "-engine-args -a_b --num-clients 1", 0},
		{"--quiet --num_clients 3", "--quiet --num-clients 3", 0},
		{"--engine-args -- --num_clients 3", "--engine-args -- --num-clients 3", 0},
		{"--engine-args sub --num_clients 3", "--engine-args sub --num-clients 3", 0},
		{"--quiet sub --the_text --x_y --n 2", "--quiet sub --the-text --x_y --n 2", 0},
		{"sub --engine_args --n_m", "sub --engine-args --n-m", 0}, // not a flag of sub
		{"a_file --num_clients -- --c_d e", "a_file --num_clients -- --c_d e", 2},
		{"-- --num_clients", "-- --num_clients", 1},
		{"--num_clients", "--num-clients", 0},
	} {
		got, guarded := testTool().spell(strings.Fields(c.args))
		if strings.Join(got, " ") != c.want || guarded != c.guarded {
			t.Errorf("%s: %q with %d guarded; want %s with %d", c.args, got, guarded, c.want, c.guarded)
		}
	}
}

// A command to run stands behind "--"; without it, it is refused with a word on
// what to write.
func TestGuardedOperands(t *testing.T) {
	ran := 0
	tool := Tool{Name: "toy", Guarded: true, Operands: "[-- command ...]", Flags: []cli.Flag{&cli.IntFlag{Name: "n"}},
		Run: func(context.Context, *cli.Context, *Std) error { ran++; return nil }}
	std := &Std{Name: "toy", In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	for line, want := range map[string]string{
		"":                   "",
		"-- true":            "",
		"--n 1 -- true --n":  "",
		"-- -- true":         "",
		"true":               `"true" is not a command of toy`,
		"--n 1 true --quiet": `"true" is not a command of toy`,
		"true -- --n 1":      `"true" is not a command of toy`,
	} {
		ran = 0
		err := tool.run(context.Background(), strings.Fields(line), std)
		if want == "" && (err != nil || ran != 1) || want != "" && (err == nil || err.Error() != want || ran != 0) {
			t.Errorf("toy %s: %v, run %d times", line, err, ran)
		}
	}
}

// FuzzValues holds that a flag's value arrives byte for byte, in both forms
// and in a sub-command.
func FuzzValues(f *testing.F) {
	for _, value := range []string{"", "--a_b c", "--", "-", "=", "--x=y_z", "a_b", "sub", "\x00\xff"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, args := range [][]string{
			{"--engine_args", value}, {"--engine_args=" + value}, {"-engine-args", value},
			{"sub", "--engine_args", value}, {"sub", "--engine_args=" + value},
		} {
			if got := received(t, args); !slices.Equal(got, []string{value}) {
				t.Errorf("%q: the tool received %q", args, got)
			}
		}
	})
}

// received runs a tool and returns what its flag --engine-args was given.
func received(t *testing.T, args []string) (values []string) {
	t.Helper()
	tool := Tool{Name: "toy", Flags: []cli.Flag{&cli.StringFlag{Name: "engine-args"}},
		Run: func(_ context.Context, c *cli.Context, _ *Std) error {
			values = append(values, c.String("engine-args"))
			return nil
		}}
	tool.Commands = []Tool{{Name: "sub", Flags: tool.Flags, Run: tool.Run}}
	std := &Std{Name: "toy", In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	if err := tool.run(context.Background(), args, std); err != nil {
		t.Errorf("%q: %v", args, err)
	}
	return values
}
