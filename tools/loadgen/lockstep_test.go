package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/simrun"
)

// lockstepped runs loadgen against the server.
func (s *lockServer) lockstepped(t *testing.T, args string) (rows []record.Request, stdout string) {
	t.Helper()
	status, stdout, stderr := result(t, loadgen(append([]string{"--url", s.URL, "--run", "r"}, strings.Fields(args)...)...))
	if status != 0 && status != 3 {
		t.Fatalf("%s: status %d: %s", args, status, stderr)
	}
	if begun, over := s.loads(); begun != over {
		t.Errorf("%s: %d loads were begun, %d ended", args, begun, over)
	}
	return rowsOf(t, stdout), stdout
}

const light = " --mean-prompt-length 300 --mean-max-new-tokens 12 --seed 7"

// The same load gives the same rows, to the byte, whatever the machine does.
func TestLockstepRowsAreTheSameToTheByte(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(trace, []byte("due_s,prompt_tokens,max_new_tokens\n0,100,5\n0.5,300,9\n0.5,200,9\n9,50,3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newLockServer(t)
	for n, args := range []string{
		"--num-clients 1,7 --num-requests 30 --stream" + light,
		"--num-clients 5 --duration 4 --warmup 2 --start-jitter 0" + light,
		"--rate 20 --num-requests 40 --burstiness 0.3 --ramp-up 1 --stream" + light,
		"--schedule " + trace + " --stream",
		"--num-clients 20 --duration 3 --timeout 600ms --silence 250ms --stream" + light,
	} {
		first, stop := "", func() {}
		runs := []int{4, 2, 2, 2, 2}[n]
		for i := range runs {
			if i == runs/2 {
				stop = busyLoop(t)
			}
			cmd := loadgen(append([]string{"--url", s.URL, "--run", "r"}, strings.Fields(args)...)...)
			cmd.Env = append(cmd.Env, fmt.Sprint("GOMAXPROCS=", []int{1, 8}[i%2]))
			_, stdout, stderr := result(t, cmd)
			if i == 0 {
				first = stdout
			}
			if stdout != first || strings.Count(stdout, "\n") < 5 {
				t.Errorf("%s: run %d wrote\n%s\nthe first\n%s\n%s", args, i, stdout, first, stderr)
			}
		}
		stop()
	}
}

// busyLoop keeps a processor busy until it is stopped.
func busyLoop(t *testing.T) (stop func()) {
	t.Helper()
	loop := exec.Command("sh", "-c", "while :; do :; done")
	if err := loop.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		_ = loop.Process.Kill()
		_ = loop.Wait()
	}
	t.Cleanup(stop)
	return stop
}

// What is simulated in one process and what loadgen measures are the same times.
func TestLockstepIsWhatIsSimulated(t *testing.T) {
	s := newLockServer(t)
	lengths := prompt.Lengths{MeanPrompt: 300, MeanNew: 12, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 4000, Context: 4096}
	for warmup, off := range map[int]float64{0: 0, 1: 1e-6} {
		measured, _ := s.lockstepped(t, fmt.Sprintf("--num-clients 6 --num-requests 60 --stream --warmup %d", warmup)+light)
		slices.SortFunc(measured, func(a, b record.Request) int { return a.Request.Int() - b.Request.Int() })
		simulated, err := simrun.Run(context.Background(), s.config, 1, simrun.Load{Key: measured[0].Key, Requests: 60, Seed: 7,
			Size: func(i int) prompt.Size { return lengths.Draw(7, i) }})
		if err != nil || len(measured) != len(simulated) {
			t.Fatalf("%d rows measured, %d simulated, %v", len(measured), len(simulated), err)
		}
		for i, got := range measured {
			if !alike(got, simulated[i], off) {
				t.Errorf("warm-up %d: measured %+v, simulated %+v", warmup, got, simulated[i])
			}
		}
	}
}

// alike reports whether two rows of one request differ by no more than off seconds,
// beside what cells cannot hold.
func alike(a, b record.Request, off float64) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= off+0.51e-6 }
	return a.Client == b.Client && near(a.StartS.Float(), b.StartS.Float()) && near(a.LatencyS.Float(), b.LatencyS.Float()) &&
		near(a.EndS.Float(), b.EndS.Float()) && a.PromptTokens == b.PromptTokens && a.GeneratedTokens == b.GeneratedTokens && a.Clock == b.Clock &&
		slices.EqualFunc(a.ChunkS, b.ChunkS, func(x, y record.Chunk) bool { return x.Tokens == y.Tokens && near(x.At, y.At) })
}

