package plan

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fastgenbench/tools/internal/load"
)

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "w.jsonl")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func timed() Options {
	return Options{BlockSize: 512, Timed: true, Scale: 1, Until: math.Inf(1), NewTokens: 60}
}

func opened(t *testing.T, text string, o Options) *Schedule {
	t.Helper()
	s, err := Open(written(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// all runs a plan in which each turn follows at once, and writes what it sends.
func all(t *testing.T, p load.Plan) string {
	t.Helper()
	var text strings.Builder
	for job, ok := p.Next(); ok; job, ok = p.Next() {
		for more := true; more; job, more = p.Turn(job) {
			fmt.Fprintf(&text, "%d:%d+%d@%g", job.Request, job.Prompt, job.New, job.Due)
			if job.Session != "" {
				fmt.Fprintf(&text, ",%s%d/%d+%g", job.Session, job.Turn, job.Left, job.Delay)
			}
			text.WriteByte(' ')
			if job.Left == 0 {
				break
			}
		}
	}
	return strings.TrimSpace(text.String())
}

func TestASchedule(t *testing.T) {
	lines := func(l ...string) string { return strings.Join(l, "\n") + "\n" }
	for name, c := range map[string]struct {
		text   string
		change func(*Options)
		want   string
	}{
		"in the order of time": {lines(`{"timestamp":3000,"input_length":9,"output_length":2}`, `{"timestamp":1000,"input_length":8}`, `{"timestamp":2500,"input_length":7,"output_length":4}`),
			nil, "0:8+60@0 1:7+4@1.5 2:9+2@2"},
		"scaled": {lines(`{"timestamp":1000,"input_length":8,"output_length":1}`, `{"timestamp":5000,"input_length":7,"output_length":4}`),
			func(o *Options) { o.Scale = 0.5 }, "0:8+1@0 1:7+4@2"},
		"from and until": {lines(`{"timestamp":1000,"input_length":1}`, `{"timestamp":2000,"input_length":2}`, `{"timestamp":4000,"input_length":3}`, `{"timestamp":5000,"input_length":4}`),
			func(o *Options) { o.From, o.Until = 1, 4 }, "0:2+60@0 1:3+60@2"},
		"sessions": {lines(`{"session_id":"a","timestamp":0,"input_length":1}`, `{"session_id":"b","timestamp":500,"input_length":2}`,
			`{"session_id":"a","delay":1500,"input_length":3}`, `{"session_id":"b","timestamp":9000,"input_length":4}`, `{"timestamp":9500,"input_length":5}`),
			nil, "0:1+60@0,a1/1+0 2:3+60@0,a2/0+1.5 1:2+60@0.5,b1/1+0 3:4+60@9,b2/0+0 4:5+60@9.5"},
		"as fast as clients go": {lines(`{"session_id":"a","timestamp":90,"input_length":1}`, `{"input_length":2}`, `{"session_id":"a","timestamp":70,"input_length":3}`),
			func(o *Options) { o.Timed = false }, "0:1+60@0,a1/1+0 2:3+60@0,a2/0+0 1:2+60@0"},
		"CSV":                {"due_s,prompt_tokens,max_new_tokens\n4,3,2\n1,5,6\n", nil, "0:5+6@1 1:3+2@4"},
		"CSV from and until": {"due_s,prompt_tokens,max_new_tokens\n4,3,2\n1,5,6\n", func(o *Options) { o.From = 2 }, "0:3+2@2"},
	} {
		o := timed()
		if c.change != nil {
			c.change(&o)
		}
		s := opened(t, c.text, o)
		if got := all(t, s.Replay(nil)); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
		if again := all(t, s.Replay(nil)); again != c.want {
			t.Errorf("%s, once more: %s", name, again)
		}
	}
}

func TestStartsArriveAtARate(t *testing.T) {
	o := timed()
	o.Timed = false
	s := opened(t, `{"session_id":"a","input_length":1}`+"\n"+`{"session_id":"a","timestamp":70,"input_length":3}`+"\n"+`{"input_length":2}`+"\n", o)
	if got := all(t, s.Replay(func(start int) float64 { return float64(start) * 2.5 })); got != "0:1+60@0,a1/1+0 1:3+60@0,a2/0+0 2:2+60@2.5" {
		t.Error(got)
	}
}

// A dropped session sends nothing more, and leaves nothing behind.
func TestDroppedSessions(t *testing.T) {
	var text strings.Builder
	for turn := range 3 {
		for session := range 4 {
			fmt.Fprintf(&text, `{"session_id":"%d","timestamp":%d,"input_length":5}`+"\n", session, turn*1000+session)
		}
	}
	r := opened(t, text.String(), timed()).Replay(nil)
	sent := 0
	for job, ok := r.Next(); ok; job, ok = r.Next() {
		sent++
		if job.Session == "2" {
			r.Drop(job)
			continue
		}
		for job.Left > 0 {
			if job, ok = r.Turn(job); !ok {
				t.Fatal("a turn is missing")
			}
			sent++
		}
	}
	if sent != 10 || len(r.sessions) != 0 {
		t.Errorf("%d were sent, %d sessions are left", sent, len(r.sessions))
	}
}

func TestBadLinesAreToldAndPassedOver(t *testing.T) {
	text := `{"timestamp":0,"input_length":5}
nonsense
{"timestamp":1,"input_length":600,"hash_ids":[1]}
{"input_length":5}
{"timestamp":2,"input_length":0}
{"timestamp":3,"input_length":5}
`
	s := opened(t, text, timed())
	want := []string{"w.jsonl:2: it is not a JSON object", "w.jsonl:3: 1 hash_ids do not fit 600 tokens in blocks of 512: blocks of 1024 would", "w.jsonl:4: it has no timestamp"}
	if s.Requests != 2 || s.Skipped != 4 || len(s.Bad) != 3 {
		t.Fatalf("%+v", s.Survey)
	}
	for i, why := range s.Bad {
		if !strings.HasPrefix(why, want[i]) {
			t.Errorf("%q, want %q", why, want[i])
		}
	}
	if got := all(t, s.Replay(nil)); got != "0:5+60@0 1:5+60@0.003" {
		t.Error(got)
	}
}

func TestWhatCannotBeSentIsKnownBeforehand(t *testing.T) {
	s := opened(t, `{"timestamp":0,"input_length":100}`+"\n"+`{"timestamp":1,"input_length":70}`+"\n"+`{"timestamp":1,"input_length":20,"output_length":9}`+"\n", timed())
	if err := s.Fit(100); err != nil || s.Skipped != 1 || s.Cut != 1 || s.Bad[0] != "w.jsonl:1: its prompt of 100 tokens does not fit the server's context of 100" {
		t.Errorf("%v: %+v", err, s.Survey)
	}
	if got := all(t, s.Replay(nil)); got != "0:70+30@0 1:20+9@0" {
		t.Error(got)
	}
	if err := s.Fit(10); err == nil || !strings.Contains(err.Error(), "it has no usable line; w.jsonl:1: its prompt of 100 tokens") {
		t.Error(err)
	}
}

func TestSchedulesThatAreRefused(t *testing.T) {
	var falling strings.Builder
	for i := range lookAhead + 2 {
		fmt.Fprintf(&falling, `{"timestamp":%d,"input_length":1}`+"\n", lookAhead+2-i)
	}
	for text, want := range map[string]string{
		"":                         "it is empty",
		"{}\n":                     "it has no usable line; w.jsonl:1: it has no prompt",
		"{\"input_length\":5}\n":   "it has no usable line; w.jsonl:1: it has no timestamp",
		"\n\n{\"timestamp\":1}\nx": "it has no usable line; w.jsonl:3: it has no prompt",
		falling.String():           "line 10001: its timestamp is 0.001 s before that of line 10000, more than 10000 requests earlier: sort the file",
	} {
		if _, err := Open(written(t, text), timed()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	if _, err := Open(t.TempDir(), timed()); err == nil {
		t.Error("a folder was read")
	}
}

// A pipe is read once and sent all the same.
func TestAScheduleFromAPipe(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		fmt.Fprintln(out, `{"timestamp":0,"input_length":5}`)
		out.Close()
	}()
	s, err := Open(fmt.Sprintf("/dev/fd/%d", in.Fd()), timed())
	if err != nil {
		t.Skip(err) // no such files here
	}
	defer s.Close()
	if got := all(t, s.Replay(nil)); got != "0:5+60@0" {
		t.Error(got)
	}
}

// However long a trace is, what is kept of it is what is read ahead.
func TestATraceDoesNotLieInMemory(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "long.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	const n = 40_000
	for i := range n {
		fmt.Fprintf(file, `{"timestamp":%d,"input_length":2000,"output_length":5,"hash_ids":[1,2,3,%d]}`+"\n", i, i+4)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(file.Name(), timed())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := inUse()
	plan, sent := s.Replay(nil), 0
	for _, ok := plan.Next(); ok; _, ok = plan.Next() {
		if sent++; sent == n/2 {
			break
		}
	}
	if after := inUse(); after > before+5<<20 {
		t.Errorf("%d kB are in use in the middle of %d requests", (after-before)>>10, n)
	}
	runtime.KeepAlive(plan)
}

// inUse is the live heap in bytes.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func FuzzSchedule(f *testing.F) {
	f.Add(`{"timestamp":1,"input_length":5,"session_id":"a"}` + "\n" + `{"delay":5,"input_length":6,"session_id":"a"}`)
	f.Add("due_s,prompt_tokens,max_new_tokens\n1,2,3\n")
	f.Add("due_s,prompt_tokens,max_new_tokens\n\x001,x,3\n")
	f.Add(`{"timestamp":1,"input_tokenz":5,"session_id":"a"}` + "\n" + `{"delay":5,"input_length":6,"session_id":"a"}`)
	f.Add(`{"timestamp":0,"input_length":1}` + "\n" + `{"":1,A`)
	f.Add("\xb8\n")
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(file, timed())
		if err != nil {
			return
		}
		defer s.Close()
		r, sent := s.Replay(nil), 0
		for job, ok := r.Next(); ok; job, ok = r.Next() {
			for sent++; job.Left > 0; sent++ {
				if job, ok = r.Turn(job); !ok {
					t.Fatalf("%s has no turn behind %d", job.Session, job.Turn)
				}
			}
		}
		if sent != s.Requests || len(r.sessions) > 0 || r.Err() != nil {
			t.Errorf("%d of %d were sent, %d sessions are left, %v", sent, s.Requests, len(r.sessions), r.Err())
		}
	})
}
