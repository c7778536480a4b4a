package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/testkit"
	"fastgenbench/tools/workload/internal/digest"
	"fastgenbench/tools/workload/internal/source"
)

func TestMain(m *testing.M) { testkit.Main(m, tool) }

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The examples of all manuals run as they stand, on small sets of those names.
func TestExamplesOfTheManuals(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(dir, "workload")); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "AzureLLMInferenceTrace_code.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2031-02-03 10:00:00.5,812,40\n2031-02-03 10:00:01,9,3\n")
	put(t, dir, "ShareGPT_V3.json", `[{"id": "a", "conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]}]`)
	put(t, dir, "BurstGPT_3.csv", "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n10.0,a,4,GPT-4,120,30,150,Conversation log\n")
	put(t, dir, "chat.jsonl", `{"timestamp": 0, "input_length": 40, "output_length": 3, "hash_ids": [1, 2, 3]}`+"\n")
	examples := 0
	for _, text := range []string{manual, convertTool().Manual, makeManual, describeManual} {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "  workload ") {
				continue
			}
			examples++
			bash := exec.Command("bash", "-c", "set -euo pipefail; "+line)
			bash.Dir = dir
			bash.Env = append(testkit.Environ(os.Environ()...), "PATH="+dir+":"+os.Getenv("PATH"))
			if out, err := bash.CombinedOutput(); err != nil {
				t.Errorf("%s%v\n%s", line, err, out)
			}
		}
	}
	for _, path := range []string{"made.png", "chat.svg", "code.jsonl", "chats.jsonl", "minute.jsonl", "shared.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
	if examples != 10 {
		t.Errorf("%d examples", examples)
	}
}

func TestUsageErrorsSayWhatIsWrongAndWriteNothing(t *testing.T) {
	for args, want := range map[string]string{
		"":                                       "a command is missing",
		"nonsense":                               "a command is missing",
		"convert a.csv b.csv":                    "2 files: one is read at a time",
		"convert --from cvs":                     `--from "cvs" is not a format; the formats are bailian, mooncake`,
		"convert --bytes-per-token 0":            "--bytes-per-token 0 is not between 0.1 and 100",
		"convert --bytes-per-token NaN":          "--bytes-per-token NaN is not between 0.1 and 100",
		"convert --nonsense":                     "flag provided but not defined: -nonsense",
		"make out.jsonl":                         `"out.jsonl": unexpected operand`,
		"make --num-sessions 0":                  "--num-sessions 0 is not between 1 and 1e+09",
		"make --rate -1":                         "--rate -1 is not between 0 and 1e+09",
		"make --rate nan":                        "--rate NaN is not between",
		"make --rate 1 --burstiness 0":           "--burstiness 0 is not between",
		"make --rate 5 --num-sessions 200000000": "--num-sessions 200000000: with a --rate 100000000 are the most",
		"make --burstiness 0.5":                  "--burstiness needs a --rate",
		"make --think-time 3":                    "--think-time needs --turns above 1",
		"make --turns 1 --turns-var 1":           "--turns-var needs --turns above 1",
		"make --num-prefixes 3":                  "--num-prefixes needs a --prefix-length",
		"make --prefix-law zipf":                 "--prefix-law needs a --prefix-length",
		"make --prefix-law cubic":                `--prefix-law "cubic" is neither even nor zipf`,
		"make --length-law cubic":                `--length-law "cubic" is neither normal nor lognormal nor fixed`,
		"make --prefix-length 1000":              "prefixes of 1000 tokens are not whole blocks of 512; 1024 would be",
		"make --prefix-length 1024 --max-prompt-length 1024": "--prefix-length 1024 leaves no room below --max-prompt-length 1024",
		"make --block-size 0":                                "--block-size 0 is not between 1 and",
		"make --mean-prompt-length 1.5":                      "invalid value",
		"describe --block-size 0":                            "--block-size 0 is not between 1 and",
		"describe --figure x.jpg":                            "--figure x.jpg ends neither in .png nor in .svg",
		"describe --figure x.png a b c d e":                  "--figure: 5 files; one sheet takes 4",
		"describe a.jsonl --block-size 16":                   "comes after an operand",
	} {
		got := testkit.Run("", strings.Fields(args)...)
		first, _, _ := strings.Cut(got.Stderr, "\n")
		if got.Status != 2 || got.Stdout != "" || !strings.HasPrefix(first, "workload: ") || !strings.Contains(first, want) {
			t.Errorf("workload %s: %+v", args, got)
		}
	}
}

