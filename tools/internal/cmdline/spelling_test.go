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
		got, guarded, err := testTool().spell(strings.Fields(c.args))
		if err != nil || strings.Join(got, " ") != c.want || guarded != c.guarded {
			t.Errorf("%s: %q with %d guarded; want %s with %d", c.args, got, guarded, c.want, c.guarded)
		}
	}
}

// Lists take what follows them, up to a flag; where there are operands, numbers.
func TestLists(t *testing.T) {
	tool := Tool{Name: "toy", Flags: []cli.Flag{&cli.StringSliceFlag{Name: "tp-size"}, &cli.IntFlag{Name: "n"}}, Lists: []string{"tp-size"}}
	withOperands := tool
	withOperands.Operands = "[file ...]"
	for _, c := range []struct {
		tool       Tool
		args, want string
	}{
		{tool, "--tp_size 1 2 --n 3", "--tp-size 1 --tp-size 2 --n 3"},
		{tool, "--tp_size=1 2", "--tp-size=1 --tp-size 2"},
		{tool, "--tp_size 1,2 4", "--tp-size 1,2 --tp-size 4"},
		{tool, "--tp_size 1 two", "--tp-size 1 --tp-size two"},
		{tool, "--tp_size", "--tp-size"},
		{tool, "--n 3 4", "--n 3 4"},
		{withOperands, "--tp_size 1 2 a.csv", "--tp-size 1 --tp-size 2 a.csv"},
		{withOperands, "--tp_size 1 a.csv 2", "--tp-size 1 a.csv 2"},
	} {
		got, _, err := c.tool.spell(strings.Fields(c.args))
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, %v", c.args, got, err)
		}
	}
}

// What the original suite has and the tool does not is answered before anything
// else, without the value.
func TestAnswers(t *testing.T) {
	ran := false
	tool := Tool{Name: "toy", Operands: "[file ...]", Flags: []cli.Flag{&cli.StringFlag{Name: "text"}},
		Answers: []Answer{{"--api_key", "a key is a secret", "export KEY=..."}, {"stop", "nothing runs", "a | b{,c}"}},
		Run:     func(context.Context, *cli.Context, *Std) error { ran = true; return nil }}
	for line, want := range map[string]string{
		"--api_key s3cret":       "--api_key is not supported: a key is a secret",
		"--api-key=s3cret":       "--api-key is not supported: a key is a secret",
		"--text x --api_key":     "--api_key is not supported: a key is a secret",
		"--text --api_key":       "",
		"stop":                   "stop is not supported: nothing runs",
		"api_key":                "",
		"--unknown --api_key --": "--api_key is not supported: a key is a secret",
	} {
		ran = false
		out, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		got := tool.run(context.Background(), strings.Fields(line), &Std{Name: "toy", Out: out, Err: out})
		if want == "" && (got != nil || !ran) || want != "" && (got == nil || got.Error() != want || ran) {
			t.Errorf("toy %s: %v", line, got)
		}
	}
}

func TestHelpListsTheAnswers(t *testing.T) {
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	tool := Tool{Name: "toy", Answers: []Answer{{"--log_dir", "rows are read, not folders", "collect results/{a,b}/*.csv | toy"}},
		Run: func(context.Context, *cli.Context, *Std) error { return nil }}
	if err := tool.run(context.Background(), []string{"--help"}, &Std{Name: "toy", Out: out, Err: out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name())
	if want := "  --log_dir  rows are read, not folders\n      collect results/{a,b}/*.csv | toy\n"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%v, help\n%s", err, text)
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
