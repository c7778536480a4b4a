package plan

import (
	"io"
	"strings"
	"testing"
)

const traceHeader = "due_s,prompt_tokens,max_new_tokens\n"

// What other programs leave behind is read where it means the same.
func TestTracesOfOtherPrograms(t *testing.T) {
	for name, text := range map[string]string{
		"byte order mark, CRLF":  "\ufeffdue_s,prompt_tokens,max_new_tokens\r\n0,20,5\r\n0.5,30,6\r\n",
		"quotes":                 "\"due_s\",\"prompt_tokens\",\"max_new_tokens\"\n\"0\",\"20\",\"5\"\n\"0.5\",\"30\",\"6\"\n",
		"mark, quotes":           "\ufeff\"due_s\",\"prompt_tokens\",\"max_new_tokens\"\n0,20,5\n0.5,30,6",
		"spaces":                 "due_s, prompt_tokens , max_new_tokens\n0, 20, 5\n 0.5, 30, 6 \n",
		"counts as floats":       traceHeader + "0,20.0,5.0\n5e-1,3e1,6.0\n",
		"further columns, lines": "id,prompt_tokens,max_new_tokens,due_s,text\na,20,5,0,\"x,\ny\"\nb,30,6,0.5,\n\n",
	} {
		trace, err := parseTrace(strings.NewReader(text), maxTraced)
		if err != nil || len(trace) != 2 || trace[1].due != 0.5 || trace[0].Prompt != 20 || trace[1].New != 6 {
			t.Errorf("%s: %v, %v", name, trace, err)
		}
	}
}

// What cannot be meant is refused in words that say what to do.
func TestTracesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "it is empty",
		traceHeader:                        "it has no request",
		traceHeader + "1,2,3\n-1,2,3\n":    `line 3: due_s "-1" is not a number of seconds`,
		traceHeader + "Inf,2,3\n":          `line 2: due_s "Inf"`,
		traceHeader + "2024-05-01,2,3\n":   `line 2: due_s "2024-05-01"`,
		traceHeader + "1,0,3\n":            `line 2: prompt_tokens "0" is not a whole number above 0`,
		traceHeader + "1,2.5,3\n":          `line 2: prompt_tokens "2.5"`,
		traceHeader + "1,nan,3\n":          `line 2: prompt_tokens "nan"`,
		traceHeader + "1,2\n":              "wrong number of fields",
		traceHeader + "0,2000000000,5\n":   "line 2: prompt_tokens 2000000000 is too large: the maximum is 10000000",
		traceHeader + "0,2,1\n0,2,1e300\n": "line 3: max_new_tokens 1e300 is too large",
		"due_s;prompt_tokens;max_new_tokens\n0;20;5\n0,2;30;5\n": `separated by ';': save it with commas, and decimal points`,
		"\ufeffdue_s\tprompt_tokens\tmax_new_tokens\n0\t20\t5\n": `separated by '\t'`,
		"time,prompt_tokens,max_new_tokens\n0,20,5\n":            `column due_s is missing: the header is "time,prompt_tokens,max_new_tokens"`,
		"\xff\xfed\x00u\x00e\x00":                                "it is UTF-16: save it as UTF-8",
		traceHeader + "1700000000,20,5\n1700000000.2,30,5\n":     "looks like a time since 1970: due_s counts from the point's start, in seconds; subtract the first",
		traceHeader + "1700000000200,20,5\n":                     "1700000000200 looks like a time since 1970",
		traceHeader + "0,20,5\n1700000000,20,5\n":                "looks like a time since 1970",
		traceHeader + "90000,20,5\n90001,20,5\n":                 "its first request is due after 90000 s, more than a day",
		traceHeader + "0,1,1\n0," + strings.Repeat("1", 1<<21):   "a line is longer than 1048576 bytes",
		traceHeader + "0,1,1\n\"0" + strings.Repeat("\n", 1<<21): "a line is longer than 1048576 bytes",
		"\ufeff" + strings.Repeat("due_s", 1<<20) + "\n0,1,1\n":  "a line is longer than 1048576 bytes",
	} {
		if _, err := parseTrace(strings.NewReader(text), maxTraced); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

// repeated is a file without an end.
type repeated struct {
	line string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.line[r.at:])
	r.at = (r.at + n) % len(r.line)
	return n, nil
}

func TestTracesHaveABound(t *testing.T) {
	_, err := parseTrace(io.MultiReader(strings.NewReader(traceHeader), &repeated{line: "1,2,3\n"}), 1000)
	if err == nil || err.Error() != "it has more than 1000 requests: split it" {
		t.Error(err)
	}
}

func FuzzTrace(f *testing.F) {
	f.Add(traceHeader + "1,2,3\n0.5,9,9\n")
	f.Add("\ufeffdue_s;prompt_tokens\n1,2\n")
	for _, text := range []string{"", "0", `"`, "\xff\xfe", traceHeader + "0,,", traceHeader + "x,,\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		trace, err := parseTrace(strings.NewReader(text), maxTraced)
		if err != nil {
			return
		}
		for i, one := range trace {
			if one.Prompt < 1 || one.Prompt > maxTracedTokens || one.New < 1 || one.New > maxTracedTokens ||
				!(one.due >= 0 && one.due < 1e9) || i > 0 && one.due < trace[i-1].due {
				t.Errorf("request %d: %+v", i, one)
			}
		}
	})
}
