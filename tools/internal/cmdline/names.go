package cmdline

import (
	"slices"

	"github.com/urfave/cli/v2"
)

// flag is what urfave/cli may ask of a flag.
type flag interface {
	cli.RequiredFlag
	cli.DocGenerationFlag
	cli.CategorizableFlag
	cli.ActionableFlag
}

// named is a flag that keeps its names. The flags of urfave/cli find theirs with a
// regular expression each time, and it asks all of them once for each: with fifty
// flags that is most of the time of a command that has little to do.
type named struct {
	flag
	names []string
}

func (n named) Names() []string { return n.names }

// withNames are the flags, those of one value with their names kept: urfave/cli gives
// lists their separator by a method that no other package can name.
func withNames(flags []cli.Flag) []cli.Flag {
	kept := slices.Clone(flags)
	for i, f := range kept {
		if _, list := f.(cli.DocGenerationSliceFlag); !list {
			kept[i] = named{f.(flag), f.Names()}
		}
	}
	return kept
}
