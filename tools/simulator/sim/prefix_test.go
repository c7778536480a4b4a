package sim

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestSettingsOfTheKVCacheThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no such cache": func(c *Config) { c.Policy, c.PrefixCache = "vllm-0.2", true },
		"one block":     func(c *Config) { c.Blocks = 1 },
		"large blocks":  func(c *Config) { c.BlockTokens = 1 << 30 },
		"small blocks":  func(c *Config) { c.BlockTokens = -1 },
	} {
		cfg := config(t, "vllm")
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// caching is a vLLM with a prefix cache of so many blocks of 16 tokens; 0 is what
// fits.
func caching(t testing.TB, blocks int) *Engine {
	t.Helper()
	cfg := config(t, "vllm")
	cfg.PrefixCache = true
	if blocks > 0 {
		cfg.Blocks = blocks + 1
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// from is a text of a prompt's tokens, behind which nothing is like another text.
func from(prompt []int, id int64) Text {
	return func(i int) int {
		if i < len(prompt) {
			return prompt[i]
		}
		return -int(id)<<20 - i - 1
	}
}

// run takes a request alone through the engine and returns how much was found.
func run(t testing.TB, e *Engine, id int64, prompt []int, newTokens int) (cached int) {
	t.Helper()
	if err := e.Submit(0, id, len(prompt), newTokens, from(prompt, id)); err != nil {
		t.Fatal(err)
	}
	computed := 0
	for {
		step, busy := e.Step(0)
		if !busy {
			break
		}
		computed += step.BatchTokens
		cached = step.Tokens[0].Cached
		checkRoom(t, e)
	}
	if want := len(prompt) + newTokens - 1 - cached; computed != want {
		t.Errorf("request %d: %d tokens computed, want %d", id, computed, want)
	}
	return cached
}

// checkRoom reports blocks that are lost, counted twice or in no order.
func checkRoom(t testing.TB, e *Engine) {
	t.Helper()
	c := e.kv.(*prefixCache)
	held := map[*block]int{}
	for _, s := range e.byID {
		for _, b := range s.table {
			held[b]++
		}
		if s.entered > len(s.table) || s.done > len(s.table)*c.size {
			t.Fatalf("sequence %d holds %d blocks, %d in the cache, for %d tokens", s.id, len(s.table), s.entered, s.done)
		}
	}
	for b, n := range held {
		if b.holders != n {
			t.Fatalf("a block has %d holders, not %d", b.holders, n)
		}
	}
	idle := 0
	for b := c.idle.oldest(); b != c.idle.root; b = b.newer {
		if idle++; !b.known || b.holders != 0 || held[b] != 0 {
			t.Fatalf("an idle block is known %v, has %d holders", b.known, b.holders)
		}
	}
	if c.blank < 0 || idle != c.idle.len || len(held)+idle+c.blank != e.blocks {
		t.Fatalf("%d blocks held, %d idle (counted %d), %d blank, %d in all", len(held), idle, c.idle.len, c.blank, e.blocks)
	}
	found := 0
	for k, same := range c.known {
		for b := same.first; b != nil; b = b.next {
			if found++; b.key != k || !b.known || b.next == nil && b != same.last {
				t.Fatal("a block stands under another key")
			}
		}
	}
	if known := idle + countKnown(held); found != known {
		t.Fatalf("%d blocks can be found, %d should be", found, known)
	}
}

func countKnown(held map[*block]int) (n int) {
	for b := range held {
		if b.known {
			n++
		}
	}
	return n
}

// tokens are n tokens of the text of a name.
func tokens(name, n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = name<<20 + i
	}
	return ids
}

func TestPrefixCacheFindsFullBlocksButNotTheLastToken(t *testing.T) {
	e := caching(t, 0)
	for id, c := range []struct {
		prompt []int
		want   int
	}{
		{tokens(1, 64), 0}, {tokens(1, 64), 48}, {tokens(1, 65), 64}, {tokens(1, 63), 48}, {tokens(1, 16), 0}, {tokens(1, 17), 16},
		{append(tokens(1, 40), tokens(2, 40)...), 32}, {append(tokens(1, 40), tokens(2, 41)...), 80}, {tokens(2, 100), 0}, {[]int{5}, 0},
	} {
		if got := run(t, e, int64(id), c.prompt, 1); got != c.want {
			t.Errorf("request %d: %d found, want %d", id, got, c.want)
		}
	}
}

// What was generated can be found too, but for the last token, which no pass saw.
func TestPrefixCacheFindsAnswers(t *testing.T) {
	e := caching(t, 0)
	prompt := tokens(1, 50)
	for newTokens, want := range map[int]int{14: 48, 15: 64, 31: 80, 100: 144} {
		id := int64(newTokens)
		run(t, e, id, prompt, newTokens)
		again := slices.Clone(prompt)
		for i := range newTokens + 1 {
			again = append(again, from(prompt, id)(len(prompt)+i))
		}
		if got := run(t, e, id+1000, again, 1); got != want {
			t.Errorf("%d tokens generated: %d found, want %d", newTokens, got, want)
		}
	}
}

// The least recently used goes first, and of a sequence its end.
func TestPrefixCacheTakesTheOldestFromItsEnd(t *testing.T) {
	e := caching(t, 10)
	for id, c := range []struct{ name, n, want int }{
		{1, 64, 0}, {2, 64, 0}, // 4 blocks each, 2 are blank
		{1, 50, 48}, // 3 of them again, and a blank one that stays blank
		{3, 48, 0},  // both blank ones, and the fourth of text 1
		{2, 65, 64}, // its last block takes the place of the third of text 1
		{1, 65, 32}, // takes two places of text 3
		{4, 96, 0},  // takes the last place of text 3, and all of text 2
		{1, 65, 64}, {3, 49, 0}, {2, 65, 0},
	} {
		if got := run(t, e, int64(id), tokens(c.name, c.n), 1); got != c.want {
			t.Errorf("request %d: %d found, want %d", id, got, c.want)
		}
	}
}

// One prompt that several sequences run at once takes its room once.
func TestSharedBlocksTakeRoomOnce(t *testing.T) {
	e := caching(t, 20)
	for id := range int64(5) {
		if err := e.Submit(0, id, 160, 16, from(append(tokens(1, 159), int(id)), id)); err != nil {
			t.Fatal(err)
		}
	}
	step, _ := e.Step(0)
	checkRoom(t, e)
	if step.BatchTokens != 160+4*16 || step.Cache != (CacheStats{Queries: 5 * 160, Hits: 4 * 144}) || e.Stats().KVUsage != 14.0/20 {
		t.Errorf("%+v, %+v", step, e.Stats())
	}
}

// A sequence that was preempted finds what is left of its own blocks, prompt and
// answer, but its prompt is not counted again.
func TestPreemptedSequencesFindThemselves(t *testing.T) {
	e := caching(t, 9)
	for id := range int64(2) {
		if err := e.Submit(0, id, 60, 60, nil); err != nil {
			t.Fatal(err)
		}
	}
	computed, looked, at := 0, CacheStats{}, map[int64]int{}
	for {
		step, busy := e.Step(0)
		if !busy {
			break
		}
		computed += step.BatchTokens
		looked.Queries, looked.Hits = looked.Queries+step.Cache.Queries, looked.Hits+step.Cache.Hits
		for _, token := range step.Tokens {
			if token.Index != at[token.ID] || token.Cached != 0 {
				t.Fatalf("%+v, want index %d", token, at[token.ID])
			}
			at[token.ID]++
		}
		checkRoom(t, e)
	}
	once := 2 * (60 + 60 - 1)
	if n := e.Stats().Preemptions; n != 1 || computed <= once || computed >= once+60 || looked != (CacheStats{Queries: 120}) {
		t.Errorf("%d preemptions, %d tokens computed, %d at least; looked up %+v", n, computed, once, looked)
	}
}

// Texts that are all different run as without the cache, to the last digit.
func TestWithoutSharingThePrefixCacheChangesNothing(t *testing.T) {
	for seed := range uint64(10) {
		cfg := config(t, "vllm")
		with := cfg
		with.PrefixCache = true
		if !reflect.DeepEqual(history(t, cfg, seed), history(t, with, seed)) {
			t.Errorf("seed %d: another history", seed)
		}
	}
}

// history is what an engine does with requests that come while it runs.
func history(t *testing.T, cfg Config, seed uint64) (lines []string) {
	t.Helper()
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	for id, busy := int64(0), true; busy; {
		for ; id < 60 && rng.IntN(3) > 0; id++ {
			prompt := []int{int(id)}
			if err := e.Submit(0, id, 1+rng.IntN(900), 1+rng.IntN(60), from(prompt, id)); err != nil {
				t.Fatal(err)
			}
		}
		var step Step
		step, busy = e.Step(0)
		step.Cache = CacheStats{}
		lines = append(lines, fmt.Sprint(step, e.Stats()))
	}
	return lines
}

// Where nothing is evicted and no prompt ends with a block, all orders of the
// same requests find as much in all.
func TestPrefixCacheInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	var prompts [][]int
	for range 60 {
		p := append(tokens(rng.IntN(3), 16*rng.IntN(8)), tokens(rng.IntN(4), 1+rng.IntN(90))...)
		if len(p)%16 == 0 {
			p = append(p, 0)
		}
		prompts = append(prompts, p)
	}
	want := -1
	for range 5 {
		e, total := caching(t, 0), 0
		for i, at := range rng.Perm(len(prompts)) {
			total += run(t, e, int64(i), prompts[at], 1)
		}
		if want >= 0 && total != want || total == 0 {
			t.Errorf("%d tokens found, %d in another order", total, want)
		}
		want = total
	}
}

// FuzzPrefixCache has an engine do what bytes say, two for a request, an abort or
// a step. Whatever they say, blocks are neither lost nor counted twice, and a request
// finds full blocks of a beginning that it shares with another, never more.
func FuzzPrefixCache(f *testing.F) {
	f.Add(uint8(40), []byte("\x10\x21\x10\x22\x00\x00\x50\x23\x11\x20\x00\x00\xf0\x01\x00\x00\x13\x2f"))
	f.Add(uint8(12), []byte("aabbccddeeff00112233445566778899"))
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 4))
		ops := make([]byte, 400)
		for i := range ops {
			ops[i] = byte(rng.Uint32())
		}
		f.Add(uint8(8+20*seed), ops)
	}
	f.Fuzz(func(t *testing.T, blocks uint8, ops []byte) {
		p := &play{t: t, engine: caching(t, max(2, int(blocks))), texts: map[int64][]int{}}
		for ops = ops[:min(len(ops), 400)]; len(ops) >= 2; ops = ops[2:] {
			p.do(ops[0], ops[1])
		}
		for steps, busy := 0, true; busy; steps++ {
			if busy = p.step(); steps > 20000 {
				t.Fatalf("no end: %+v", p.engine.Stats())
			}
		}
		if s := p.engine.Stats(); s.KVUsage != 0 || s.Running+s.Waiting != 0 {
			t.Errorf("left over: %+v", s)
		}
	})
}

