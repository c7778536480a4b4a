package sim

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
)

// Load is a closed loop as the original suite drives it, without its warm-up,
// which leaves no trace in an engine without a prefix cache.
type Load struct {
	Clients, Requests int
	// MeanPrompt and MeanNew are tokens; each length is int(normal(mean,
	// Var x mean)), at least 1, prompts at most MaxPrompt.
	MeanPrompt, MeanNew, MaxPrompt int
	// Sizes gives the lengths of the request at place i of the plan, instead of
	// those draws; nil is none.
	Sizes func(i int) (prompt, generated int)
	// MaxTotal cuts the generation where prompt and it are longer, as engines
	// do at the model's context; 0 is no limit.
	MaxTotal int
	Var      float64
	// EndRate is the chance of each token to be the text's end.
	EndRate float64
	// TurnaroundS is the time from a client's last token to its next request
	// reaching the engine, in virtual seconds.
	TurnaroundS float64
	Seed        uint64
}

// Result is what a client saw of one request.
type Result struct {
	Client      int // that sent it
	Start       float64
	Prompt, New int
	TokenTimes  []float64
}

// Latency is from the request to its last token, in seconds.
func (r Result) Latency() float64 { return r.TokenTimes[len(r.TokenTimes)-1] - r.Start }

// arrival is a request on its way to the engine.
type arrival struct {
	at float64
	id int64
}

type arrivals []arrival

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].id < a[j].id
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)   { *a = append(*a, x.(arrival)) }
func (a *arrivals) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// Run drives replicas of cfg through load and returns each request's times,
// in the order of the plan. Requests go to the replicas round robin.
func Run(cfg Config, replicas int, load Load) ([]Result, error) {
	rng := rand.New(rand.NewPCG(load.Seed, 0))
	results := make([]Result, load.Requests)
	for i := range results {
		if load.Sizes != nil {
			results[i].Prompt, results[i].New = load.Sizes(i)
			continue
		}
		results[i].Prompt = min(drawLength(rng, load.MeanPrompt, load.Var), load.MaxPrompt)
		results[i].New = drawLength(rng, load.MeanNew, load.Var)
		if load.MaxTotal > 0 {
			results[i].New = max(1, min(results[i].New, load.MaxTotal-results[i].Prompt))
		}
		if load.EndRate > 0 {
			results[i].New = min(results[i].New, 1+int(rng.ExpFloat64()/load.EndRate))
		}
	}
	loop := &closedLoop{load: load, results: results, cfg: cfg}
	for range replicas {
		engine, err := New(cfg)
		if err != nil {
			return nil, err
		}
		loop.replicas = append(loop.replicas, replica{engine: engine, until: math.Inf(1)})
	}
	for client := range min(load.Clients, load.Requests) {
		loop.send(client, rng.Float64()*float64(load.Clients)*0.01)
	}
	return results, loop.run()
}

func drawLength(rng *rand.Rand, mean int, deviation float64) int {
	return max(1, int(float64(mean)+rng.NormFloat64()*deviation*float64(mean)))
}

type replica struct {
	engine *Engine
	step   []Token
	until  float64 // when its forward pass ends, +Inf when idle
}

type closedLoop struct {
	cfg      Config
	load     Load
	replicas []replica
	coming   arrivals
	results  []Result
	sent     int
	arrived  int
}

func (l *closedLoop) send(client int, at float64) {
	if l.sent < l.load.Requests {
		l.results[l.sent].Client, l.results[l.sent].Start = client, at
		heap.Push(&l.coming, arrival{at, int64(l.sent)})
		l.sent++
	}
}

// run moves from event to event: a pass that ends or a request that arrives,
// a pass first where both fall together, as its clients could not yet react.
func (l *closedLoop) run() error {
	for {
		next, now := -1, math.Inf(1)
		for i := range l.replicas {
			if l.replicas[i].until < now {
				next, now = i, l.replicas[i].until
			}
		}
		if len(l.coming) > 0 && l.coming[0].at < now {
			if err := l.arrive(heap.Pop(&l.coming).(arrival)); err != nil {
				return err
			}
			continue
		}
		if next < 0 {
			return nil
		}
		l.emit(&l.replicas[next], now)
		l.begin(&l.replicas[next], now)
	}
}

func (l *closedLoop) arrive(a arrival) error {
	r := &l.replicas[l.arrived%len(l.replicas)]
	l.arrived++
	req := l.results[a.id]
	if err := r.engine.Submit(a.at, a.id, req.Prompt, req.New); err != nil {
		return fmt.Errorf("request %d: %w", a.id, err)
	}
	if math.IsInf(r.until, 1) {
		l.begin(r, a.at)
	}
	return nil
}

func (l *closedLoop) begin(r *replica, now float64) {
	step, busy := r.engine.Step(now)
	r.step, r.until = step.Tokens, math.Inf(1)
	if busy {
		r.until = now + step.Duration
	}
}

func (l *closedLoop) emit(r *replica, now float64) {
	for _, token := range r.step {
		result := &l.results[token.ID]
		if result.TokenTimes == nil {
			result.TokenTimes = make([]float64, 0, result.New)
		}
		result.TokenTimes = append(result.TokenTimes, now)
		if token.Last {
			l.send(result.Client, now+l.load.TurnaroundS)
		}
	}
}
