package cmdline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// spell lets flags be written as the original suite writes them: with
// underscores, and those in Lists with several values. It returns the arguments
// and how many of them follow the first "--". Its error is the answer to a
// word that is not taken.
//
// Values are left alone byte for byte, those that look like flags included:
// the flags of the tool, or of its sub-command, say which take a value.
// Nothing changes from the first operand on, where urfave/cli stops parsing.
func (t Tool) spell(args []string) (spelled []string, guarded int, err error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" || !isFlag(arg) {
			at := slices.IndexFunc(t.Commands, func(c Tool) bool { return c.Name == arg })
			if at < 0 {
				return append(spelled, args[i:]...), afterGuard(args[i:]), t.answer(arg, arg)
			}
			t, spelled = t.Commands[at], append(spelled, arg)
			continue
		}
		written, value, hasValue := strings.Cut(arg, "=")
		flag := strings.ReplaceAll(written, "_", "-")
		name := strings.TrimLeft(flag, "-")
		if err := t.answer(written, "--"+name); err != nil {
			return nil, 0, err
		}
		switch {
		case hasValue:
			spelled = append(spelled, flag+"="+value)
		case takesValue(t.Flags, name) && i+1 < len(args):
			i++ // the value is the next argument
			spelled = append(spelled, flag, args[i])
		default:
			spelled = append(spelled, flag)
		}
		for slices.Contains(t.Lists, name) && i+1 < len(args) && t.isNextValue(args[i+1]) {
			i++
			spelled = append(spelled, flag, args[i])
		}
	}
	return spelled, 0, nil
}

// isNextValue reports whether arg is one more value of the list in front of it.
func (t Tool) isNextValue(arg string) bool {
	if t.Operands == "" {
		return !isFlag(arg)
	}
	_, err := strconv.ParseFloat(arg, 64)
	return err == nil
}

// answer is the error for a word that has an answer, nil for all others. The
// value of a flag is not repeated: it may be a secret.
func (t Tool) answer(written, word string) error {
	for _, a := range t.Answers {
		if strings.ReplaceAll(a.Word, "_", "-") == word {
			return WithHint(Usagef("%s is not supported: %s", written, a.Why), a.Instead)
		}
	}
	return nil
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

// afterGuard counts the arguments after the first "--".
func afterGuard(args []string) int {
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
