package tools_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are those whose sh blocks are run.
var documents = []string{"README.md", "docs/format.md", "docs/method.md", "docs/simulator.md", "results/2026-11-23-h200-llama-2-7b/README.md",
	"results/2026-11-26-h100-llama-2-7b/README.md"}

// commands lists the commands in the sh blocks of a document, a line each.
func commands(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				found = append(found, line)
			}
		}
	}
	return found
}

// hermetic is how a documented command runs here: real engines become their
// simulated twins, an external server one of ours, and a long sweep a short one.
// Nothing else is changed, so a flag or a tool that the document gets wrong fails.
var hermetic = strings.NewReplacer(
	"--backend vllm", "--backend sim-vllm",
	`BACKENDS="vllm"`, `BACKENDS="sim-vllm"`,
	"http://localhost:8000", "$URL", "--model NAME", "--model meta-llama/Llama-2-7b-hf",
	"--tp_size 1 2 --stream", "--tp_size 1 2 --stream --num_requests 6 --num_clients 1 8",
	"--num-replicas 1,2,3,4,6,8 --num-clients 16,32,48,64,96,128", "--num-replicas 1,2,4 --num-clients 64,128",
	"find-capacity --quiet", "find-capacity --quiet --precision 0.5 --requests 40",
)

func TestDocumentedCommandsRun(t *testing.T) {
	t.Parallel()
	repo := copyOfRepo(t)
	url := serverForDocuments(t)
	for _, document := range documents {
		for _, command := range commands(t, document) {
			if command == "make test" || command == "validate-sim | column -s, -t" {
				continue // this is it; its tests of the model run the other
			}
			run := exec.Command("bash", "-c", "set -euo pipefail; "+hermetic.Replace(command))
			run.Dir = repo
			run.Env = append(os.Environ(), "PATH="+filepath.Join(repo, "bin")+":"+os.Getenv("PATH"),
				"GO=true", // make build has nothing to build: the tools are in bin
				"NUM_REQUESTS=6", "FLAGS=--num_requests 6 --num_clients 1 8", "URL="+url, "XDG_RUNTIME_DIR="+repo)
			if out, err := run.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", document, command, err, out)
			}
		}
	}
}

// copyOfRepo is what a clone would have, with the tools built.
func copyOfRepo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	copying := exec.Command("bash", "-c", `set -euo pipefail; git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -c | tar -x -C "$0"; mkdir "$0/bin"; cp "$1"/* "$0/bin/"`, dir, binaries)
	copying.Dir = ".."
	if out, err := copying.CombinedOutput(); err != nil {
		t.Fatalf("copying the repository: %v\n%s", err, out)
	}
	return dir
}

// serverForDocuments starts the server that documents call somebody else's.
func serverForDocuments(t *testing.T) string {
	t.Helper()
	serve := exec.Command(filepath.Join(binaries, "serve-launch"), "start", "--backend", "sim-fastgen", "--quiet")
	serve.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
	out, err := serve.Output()
	if err != nil {
		t.Fatalf("starting a server: %v", err)
	}
	t.Cleanup(func() {
		stop := exec.Command(filepath.Join(binaries, "serve-launch"), "stop", "--backend", "sim-fastgen", "--quiet")
		stop.Env = serve.Env
		if out, err := stop.CombinedOutput(); err != nil {
			t.Errorf("stopping the server: %v\n%s", err, out)
		}
	})
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(string(out))
	if url == "" {
		t.Fatalf("no address in %s", out)
	}
	return url
}