// Nothing in a row is of the client's machine.
func TestLockstepRowsSayNothingOfTheClient(t *testing.T) {
	s := newLockServer(t)
	s.set(func() { s.busy = 2 }) // as it is beside ordinary requests: it is waited for
	for _, args := range []string{"--num-clients 3 --num-requests 9 --stream", "--num-clients 3 --num-requests 9", "--rate 5 --num-requests 9 --stream"} {
		rows, _ := s.lockstepped(t, args+light)
		if len(rows) != 9 {
			t.Fatalf("%s: %d rows", args, len(rows))
		}
		for _, r := range rows {
			if r.Clock != "virtual" || r.Speed != 1 || r.Engine != "sim-engine test" || r.Status != record.OK || r.LagS.Known() || r.BlurredChunks.Known() ||
				r.PauseS.Known() || r.ClientCPU.Known() || r.ConnectS.Known() || r.EndS != r.LatencyS || r.DueS.Known() && r.DueS != r.StartS {
				t.Errorf("%s: %+v", args, r)
			}
			if streamed := strings.Contains(args, "stream"); streamed != (len(r.ChunkS) > 0) || !(r.LatencyS.Float() > 0) {
				t.Errorf("%s: %+v", args, r)
			}
		}
	}
}

// Failures take place in virtual time, and so do the pauses behind them.
func TestLockstepFailures(t *testing.T) {
	s := newLockServer(t)
	s.set(func() {
		s.fault = func(id string) string {
			return map[string]string{"2": "refuse", "3": "busy"}[id[strings.LastIndex(id, "-")+1:]]
		}
	})
	rows, _ := s.lockstepped(t, "--num-clients 1 --num-requests 6 --warmup 0 --stream"+light)
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range map[int]struct {
		status record.Status
		words  string
		pause  float64
	}{1: {record.OK, "", 0}, 2: {record.Failed, "the server closed the connection after no token", 0.1}, 3: {record.Failed, "HTTP 429", 2}} {
		r, next := rows[i], rows[i+1]
		pause := next.StartS.Float() - r.StartS.Float() - r.LatencyS.Float()
		if r.Status != want.status || !strings.HasPrefix(string(r.Error), want.words) || math.Abs(pause-want.pause) > 2e-6 || r.Attempts.Int() != 1 {
			t.Errorf("request %d: %+v; then a pause of %v s", i, r, pause)
		}
	}
}

// A server that goes away ends the point, and its rows are kept.
func TestLockstepServerThatDies(t *testing.T) {
	s := newLockServer(t)
	s.set(func() {
		counted := 0
		s.step = func(int) bool {
			if s.received > 2 { // not of Learn
				counted++
			}
			return counted < 20
		}
	})
	status, stdout, stderr := result(t, loadgen(strings.Fields("--url "+s.URL+" --num-clients 4 --num-requests 100 --stream"+light)...))
	if rows := rowsOf(t, stdout); status != 1 || len(rows) < 5 || !strings.Contains(stderr, "moving virtual time: ") {
		t.Errorf("status %d, %d rows, %s", status, len(rows), stderr)
	}
}

// An interrupt lets what is in flight end, in virtual time, and frees the server.
func TestLockstepInterrupt(t *testing.T) {
	s := newLockServer(t)
	at, interrupted := make(chan struct{}), make(chan struct{})
	stop := sync.OnceFunc(func() { close(at); <-interrupted })
	s.set(func() {
		s.step = func(int) bool {
			if s.received >= 8 {
				stop()
			}
			return true
		}
	})
	cmd := loadgen(strings.Fields("--url " + s.URL + " --num-clients 4 --num-requests 10000 --warmup 0 --stream" + light)...)
	out := &strings.Builder{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-at
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	close(interrupted)
	_ = cmd.Wait()
	rows := rowsOf(t, out.String())
	begun, over := s.loads()
	if status := cmd.ProcessState.ExitCode(); status != 130 || len(rows) < 4 || len(rows) == 10000 || begun != over {
		t.Errorf("status %d, %d rows; %d loads were begun, %d ended", status, len(rows), begun, over)
	}
	for _, r := range rows {
		if r.Status != record.OK {
			t.Errorf("%+v", r)
		}
	}
}

func TestAThousandClientsInLockstep(t *testing.T) {
	s := newLockServer(t)
	rows, _ := s.lockstepped(t, "--num-clients 1000 --num-requests 1000 --warmup 0 --stream --mean-prompt-length 30 --mean-max-new-tokens 3")
	if len(rows) != 1000 {
		t.Errorf("%d rows", len(rows))
	}
}
