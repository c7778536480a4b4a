package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fastgenbench/tools/internal/openai"
)

// traced is a line of the trace that scripts/engines/prefix.py sends, with what
// vLLM 0.32 said of it: blocks of 32 tokens, 100 of them.
type traced struct {
	Group, New, Cached int
	Prompt             []part

	answer []int
	usage  openai.Usage
}

// part is the beginning of a text without end, or of an answer.
type part struct {
	name   string
	tokens int
}

func (p *part) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&p.name, &p.tokens})
}

func readTrace(t *testing.T) (lines []*traced) {
	t.Helper()
	text, err := os.ReadFile("../../../scripts/engines/prefix_trace.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		one := &traced{}
		if err := json.Unmarshal([]byte(line), one); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, one)
	}
	return lines
}

// ids are a prompt's tokens, by prefix.py's rule.
func ids(parts []part, before []*traced) (ids []int) {
	for _, p := range parts {
		if number, ok := strings.CutPrefix(p.name, "="); ok {
			at, _ := strconv.Atoi(number)
			ids = append(ids, before[at].answer[:p.tokens]...)
			continue
		}
		for i := range p.tokens {
			ids = append(ids, 259+int(crc32.ChecksumIEEE(fmt.Append(nil, p.name, " ", i)))%3000)
		}
	}
	return ids
}

// send asks for a line's completion, streamed or not.
func (l *traced) send(url string, before []*traced, stream bool) error {
	request := map[string]any{"prompt": ids(l.Prompt, before), "max_tokens": l.New, "return_token_ids": true, "stream": stream}
	if stream {
		request["stream_options"] = map[string]bool{"include_usage": true}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	r, err := http.Post(url+openai.PathCompletions, "application/json", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		text := strings.TrimPrefix(lines.Text(), "data: ")
		if text == "" || text == openai.Done {
			continue
		}
		var part openai.Completion
		if err := json.Unmarshal([]byte(text), &part); err != nil {
			return err
		}
		for _, c := range part.Choices {
			l.answer = append(l.answer, c.TokenIDs...)
		}
		if part.Usage != nil {
			l.usage = *part.Usage
		}
	}
	return nil
}

// sendGroup sends lines at once. Of equal prompts the server says which is first.
func sendGroup(t *testing.T, url string, group, before []*traced) {
	t.Helper()
	var all sync.WaitGroup
	for i, l := range group {
		all.Go(func() {
			if err := l.send(url, before, (len(before)+i)%2 == 1); err != nil || l.usage.PromptTokensDetails == nil {
				t.Errorf("line %d: %+v, %v", len(before)+i, l.usage, err)
			}
		})
	}
	all.Wait()
}

// Every request of the trace finds as much as it found in vLLM, and the counters say
// the same; without the cache it finds nothing.
func TestPrefixCacheIsThatOfVLLM(t *testing.T) {
	for _, caching := range []bool{true, false} {
		url, stop := serveApp(t, "--policy", "vllm", "--hardware", "A100-80GB", "--speed", "500", "--enable-prompt-tokens-details",
			"--block-size", "32", "--num-gpu-blocks-override", "100", fmt.Sprintf("--enable-prefix-caching=%v", caching))
		lines, prompted, cached := readTrace(t), 0, 0
		for at := 0; at < len(lines); {
			end := at
			for end < len(lines) && lines[end].Group == lines[at].Group {
				end++
			}
			sendGroup(t, url, lines[at:end], lines[:at])
			if t.Failed() {
				break
			}
			var got, want []int
			for _, l := range lines[at:end] {
				got = append(got, *l.usage.PromptTokensDetails.CachedTokens)
				want = append(want, map[bool]int{true: l.Cached}[caching])
				prompted += l.usage.PromptTokens
			}
			for _, n := range got {
				cached += n
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("caching %v, lines %d to %d: %v cached, want %v", caching, at, end-1, got, want)
			}
			at = end
		}
		if caching {
			wantMetrics(t, url, prompted, cached)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

// wantMetrics waits until the page of metrics has the counts and an empty cache: the
// engine publishes what it has free after the answers that freed it.
func wantMetrics(t *testing.T, url string, prompted, cached int) {
	t.Helper()
	missing := "the test had no time"
	for limit := time.Now().Add(time.Minute); missing != "" && time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		missing = ""
		page := metricsOf(t, url)
		for metric, want := range map[string]int{"prompt_tokens_total": prompted, "prefix_cache_queries_total": prompted,
			"prefix_cache_hits_total": cached, "prompt_tokens_cached_total": cached, "kv_cache_usage_perc": 0} {
			if line := fmt.Sprintf("vllm:%s{engine=\"0\",model_name=\"meta-llama/Llama-2-7b-hf\"} %d.0\n", metric, want); !strings.Contains(page, line) {
				missing = line
			}
		}
	}
	if missing != "" {
		t.Errorf("no %s", missing)
	}
}

func metricsOf(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url + openai.PathMetrics)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestPrefixCacheOptions(t *testing.T) {
	for _, args := range [][]string{
		{"--enable-prefix-caching"}, {"--enable-prefix-caching", "--policy", "vllm-0.2"}, {"--enable-prefix-caching", "--policy", "pace"},
		{"--policy", "vllm", "--block-size", "0"}, {"--policy", "vllm", "--num-gpu-blocks-override", "1"}, {"--num-gpu-blocks-override", "-4"},
	} {
		if _, err := read(args...); err == nil {
			t.Errorf("%q passed", args)
		}
	}
}