// play is a game of FuzzPrefixCache.
type play struct {
	t      *testing.T
	engine *Engine
	texts  map[int64][]int // all that were submitted, prompts and answers
	sent   int64
}

func (p *play) do(a, b byte) {
	switch {
	case a%4 == 0:
		p.step()
	case a%16 == 1:
		p.engine.Abort(int64(b) % (p.sent + 1))
	default: // a beginning that may be shared, a rest that may be, an answer
		prompt := append(tokens(int(a>>6), 8*int(b%8)), tokens(4+int(a>>5&1), 1+int(b>>3))...)
		if before := p.texts[int64(b)%(p.sent+1)]; a%16 == 3 {
			prompt = append(slices.Clone(before), prompt...)
		}
		newTokens := 1 + int(a%32)
		if p.engine.Submit(0, p.sent, len(prompt), newTokens, from(prompt, p.sent)) != nil {
			return // more than the cache holds
		}
		text := from(prompt, p.sent)
		for range newTokens {
			prompt = append(prompt, text(len(prompt)))
		}
		p.texts[p.sent] = prompt
		p.sent++
	}
	checkRoom(p.t, p.engine)
}

func (p *play) step() bool {
	step, busy := p.engine.Step(0)
	checkRoom(p.t, p.engine)
	for _, token := range step.Tokens {
		if token.Index > 0 {
			continue
		}
		if most := p.shared(token.ID); token.Cached%16 != 0 || token.Cached > most {
			p.t.Fatalf("request %d found %d tokens and shares %d", token.ID, token.Cached, most)
		}
	}
	return busy
}

// shared is the longest beginning that a request has in common with another.
func (p *play) shared(id int64) (most int) {
	mine := p.texts[id]
	for other, text := range p.texts {
		if other == id {
			continue
		}
		n := 0
		for n < min(len(mine), len(text)) && mine[n] == text[n] {
			n++
		}
		most = max(most, n)
	}
	return most
}