func TestConvert(t *testing.T) {
	const azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2031-02-03 10:00:00.5,812,40\n2031-02-03 10:00:01,9,3\n"
	const want = `{"timestamp": 0, "input_length": 812, "output_length": 40}` + "\n" + `{"timestamp": 500, "input_length": 9, "output_length": 3}` + "\n"
	type result testkit.Result
	for args, c := range map[string]struct {
		stdin string
		want  result
	}{
		"":                        {azure, result{want, "workload: stdin is read as azure\n", 0}},
		"--quiet":                 {azure, result{want, "", 0}},
		"--from azure -":          {azure, result{want, "", 0}},
		"--from sharegpt":         {"[]", result{"", "workload: the input has no requests\n", 1}},
		"--from burstgpt":         {azure, result{"", "workload: reading stdin: column Request tokens is missing", 1}},
		"--from vllm-custom":      {"{}\n{}\n", result{"", "workload: stdin:1: it has no prompt\nworkload: stdin:2: it has no prompt\nworkload: none of 2 records could be used\n", 1}},
		"--quiet --from azure":    {azure + "x,1,1\n", result{want, "workload: stdin:4: TIMESTAMP \"x\" is not a time such as 2023-11-16 18:17:03.97\nworkload: partly done: 1 of 3 records could not be used\n", 3}},
		"--from mooncake nowhere": {"", result{"", "workload: open nowhere: no such file or directory\n", 1}},
		"--bytes-per-token 5":     {"id,text\n", result{"", "workload: reading stdin: it has none of the known formats", 1}},
		"--quiet --from bailian":  {`{"chat_id": 1, "parent_chat_id": -1, "timestamp": 1, "input_length": 5, "output_length": 1, "hash_ids": [3]}`, result{`{"timestamp": 0, "session_id": "1", "input_length": 5, "output_length": 1, "hash_ids": [3]}` + "\n", "", 0}},
	} {
		got := testkit.Run(c.stdin, append([]string{"convert"}, strings.Fields(args)...)...)
		short := strings.HasPrefix(got.Stderr, strings.TrimSuffix(c.want.Stderr, "\n"))
		if !short || got.Stdout != c.want.Stdout || got.Status != c.want.Status {
			t.Errorf("convert %s: %+v\nwant %+v", args, got, c.want)
		}
	}
}

func TestWarningsDoNotFlood(t *testing.T) {
	got := testkit.Run(strings.Repeat("{}\n", 50)+`{"prompt": "a"}`, "convert", "--from", "vllm-custom")
	if n := strings.Count(got.Stderr, "\n"); n != 22 || !strings.Contains(got.Stderr, "workload: and 30 more like these\n") || got.Status != 3 {
		t.Errorf("%d lines: %+v", n, got)
	}
}

// What make writes is what describe finds.
func TestMakeAndDescribe(t *testing.T) {
	made := testkit.Run("", "make", "--num-sessions", "300", "--turns", "3", "--think-time", "2", "--rate", "5", "--prefix-length", "1024", "--num-prefixes", "4", "--length-law", "fixed", "--mean-prompt-length", "1000", "--mean-max-new-tokens", "48")
	if made.Status != 0 || made.Stderr != "" || made != testkit.Run("", "make", "--num-sessions", "300", "--turns", "3", "--think-time", "2", "--rate", "5", "--prefix-length", "1024", "--num-prefixes", "4", "--length-law", "fixed", "--mean-prompt-length", "1000", "--mean-max-new-tokens", "48", "--seed", "1") {
		t.Fatalf("status %d, %s", made.Status, made.Stderr)
	}
	got := describedAs(t, testkit.Run(made.Stdout, "describe"), "stdin")
	// Turns are of 2024, 3072 and 4120 tokens; all but the first begin with the
	// prompt before them, and the first with one of four prefixes of 1024.
	cached := 296.0*1024 + 300*(2024+3072)
	for name, want := range map[string]string{
		"workload": "stdin", "requests": "900", "sessions": "300", "turns_mean": "3.000000", "turns_max": "3", "rate_rps": "5.000000",
		"input_length_max": "4120", "input_length_p50": "3072", "output_length_mean": "48.000000", "out_of_order": "0", "block_size": "512", "hashed": "900",
		"ideal_cached_share": fmt.Sprintf("%.6f", cached/(300*(2024+3072+4120))),
	} {
		if got[name] != want {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
}

// describedAs is a row that describe wrote.
func describedAs(t *testing.T, got testkit.Result, name string) map[string]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(got.Stdout), "\n")
	row := map[string]string{}
	for _, line := range lines[1:] {
		cells := strings.Split(line, ",")
		if cells[0] != name {
			continue
		}
		for i, column := range strings.Split(lines[0], ",") {
			row[column] = cells[i]
		}
	}
	if len(row) == 0 {
		t.Fatalf("no row of %s: %+v", name, got)
	}
	return row
}

