package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

func whereFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "where", Usage: "read only the rows that have one of these values in a column: `NAME=VALUE,VALUE`"}
}

// only has the reader pass over the rows that do not meet all conditions.
func only(in *csvio.Reader[record.Request], conditions []string) error {
	for _, condition := range conditions {
		name, values, ok := strings.Cut(condition, "=")
		if !ok {
			return fmt.Errorf("%q is not NAME=VALUE", condition)
		}
		if err := in.Only(name, strings.Split(values, ",")); err != nil {
			return err
		}
	}
	return nil
}
