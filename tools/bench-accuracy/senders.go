package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"fastgenbench/tools/bench-accuracy/internal/trial"
)

// senders are sim-engines on one port, among which the kernel deals out the
// connections.
type senders struct {
	list []*trial.Sender
	logs []string // of the truth
}

// model is the name that the senders serve under.
const model = "accuracy"

// sender is a sender's command line.
func (b *bench) sender(p point, truth string) []string {
	together := "--stagger"
	if b.burst {
		together = "--align"
	}
	args := []string{filepath.Join(b.bin, "sim-engine"), "--policy", "pace", "--speed", "1", "--model", model, together, "--quiet",
		"--pace", fmt.Sprint(p.rate), "--pace-ttft", p.ttft, "--tokens-per-chunk", strconv.Itoa(b.chunk), "--truth", truth}
	if b.cert != nil {
		args = append(args, "--ssl-certfile", b.cert.chain, "--ssl-keyfile", b.cert.key)
	}
	if b.senders > 1 {
		args = append(args, "--reuse-port")
	}
	return args
}

// start starts the senders of a point, their logs in dir.
func (b *bench) start(ctx context.Context, p point, dir string) (*senders, error) {
	s, port := &senders{}, "0"
	for i := range b.senders {
		log := filepath.Join(dir, fmt.Sprintf("truth%d.csv", i))
		one, err := trial.StartSender(ctx, b.cores.Sender, b.sender(p, log), port, filepath.Join(dir, fmt.Sprintf("port%d", i)))
		if err != nil {
			_, stopErr := s.stop()
			return nil, errors.Join(err, stopErr)
		}
		s.list, s.logs, port = append(s.list, one), append(s.logs, log), one.Port
	}
	return s, nil
}

// url is the senders' address.
func (b *bench) url(s *senders) string {
	scheme := "http"
	if b.cert != nil {
		scheme = "https"
	}
	return scheme + "://127.0.0.1:" + s.list[0].Port
}

// stop ends the senders and returns the processor time that they took.
func (s *senders) stop() (cpu time.Duration, err error) {
	for _, one := range s.list {
		took, stopErr := one.Stop()
		cpu, err = cpu+took, errors.Join(err, stopErr)
	}
	return cpu, err
}
