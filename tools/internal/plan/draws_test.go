package plan

import (
	"math"
	"testing"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
)

func draws() Draws {
	return Draws{Seed: 1, Turns: 1, Prefix: Prefix{Number: 1}, Lengths: prompt.Lengths{Law: prompt.Fixed, MeanPrompt: 100, MeanNew: 10}}
}

func TestDrawnSessions(t *testing.T) {
	d := draws()
	d.Turns = 3
	if got, want := all(t, d.Plan(6, nil)), "0:100+10@0,s01/2+0 1:210+10@0,s02/1+0 2:320+10@0,s03/0+0 3:100+10@0,s11/2+0 4:210+10@0,s12/1+0 5:320+10@0,s13/0+0"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	d.Lengths.Context = 225
	if got, want := all(t, d.Plan(3, func(int) float64 { return 4 })), "0:100+10@4,s01/1+0 1:210+10@0,s02/0+0"; got != want || d.Cut(3) != 1 {
		t.Errorf("%s, want %s; %d are cut", got, want, d.Cut(3))
	}
}

func TestThinkTimes(t *testing.T) {
	d := draws()
	d.Turns, d.Think = 2, 5
	sum := 0.0
	const n = 20000
	p := d.Plan(2*n, nil)
	for job, ok := p.Next(); ok; job, ok = p.Next() {
		job, _ = p.Turn(job)
		sum += job.Delay
	}
	if math.Abs(sum/n-5) > 0.1 {
		t.Errorf("%v s in the mean", sum/n)
	}
}

func TestSharedPrefixes(t *testing.T) {
	d := draws()
	d.Prefix = Prefix{Tokens: 64, Number: 4, Zipf: true}
	count := map[string]int{}
	p := d.Plan(20000, nil)
	for job, ok := p.Next(); ok; job, ok = p.Next() {
		parts := job.Content.(*Content).Parts(job.Prompt)
		if job.Prompt != 164 || len(parts) != 2 || parts[0].Tokens != 64 || parts[1] != (prompt.Part{Tokens: 100}) {
			t.Fatalf("%+v: %v", job, parts)
		}
		count[parts[0].Name]++
	}
	whole := 1 + 1.0/2 + 1.0/3 + 1.0/4
	for name, want := range map[string]float64{"prefix/0": 1 / whole, "prefix/1": 0.5 / whole, "prefix/3": 0.25 / whole} {
		if got := float64(count[name]) / 20000; math.Abs(got-want) > 0.01 {
			t.Errorf("%s: a share of %v, want %v", name, got, want)
		}
	}
	d.Prefix = Prefix{Share: 0.3, Number: 1}
	job, _ := d.Plan(1, nil).Next()
	if parts := job.Content.(*Content).Parts(job.Prompt); job.Prompt != 100 || parts[0].Tokens != 30 || parts[1].Tokens != 70 {
		t.Errorf("%+v: %v", job, parts)
	}
}

// A turn's prompt begins with the one before it, and blocks are their ids' own.
func TestPartsOfContents(t *testing.T) {
	d := draws()
	d.Turns, d.Prefix.Tokens = 2, 40
	p := d.Plan(2, nil)
	first, _ := p.Next()
	second, _ := p.Turn(first)
	one, two := parts(first), parts(second)
	if one[0] != two[0] || one[1].Name != two[1].Name || one[1].Tokens != 100 || two[1].Tokens != 210 {
		t.Errorf("%v, then %v", one, two)
	}
	o := timed()
	o.BlockSize = 16
	job, _ := opened(t, `{"timestamp":0,"input_length":40,"hash_ids":[7,8,7]}`, o).Replay(nil).Next()
	if got := parts(job); len(got) != 3 || got[0] != got[2] && got[0].Name != got[2].Name || got[2].Tokens != 8 {
		t.Errorf("%v", got)
	}
}

func parts(job load.Job) []prompt.Part { return job.Content.(*Content).Parts(job.Prompt) }

func TestATalkGrows(t *testing.T) {
	talk := &Talk{Session: "a"}
	ask := UserMessage(`say "x"`)
	if got := string(talk.With(ask)); got != `[{"role":"user","content":"say \"x\""}]` {
		t.Error(got)
	}
	talk.Answered(ask, "y", 12)
	if got := string(talk.With([]byte(` [ {"role":"user","content":"z"} ] `))); got != `[{"role":"user","content":"say \"x\""},{"role":"assistant","content":"y"},{"role":"user","content":"z"}]` || talk.Tokens() != 12 {
		t.Error(got, talk.Tokens())
	}
	c := &Content{Talk: talk}
	if got := c.Added(30); len(got) != 1 || got[0] != (prompt.Part{Tokens: 18}) {
		t.Error(got)
	}
}
