package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastgenbench/tools/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, tool) }

const rows = "run,backend,num_clients,status\na,vllm,1,ok\na,vllm,2,failed\nrun,backend,num_clients,status\nb,fastgen,2,ok\n"

func TestPick(t *testing.T) {
	for args, want := range map[string]string{
		"":                                    "run,backend,num_clients,status\na,vllm,1,ok\na,vllm,2,failed\nb,fastgen,2,ok\n",
		"--columns status,run":                "status,run\nok,a\nfailed,a\nok,b\n",
		"--columns run --no-header":           "a\na\nb\n",
		"--where num_clients=2 --columns run": "run\na\nb\n",
		"--where num_clients=1,2 --where status=ok --columns run,num_clients": "run,num_clients\na,1\nb,2\n",
		"--where run=new --columns run,status new=-":                          "run,status\nnew,ok\nnew,failed\nnew,ok\n",
	} {
		if got := testkit.Run(rows, strings.Fields(args)...); got.Status != 0 || got.Stdout != want || got.Stderr != "" {
			t.Errorf("pick %s: %+v\nwant %s", args, got, want)
		}
	}
}

func TestDigits(t *testing.T) {
	const in = "engine,n,a,b\nvllm 0.26.0,123456,1234.567,0.000123456\n0.2,,-0.5,NaN\n"
	const want = "engine,n,a,b\nvllm 0.26.0,123456,1230,0.000123\n0.2,,-0.5,NaN\n"
	if got := testkit.Run(in, "--digits", "3"); got.Stdout != want || got.Status != 0 {
		t.Errorf("%+v\nwant %s", got, want)
	}
}

// Files may have their columns in another order, and more of them.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	for name, text := range map[string]string{a: "x,y\n1,2\n", b: "\ufeffy,z,x\r\n5,\"6\",4\r\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := testkit.Run("", a, b); got.Stdout != "x,y\n1,2\n4,5\n" {
		t.Errorf("%+v", got)
	}
	if got := testkit.Run("", "--columns", "z", b, a); got.Status != 1 || got.Stdout != "z\n6\n" || got.Stderr != "pick: --columns: "+a+":2: no column z; there are x, y\n" {
		t.Errorf("%+v", got)
	}
}

func TestWhatCannotBePicked(t *testing.T) {
	for args, c := range map[string]struct {
		stdin  string
		status int
		stderr string
	}{
		"":                      {"", 1, "pick: the input is empty: not even a header\n"},
		"--columns run":         {"run\n", 1, "pick: a header and no rows\n"},
		"--columns no":          {rows, 1, "pick: --columns: stdin:2: no column no; there are run, backend, num_clients, status\n"},
		"--where no=1":          {rows, 1, "pick: --where: stdin:2: no column no; there are run, backend, num_clients, status\n"},
		"--where status=lost":   {rows, 1, "pick: none of 3 rows meets --where\n"},
		"--where status":        {rows, 2, "pick: --where: \"status\" is not NAME=VALUE\n"},
		"--no-header":           {"a,b\n1\n", 1, "pick: stdin:2: 1 cells where the header has 2; is the line truncated?\n"},
		"--digits -1":           {rows, 2, "pick: --digits -1 is below 0\n"},
		"-":                     {"{}\n", 1, "pick: stdin:1: this is JSON; "},
		"--columns run nowhere": {rows, 1, "pick: open nowhere: no such file"},
	} {
		if got := testkit.Run(c.stdin, strings.Fields(args)...); got.Status != c.status || got.Stdout != "" || !strings.HasPrefix(got.Stderr, c.stderr) {
			t.Errorf("pick %s: %+v\nwant status %d and %s", args, got, c.status, c.stderr)
		}
	}
}
