// Package cmdline handles flags, signals, messages on stderr and the exit status, the
// same way for every tool. urfave/cli alone would print usage errors to stdout, where
// the next tool of a pipe reads them.
package cmdline

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"
)

// Tool is a command as its users see it.
type Tool struct {
	// Name is the command's name, Summary its purpose in one line.
	Name, Summary string
	// Manual says what is read, what is written, and gives an example that pipes.
	Manual string
	// Operands is how the operands are written, "" when none are taken.
	Operands string
	// Guarded says that operands are taken only after "--".
	Guarded bool
	Flags   []cli.Flag
	// Lists are the flags that take every value up to the next flag, as those of
	// Python's argparse do: --tp-size 1 2. Where the tool has operands they take
	// numbers only.
	Lists []string
	// Answers are the flags and operands of the original suite that the tool does
	// not take.
	Answers []Answer
	// Commands are sub-commands; the parent's flags are not theirs.
	Commands []Tool
	// Run does the work. Its context ends at the first interrupt.
	Run func(ctx context.Context, c *cli.Context, std *Std) error
}

// Answer is what a tool says to a word of the original suite that it does not
// take: why, and what to write instead.
type Answer struct {
	// Word is a flag as the original writes it, --log_dir, or an operand.
	Word, Why, Instead string
}

// Main runs t on the process's arguments and streams and leaves the process.
// It is the one place of a tool that calls os.Exit.
func Main(t Tool) {
	std := &Std{Name: t.Name, In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	ctx, signals := watchSignals(std)
	err := t.run(ctx, os.Args[1:], std)
	os.Exit(std.status(err, signals.interrupted()))
}

// run parses args and runs the tool or its sub-command.
func (t Tool) run(ctx context.Context, args []string, std *Std) error {
	args, guarded, err := t.spell(args)
	if err != nil {
		return err
	}
	app := &cli.App{
		Name: t.Name, Usage: t.Summary, Description: t.Manual, ArgsUsage: t.Operands,
		Flags: withCommonFlags(t.Flags), Action: t.action(ctx, std, guarded),
		Version:         version(),
		HideHelpCommand: true, UseShortOptionHandling: false,
		DisableSliceFlagSeparator: true, // a value may hold a comma: Words splits the lists
		Writer:                    std.Out, ErrWriter: std.Err,
		CustomAppHelpTemplate: helpTemplate + t.answersHelp() + statusHelp,
		OnUsageError:          usageError,
		ExitErrHandler:        func(*cli.Context, error) {}, // the status is decided in one place: Main
	}
	for _, command := range t.Commands {
		app.Commands = append(app.Commands, &cli.Command{
			Name: command.Name, Usage: command.Summary, Description: command.Manual, ArgsUsage: command.Operands,
			Flags: withCommonFlags(command.Flags), Action: command.action(ctx, std, guarded),
			CustomHelpTemplate: commandHelpTemplate + command.answersHelp() + statusHelp,
			OnUsageError:       usageError,
			HideHelpCommand:    true,
		})
	}
	return app.Run(append([]string{t.Name}, args...))
}

// action checks what urfave/cli lets pass before it runs the tool. The last
// guarded operands come after a "--".
func (t Tool) action(ctx context.Context, std *Std, guarded int) cli.ActionFunc {
	return func(c *cli.Context) error {
		std.quiet = c.Bool("quiet")
		if t.Run == nil {
			return WithHint(Usagef("a command is missing"), fmt.Sprintf("see `%s --help`", c.App.Name))
		}
		if c.Args().Present() && t.Operands == "" {
			return Usagef("%q: unexpected operand", c.Args().First())
		}
		if t.Guarded && c.NArg() > guarded {
			first := c.Args().First()
			return WithHint(Usagef("%q is not a command of %s", first, t.Name),
				fmt.Sprintf("to run a program, write -- in front of it: %s ... -- %s", t.Name, first))
		}
		if stray := strayFlag(c.Args().Slice(), guarded); stray != "" {
			return WithHint(Usagef("%s comes after an operand and would be read as a file", stray),
				"write the flags first; a name that begins with - needs ./ in front")
		}
		return t.Run(ctx, c, std)
	}
}

// Std is what a tool has of the outside world.
type Std struct {
	// Name begins each message.
	Name    string
	In, Out *os.File
	Err     io.Writer

	quiet   bool
	onAbort aborts
}

// Quiet reports whether notes and progress are unwanted.
func (s *Std) Quiet() bool { return s.quiet }

// Warnf reports a problem that does not end the tool.
func (s *Std) Warnf(format string, args ...any) {
	fmt.Fprintf(s.Err, "%s: %s\n", s.Name, fmt.Sprintf(format, args...))
}

// Notef reports progress; --quiet silences it.
func (s *Std) Notef(format string, args ...any) {
	if !s.quiet {
		s.Warnf(format, args...)
	}
}

// Hintf says what to do about the message above it.
func (s *Std) Hintf(format string, args ...any) {
	fmt.Fprintf(s.Err, "%*s  %s\n", len(s.Name), "", fmt.Sprintf(format, args...))
}

// OnAbort has f called at the second interrupt, before the process leaves at
// once without running anything deferred.
func (s *Std) OnAbort(f func()) { s.onAbort.add(f) }
