package reach

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/transport"
)

// read runs Read over arguments.
func read(t *testing.T, args ...string) (r Reach, err error) {
	t.Helper()
	app := &cli.App{Flags: Flags(), Action: func(c *cli.Context) error {
		r, err = Read(c)
		return nil
	}}
	if runErr := app.RunContext(context.Background(), append([]string{"test"}, args...)); runErr != nil {
		t.Fatal(runErr)
	}
	return r, err
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeysAndFieldsComeFromFilesAndTheEnvironment(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-openai")
	t.Setenv("VLLM_API_KEY", "sk-vllm")
	t.Setenv("GATEWAY", "from-environment")
	r, err := read(t, "--header", "X-A: plain", "--header", "X-B:$GATEWAY", "--header", "X-C:@"+file(t, "from-file\n"),
		"--extra-body", `{"top_k": 1, "nested": {"a": [1]}}`)
	if err != nil {
		t.Fatal(err)
	}
	config := r.Config(transport.Address{}, "VLLM_API_KEY")
	if h := config.Header; h.Get("X-A") != "plain" || h.Get("X-B") != "from-environment" || h.Get("X-C") != "from-file" {
		t.Errorf("fields %v", h)
	}
	if config.Key != "sk-vllm" || r.Key() != "sk-openai" || r.KeyFromFile || string(r.Extra["top_k"]) != "1" || len(r.Extra) != 2 {
		t.Errorf("keys %q and %q, extra %s", config.Key, r.Key(), r.Extra)
	}
	if !strings.Contains(strings.Join(config.Secrets, " "), "from-file") {
		t.Errorf("a value is no secret: %q", config.Secrets)
	}
	r, err = read(t, "--api-key-file", file(t, "  sk-file\n"))
	if err != nil || r.Config(transport.Address{}, "VLLM_API_KEY").Key != "sk-file" || !r.KeyFromFile {
		t.Errorf("key from a file: %+v, %v", r, err)
	}
	r, err = read(t, "--header", "Authorization: Bearer own")
	if err != nil || r.Config(transport.Address{}).Key != "" {
		t.Errorf("a key from the environment beside the user's own: %+v, %v", r, err)
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	for _, c := range []struct{ flag, value, want string }{
		{"--header", "no-colon", "NAME:VALUE"},
		{"--header", "X-A:$REACH_IS_NOT_SET", "$REACH_IS_NOT_SET is not set"},
		{"--header", "X-A:@/none", "no such file"},
		{"--header", "X A:b", "NAME:VALUE"},
		{"--extra-body", "[1]", "not a JSON object"},
		{"--extra-body", "null", "not a JSON object"},
		{"--extra-body", "@/none", "no such file"},
		{"--api-key-file", "/none", "no such file"},
		{"--ca-file", "/none", "no such file"},
		{"--client-cert", "x", "go together"},
	} {
		if _, err := read(t, c.flag, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %q", c.flag, c.value, err, c.want)
		}
	}
	if _, err := read(t, "--api-key-file", file(t, "two\nlines\n")); err == nil || strings.Contains(err.Error(), "two") {
		t.Errorf("a file of two lines: %v", err)
	}
}