func TestDescribeSeveral(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.jsonl", `{"input_length": 5}`+"\n{}\n")
	put(t, dir, "b.jsonl", `{"text_input": "x"}`)
	put(t, dir, "empty.jsonl", "")
	a, b, empty := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "b.jsonl"), filepath.Join(dir, "empty.jsonl")
	got := testkit.Run("", "describe", a, b)
	if got.Status != 3 || describedAs(t, got, a)["input_length_max"] != "5" || describedAs(t, got, b)["texts"] != "1" || describedAs(t, got, b)["input_length_mean"] != "" {
		t.Errorf("%+v", got)
	}
	if got := testkit.Run("", "describe", empty, b); got.Status != 3 || !strings.Contains(got.Stderr, "empty.jsonl: no line could be used") || !strings.HasSuffix(got.Stderr, "workload: partly done: of 1 of 2 files no line could be used\n") || describedAs(t, got, b)["requests"] != "1" {
		t.Errorf("%+v", got)
	}
	if got := testkit.Run("", "describe", empty); got.Status != 1 || got.Stdout != "" {
		t.Errorf("%+v", got)
	}
	if got := testkit.Run("", "describe", "--figure", filepath.Join(dir, "x.png"), b); got.Status != 1 || !strings.Contains(got.Stderr, "nothing to draw") {
		t.Errorf("%+v", got)
	}
}

// Ids of blocks of another size make every line a bad one, and the message says
// which size would fit.
func TestDescribeOfAnotherBlockSize(t *testing.T) {
	got := testkit.Run(`{"input_length": 40, "hash_ids": [1, 2, 3]}`, "describe")
	if got.Status != 1 || got.Stderr != "workload: stdin:1: 3 hash_ids do not fit 40 tokens in blocks of 512: blocks of 16 would\nworkload: stdin: no line could be used\nworkload: none of 1 records could be used\n" {
		t.Errorf("%+v", got)
	}
}

func TestTableForPeople(t *testing.T) {
	got := table("workload,requests,rate_rps,texts\na.jsonl,10,2.500000,\nb.jsonl,7,10.000000,\n")
	if want := "workload  a.jsonl  b.jsonl\nrequests  10       7\nrate_rps  2.5      10\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// An interrupt ends a long work with what is written so far, in whole lines.
func TestInterrupt(t *testing.T) {
	cmd := testkit.Command("make", "--num-sessions", "1000000000")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(out)
	_ = cmd.Wait() // the status is what is looked at
	if cmd.ProcessState.ExitCode() != 130 || !bytes.HasSuffix(rest, []byte("}\n")) {
		t.Errorf("status %d", cmd.ProcessState.ExitCode())
	}
}

// Every format has its line in the manual, every column its line in the document.
func TestDocuments(t *testing.T) {
	for _, f := range source.Formats {
		if !strings.Contains(convertTool().Manual, f.Name) {
			t.Errorf("the manual does not name %s", f.Name)
		}
	}
	text, err := os.ReadFile("../../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, examples, _ := strings.Cut(string(text), "\n```json\n")
	examples, _, _ = strings.Cut(examples, "```")
	if got := testkit.Run(examples, "convert", "--quiet"); got.Status != 0 || strings.Count(got.Stdout, "\n") != 3 {
		t.Errorf("the examples of docs/format.md: %+v", got)
	}
	_, section, _ := strings.Cut(string(text), "\n### What `workload describe` says\n")
	for _, column := range csvio.Columns[digest.Row]() {
		if !strings.Contains(section, "`"+column+"`") {
			t.Errorf("docs/format.md does not define %s", column)
		}
	}
}
