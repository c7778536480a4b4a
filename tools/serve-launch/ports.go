package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"

	"fastgenbench/tools/internal/cmdline"
)

// The ports that are tried for a free one lie below those that the kernel deals
// out: an engine takes its port seconds after it was found free, when on a
// machine under load somebody's connection may have come to have it.
const (
	lowestPort, highestPort = 18000, 32000
	maxPortTries            = 100
)

// choosePort takes a free port where none is given, and says so when a given
// one is taken: some engines do not notice, and others' answers would be
// measured.
func (o *options) choosePort() error {
	if o.settings.Port != 0 {
		port, err := o.portsFree()
		if err != nil {
			return cmdline.WithHint(fmt.Errorf("port %d on %s is not available: %w", port, o.settings.Host, errors.Unwrap(err)), "--port 0 takes a free one")
		}
		return nil
	}
	var err error
	for range maxPortTries {
		o.settings.Port = lowestPort + rand.IntN(highestPort-lowestPort) // any will do: nothing measured depends on it
		if _, err = o.portsFree(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no free port on %s: %w", o.settings.Host, err)
}

// listenHost is where the server will listen: "", everywhere, for an engine
// without a flag for it.
func (o *options) listenHost() string {
	if !o.backend.Takes("host") {
		return ""
	}
	return o.settings.Host
}

// portsFree reports the first of the server's ports that is taken.
func (o *options) portsFree() (int, error) {
	ports := []int{o.settings.Port}
	if o.backend.Ports != nil {
		ports = o.backend.Ports(o.settings)
	}
	for _, port := range ports {
		listener, err := net.Listen("tcp", net.JoinHostPort(o.listenHost(), strconv.Itoa(port)))
		if err != nil {
			return port, err
		}
		listener.Close()
	}
	return 0, nil
}

// address is where clients find the server.
func (o *options) address() string {
	host, scheme := o.settings.Host, o.backend.Scheme
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // a server that listens everywhere listens here
	}
	if scheme == "" {
		scheme = "http"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(o.settings.Port))
}
