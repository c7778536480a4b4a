package cmdline

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

const helpTemplate = `{{.Name}} - {{.Usage}}

usage: {{.Name}} [options]{{if .VisibleCommands}} [command]{{end}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}

{{.Description}}
{{if .VisibleCommands}}
commands:
{{range .VisibleCommands}}  {{.Name}}{{"\t"}}{{.Usage}}
{{end}}{{end}}
options:
{{range .VisibleFlags}}  {{.}}
{{end}}`

const commandHelpTemplate = `{{.HelpName}} - {{.Usage}}

usage: {{.HelpName}} [options]{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}

{{.Description}}

options:
{{range .VisibleFlags}}  {{.}}
{{end}}`

const statusHelp = `
exit status:
  0 done, or the reader left; 1 failure; 2 usage error; 3 partly done;
  130, 143 interrupted
`

// answersHelp lists the words of the original suite that the tool does not take.
// Braces would be read as a template's.
func (t Tool) answersHelp() string {
	var text strings.Builder
	for i, a := range t.Answers {
		if i == 0 {
			text.WriteString("\nof the original suite, not supported here:\n")
		}
		fmt.Fprintf(&text, "  %s  %s\n      %s\n", a.Word, a.Why, strings.ReplaceAll(a.Instead, "{", "{{`{`}}"))
	}
	return text.String()
}

// withCommonFlags adds what every tool has.
func withCommonFlags(flags []cli.Flag) []cli.Flag {
	return withNames(append(slices.Clone(flags), &cli.BoolFlag{Name: "quiet", Usage: "no notes and no progress on stderr"}))
}

func usageError(c *cli.Context, err error, _ bool) error {
	name := c.App.Name
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != name {
		name += " " + c.Command.Name
	}
	return WithHint(Usagef("%s", lowerFirst(err.Error())), fmt.Sprintf("see `%s --help`", name))
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Ints reads the whole numbers of a list flag: "1,2,4", repeated or both.
func Ints(values []string) ([]int, error) { return list(values, strconv.Atoi) }

// Floats reads the numbers of a list flag: "0.5,1", repeated or both.
func Floats(values []string) ([]float64, error) {
	return list(values, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
}

// Words reads a list of names: "a,b", repeated or both.
func Words(values []string) []string {
	return strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ' ' })
}

func list[T any](values []string, parse func(string) (T, error)) ([]T, error) {
	var out []T
	for _, value := range values {
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
			v, err := parse(word)
			if err != nil {
				return nil, Usagef("%q is not a number", word)
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// IsTerminal reports whether a person reads or types f.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
