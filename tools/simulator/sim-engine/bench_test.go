package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fastgenbench/tools/internal/openai"
)

// TestMain lets this binary be the benchmarks' client: a process of its own,
// that shares neither a core nor a garbage collector with the sender.
func TestMain(m *testing.M) {
	if address := os.Getenv("SIM_ENGINE_READ"); address != "" {
		if err := readStreams(address, os.Getenv("SIM_ENGINE_STREAMS"), os.Getenv("SIM_ENGINE_TOKENS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// readStreams asks for streams at once and reads them to their end.
func readStreams(address, streams, tokens string) error {
	n, err := strconv.Atoi(streams)
	if err != nil {
		return err
	}
	body := fmt.Sprintf(`{"prompt":"x","max_tokens":%s,"stream":true}`, tokens)
	request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		openai.PathCompletions, len(body), body)
	conns := make([]net.Conn, n)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", address); err != nil {
			return err
		}
	}
	var reading sync.WaitGroup
	for _, conn := range conns {
		reading.Go(func() {
			if _, err := io.WriteString(conn, request); err == nil {
				_, _ = io.Copy(io.Discard, conn)
			}
		})
	}
	reading.Wait()
	return nil
}

// send serves with args while a client process, on the last core, reads
// streams of tokens each. It returns the wall and the sender's CPU time.
func send(b *testing.B, streams, tokens int, args ...string) (wall, cpu time.Duration) {
	b.Helper()
	url, stop := serveApp(b, append([]string{"--policy", "pace", "--stagger"}, args...)...)
	client := exec.Command("taskset", "-c", "1", os.Args[0])
	client.Env = append(os.Environ(), "SIM_ENGINE_READ="+strings.TrimPrefix(url, "http://"),
		"SIM_ENGINE_STREAMS="+strconv.Itoa(streams), "SIM_ENGINE_TOKENS="+strconv.Itoa(tokens))
	client.Stderr = os.Stderr
	start, used := time.Now(), cpuTime()
	if err := client.Run(); err != nil {
		b.Fatal(err)
	}
	wall, cpu = time.Since(start), cpuTime()-used
	if err := stop(); err != nil {
		b.Fatal(err)
	}
	return wall, cpu
}

func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkEmission is how many streamed tokens per second one core sends to 500
// connections when more are due than it can. The sender is this process:
//
//	taskset -c 0 go test -run '^$' -bench Emission -benchtime 1x ./tools/simulator/sim-engine/
//
// puts it on core 0; the client puts itself on core 1.
func BenchmarkEmission(b *testing.B) {
	const streams, tokens = 500, 2000
	var wall, cpu time.Duration
	for range b.N {
		w, c := send(b, streams, tokens, "--pace", "600")
		wall, cpu = wall+w, cpu+c
	}
	sent := float64(streams * tokens * b.N)
	b.ReportMetric(sent/wall.Seconds(), "tokens/s")
	b.ReportMetric(float64(cpu.Nanoseconds())/sent, "cpu-ns/token")
}

// BenchmarkLateness is how late tokens are sent, measured right before their
// write, to 1,000 streams of 20 tokens per second.
//
//	go test -run '^$' -bench Lateness -benchtime 1x ./tools/simulator/sim-engine/
func BenchmarkLateness(b *testing.B) {
	var late []int
	for i := range b.N {
		log := filepath.Join(b.TempDir(), fmt.Sprint(i))
		send(b, 1000, 100, "--pace", "20", "--truth", log)
		late = append(late, lateness(b, log)...)
	}
	slices.Sort(late)
	for name, share := range map[string]float64{"p50": 0.5, "p99": 0.99, "p99.9": 0.999} {
		b.ReportMetric(float64(late[int(share*float64(len(late)))])/1e3, name+"-us")
	}
}

// lateness reads sent - due of every token from a truth log, in nanoseconds.
func lateness(b *testing.B, file string) []int {
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	var late []int
	for _, row := range rows[1:] {
		due, err1 := strconv.Atoi(row[5])
		sent, err2 := strconv.Atoi(row[6])
		if err1 != nil || err2 != nil {
			b.Fatal(row)
		}
		late = append(late, sent-due)
	}
	return late
}
