package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/cmdline"
)

// step is the sweep on one server.
type step struct {
	// server are its settings, as serve-launch and loadgen both write them.
	server []string
	// pending prints the points that are left; nil: the sweep looks itself.
	pending []string
	// command measures them.
	command []string
}

// plan lists the sweeps, as far as they are known beforehand.
func (o *options) plan() []step {
	var steps []step
	for _, server := range o.servers() {
		s := step{server: server}
		loadgen := append([]string{"loadgen"}, o.load...)
		switch {
		case o.url != "" && !o.startsNothing(): // loadgen knows its protocol by itself
			s.command = slices.Concat(loadgen, []string{"--url", o.url}, server)
		case o.url != "":
			s.command = slices.Concat([]string{"serve-launch", "--url", o.url}, server, o.server, []string{"--"}, loadgen)
		default:
			s.pending = slices.Concat([]string{"loadgen", "--pending"}, server, o.load)
			s.command = slices.Concat([]string{"serve-launch"}, server, o.server, []string{"--"}, loadgen)
		}
		steps = append(steps, s)
	}
	return steps
}

// servers are the settings of each server: every combination of the values.
func (o *options) servers() [][]string {
	all := [][]string{{"--backend", o.backend.Name, "--model", o.model}}
	for _, setting := range []struct {
		flag   string
		values []int
	}{{"--tp-size", o.tpSizes}, {"--max-ragged-batch-size", o.batches}, {"--num-replicas", o.replicas}} {
		if len(setting.values) == 0 {
			continue
		}
		var longer [][]string
		for _, server := range all {
			for _, value := range setting.values {
				longer = append(longer, append(slices.Clone(server), setting.flag, strconv.Itoa(value)))
			}
		}
		all = longer
	}
	return all
}

// print writes the commands, one per line, as a shell reads them.
func (o *options) print(std *cmdline.Std) error {
	if o.lasting() {
		_, err := fmt.Fprintln(std.Out, "serve-launch status |", shell(append([]string{"loadgen"}, o.load...)))
		return err
	}
	for _, s := range o.plan() {
		if _, err := fmt.Fprintln(std.Out, shell(s.command)); err != nil {
			return err
		}
	}
	return nil
}

// shell quotes what a shell would read otherwise.
func shell(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = arg
		if arg == "" || strings.Trim(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,@%+") != "" {
			quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
