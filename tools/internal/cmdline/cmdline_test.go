package cmdline

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestMain lets this binary stand for a tool, so that signals, pipes and exit
// statuses are the real ones.
func TestMain(m *testing.M) {
	if os.Getenv("CMDLINE_TEST_TOOL") != "" {
		Main(testTool())
	}
	os.Exit(m.Run())
}

func testTool() Tool {
	return Tool{
		Name: "toy", Summary: "tests the edge", Manual: "Reads nothing.\n\n  toy | head", Operands: "[file ...]",
		Flags: []cli.Flag{&cli.IntFlag{Name: "num-clients"}, &cli.StringFlag{Name: "end"}, &cli.StringFlag{Name: "engine-args"}},
		Run:   runToy,
		Commands: []Tool{{Name: "sub", Summary: "a part", Flags: []cli.Flag{&cli.IntFlag{Name: "n"}, &cli.StringFlag{Name: "the-text"}},
			Run: func(_ context.Context, c *cli.Context, std *Std) error {
				_, err := fmt.Fprintln(std.Out, "sub", c.Int("n"))
				return err
			}}},
	}
}

func runToy(ctx context.Context, c *cli.Context, std *Std) error {
	switch c.String("end") {
	case "usage":
		return WithHint(Usagef("--rate is negative"), "give one above 0")
	case "partial":
		return Partialf("1 row was skipped")
	case "failed":
		return fmt.Errorf("reading x: %w", io.ErrUnexpectedEOF)
	case "pipe":
		for {
			if _, err := fmt.Fprintln(std.Out, "row"); err != nil {
				return fmt.Errorf("writing: %w", err)
			}
		}
	case "interrupt", "stuck":
		std.OnAbort(func() { fmt.Fprintln(std.Err, "aborted") })
		fmt.Fprintln(std.Out, "waiting")
		<-ctx.Done()
		if c.String("end") == "stuck" {
			fmt.Fprintln(std.Out, "draining")
			select {}
		}
		return ctx.Err()
	}
	std.Notef("a note")
	_, err := fmt.Fprintln(std.Out, c.Int("num-clients"), c.Args().Slice())
	return err
}

func toy(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "CMDLINE_TEST_TOOL=1")
	return cmd
}

func TestStatusesAndStreams(t *testing.T) {
	for _, c := range []struct {
		args           string
		status         int
		stdout, stderr string
	}{
		{"--num-clients 3 a b", 0, "3 [a b]\n", "toy: a note\n"},
		{"--num_clients=3 --quiet", 0, "3 []\n", ""},
		{"sub --n 2", 0, "sub 2\n", ""},
		{"--end failed", 1, "", "toy: reading x: unexpected EOF\n"},
		{"--end usage", 2, "", "toy: --rate is negative\n     give one above 0\n"},
		{"--end partial", 3, "", "toy: 1 row was skipped\n"},
		{"--nonsense", 2, "", "toy: flag provided but not defined: -nonsense\n     see `toy --help`\n"},
		{"--num-clients x", 2, "", "toy: invalid value \"x\" for flag -num-clients: parse error\n     see `toy --help`\n"},
		{"sub --nonsense", 2, "", "toy: flag provided but not defined: -nonsense\n     see `toy sub --help`\n"},
		{"sub operand", 2, "", "toy: \"operand\": unexpected operand\n"},
		{"file --num-clients 3", 2, "", "toy: --num-clients comes after an operand and would be read as a file\n     write the flags first; a name that begins with - needs ./ in front\n"},
		{"-- --num-clients", 0, "0 [--num-clients]\n", "toy: a note\n"},
	} {
		cmd := toy(strings.Fields(c.args)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run() // the status is what is looked at
		if got := cmd.ProcessState.ExitCode(); got != c.status || stdout.String() != c.stdout || stderr.String() != c.stderr {
			t.Errorf("toy %s: status %d, stdout %q, stderr %q; want %d, %q, %q",
				c.args, got, &stdout, &stderr, c.status, c.stdout, c.stderr)
		}
	}
}

// begun starts a tool, and returns what it writes once it has written a line.
func begun(t *testing.T, cmd *exec.Cmd) (out io.ReadCloser, stderr *bytes.Buffer) {
	t.Helper()
	stderr = new(bytes.Buffer)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return out, stderr
}

// An ignored signal does not end the tool: nohup and a script's background
// jobs rely on it.
func TestIgnoredSignalsStayIgnored(t *testing.T) {
	for name, ignored := range map[string]syscall.Signal{"INT": syscall.SIGINT, "HUP": syscall.SIGHUP} {
		cmd := toy()
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `trap "" ` + name + `; exec "$0" --end interrupt`, os.Args[0]}
		_, stderr := begun(t, cmd)
		for _, sent := range []syscall.Signal{ignored, syscall.SIGTERM} {
			if err := cmd.Process.Signal(sent); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait() // the status is what is looked at
		if got := cmd.ProcessState.ExitCode(); got != 143 || stderr.Len() > 0 {
			t.Errorf("TERM after an ignored %s: status %d, stderr %q; want 143 as if there had been one signal", name, got, stderr)
		}
	}
}

func TestHelpIsTheManual(t *testing.T) {
	out, err := toy("--help").Output()
	for _, want := range []string{"toy - tests the edge", "usage: toy [options] [command] [file ...]", "toy | head", "--num-clients", "--quiet", "exit status:", "sub"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("help lacks %q (%v):\n%s", want, err, out)
		}
	}
}

func TestReaderGoneIsSuccess(t *testing.T) {
	cmd := toy("--end", "pipe")
	out, stderr := begun(t, cmd)
	out.Close()
	if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("after the reader left: %v, stderr %q", err, stderr)
	}
}

func TestInterrupts(t *testing.T) {
	// Caught here, INT is not ignored there, even where this test was started in
	// a script's background.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT)
	defer signal.Stop(caught)
	for _, c := range []struct {
		end            string
		signal         syscall.Signal
		status, twice  int
		stderrAfterTwo string
	}{
		{"interrupt", syscall.SIGINT, 130, 0, ""},
		{"interrupt", syscall.SIGTERM, 143, 0, ""},
		{"stuck", syscall.SIGINT, 130, 1, "aborted\n"},
	} {
		cmd := toy("--end", c.end)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		for range 1 + c.twice {
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait() // the status is what is looked at
		if got := cmd.ProcessState.ExitCode(); got != c.status || stderr.String() != c.stderrAfterTwo {
			t.Errorf("%s after %v: status %d, stderr %q", c.end, c.signal, got, &stderr)
		}
	}
}

func TestNumbersOfAList(t *testing.T) {
	got, err := Ints([]string{"1,2", "4", "8 16"})
	if err != nil || fmt.Sprint(got) != "[1 2 4 8 16]" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Floats([]string{"1,x"}); err == nil {
		t.Error("x passed for a number")
	}
}
