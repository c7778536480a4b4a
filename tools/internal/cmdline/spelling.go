package cmdline

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// spell lets flags be spelled as the original suite does, with underscores. It
// returns the arguments and how many of them stand behind the first "--".
//
// Values are left alone byte for byte, those that look like flags included:
// the flags of the tool, or of its sub-command, say which take a value.
// Nothing changes from the first operand on, where urfave/cli stops parsing.
func (t Tool) spell(args []string) (spelled []string, guarded int) {
	spelled = slices.Clone(args)
	flags, commands := t.Flags, t.Commands
	for i := 0; i < len(spelled); i++ {
		arg := spelled[i]
		if arg == "--" || !isFlag(arg) {
			at := slices.IndexFunc(commands, func(c Tool) bool { return c.Name == arg })
			if at < 0 {
				return spelled, behindGuard(spelled[i:])
			}
			flags, commands = commands[at].Flags, nil
			continue
		}
		name, value, hasValue := strings.Cut(arg, "=")
		spelled[i] = strings.ReplaceAll(name, "_", "-")
		switch {
		case hasValue:
			spelled[i] += "=" + value
		case takesValue(flags, strings.TrimLeft(spelled[i], "-")):
			i++ // the value is the next argument
		}
	}
	return spelled, 0
}

// isFlag reports whether package flag reads arg as a flag.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// takesValue reports whether the flag called name is one with a value. An
// unknown flag is none: it ends in a usage error whatever follows it.
func takesValue(flags []cli.Flag, name string) bool {
	for _, flag := range flags {
		if slices.Contains(flag.Names(), name) {
			documented, ok := flag.(cli.DocGenerationFlag)
			return ok && documented.TakesValue()
		}
	}
	return false
}

// behindGuard counts the arguments behind the first "--".
func behindGuard(args []string) int {
	at := slices.Index(args, "--")
	if at < 0 {
		return 0
	}
	return len(args) - at - 1
}

// strayFlag finds a flag among the operands in front of the guarded ones:
// urfave/cli stops looking for flags at the first operand and says nothing.
func strayFlag(operands []string, guarded int) string {
	for _, operand := range operands[:max(0, len(operands)-guarded)] {
		if isFlag(operand) && operand != "--" {
			return operand
		}
	}
	return ""
}
