package sim

import "math"

// batch is what one forward pass holds.
type batch struct {
	tokens  int     // processed by every layer
	reads   float64 // KV entries read: the sum over sequences of their context
	pairs   float64 // query-key pairs that attention computes: the sum over queries of their context
	seqs    int
	prompts bool // whether a sequence has more than one token in it
}

// add puts n tokens of a sequence behind done others into the batch. Attention
// computes them in tiles of queries, the last of which may be mostly empty.
func (b *batch) add(n, done, tile int) {
	queries := (n + tile - 1) / tile * tile
	b.tokens += n
	b.seqs++
	b.reads += float64(done + n)
	b.pairs += float64(queries) * (float64(done) + float64(n+1)/2)
	b.prompts = b.prompts || n > 1
}

// forwardSeconds is the duration of one forward pass:
//
//	gpu  = join(products, weights) + join(attention, kv) + all-reduces
//	pass = join(gpu, launches) + time between passes + a part for each sequence
//
// Matrix products overlap with the reading of their weights, attention with
// that of the cache, and the GPU's work with the host's launches.
func (c *Config) forwardSeconds(b batch) float64 {
	m, k, tp := &c.Model, &c.Calibration, float64(c.TP)
	bandwidth := c.Hardware.GBps * 1e9 * k.Bandwidth * tp
	rate := c.Hardware.TFLOPS * 1e12 * k.Compute * tp
	weights := c.weightsRead(b.tokens)
	products := join(c.operations(b, weights)/rate, weights*m.WeightBits/8/bandwidth)
	attention := join(4*float64(m.Layers*m.Heads*m.HeadDim)*b.pairs/rate, c.kvBytes()*c.rereads()*b.reads/bandwidth) / k.Attention
	gpu := products + attention + c.allReduceSeconds(b.tokens)
	return join(gpu, c.launchSeconds(b)) + c.hostSeconds(b)
}

// join is the time of two things that overlap nearly in full, their 4-norm.
func join(a, b float64) float64 {
	return math.Sqrt(math.Sqrt(a*a*a*a + b*b*b*b))
}

// operations is two for each weight and token, and what the last tile of a
// product wastes: fill tokens' worth, but no more than it has tokens. The
// embedding is looked up, and the output layer sees one token a sequence.
func (c *Config) operations(b batch, weights float64) float64 {
	active := c.Model.ActiveParams
	if c.dense {
		active = c.Model.Params
	}
	head := c.Model.head()
	useful := (active-head-c.Model.embedding())*float64(b.tokens) + head*float64(b.seqs)
	tokens, fill := useful/weights, c.Calibration.Fill // of the mean product
	operations := 2 * (useful + weights*fill*tokens/(tokens+fill))
	if active < c.Model.Params {
		operations /= c.Calibration.Experts
	}
	return operations
}

// weightsRead is the number of weights but the embedding, or of a mixture of
// experts those that the tokens touch: an expert is read when any token is
// routed to it.
func (c *Config) weightsRead(tokens int) float64 {
	m := &c.Model
	idle := 0.0
	if m.ActiveParams < m.Params && !c.dense {
		idle = math.Pow(1-m.ActiveParams/m.Params, float64(tokens))
	}
	return m.ActiveParams + (m.Params-m.ActiveParams)*(1-idle) - m.embedding()
}

// kvBytes is the KV cache of one token over all GPUs: a head is never split,
// so with more GPUs than heads each GPU has a copy of one.
func (c *Config) kvBytes() float64 {
	copies := max(1, float64(c.TP)/float64(c.Model.KVHeads))
	return c.Model.KVBytes() * copies
}

// queryTile is how many queries FastGen's attention computes at once (blocked
// flash attention of DeepSpeed's inference kernels): 128 for heads of 64, or
// where shared memory has room for it, else 64.
func queryTile(c Config) int {
	if c.Model.HeadDim > 64 && c.Hardware.SharedKB > 0 && c.Hardware.SharedKB < 164 {
		return 64
	}
	return 128
}

// rereads is how often a key or value comes from memory in one pass: query
// heads that share a KV head each read it, and the cache of the GPU spares
// some of that.
func (c *Config) rereads() float64 {
	return 1 + float64(c.Model.Heads/c.Model.KVHeads-1)*c.Calibration.Reread
}

// allReduceSeconds is one or two ring all-reduces a layer over the activations
// of every token: 2 (tp-1) hops, each with a latency and 1/tp of the bytes over
// one GPU's link.
func (c *Config) allReduceSeconds(tokens int) float64 {
	if c.TP == 1 {
		return 0
	}
	bytes := float64(tokens*c.Model.Hidden) * bytesPerValue / float64(c.TP)
	hop := c.Calibration.HopS + bytes/(c.Hardware.LinkGBps*1e9*c.Calibration.Link)
	return float64(c.Model.Layers*c.Model.allReduces()*2*(c.TP-1)) * hop
}

// launchSeconds is the host's time to launch every layer, which a captured
// graph of a pass without prompts does not take.
func (c *Config) launchSeconds(b batch) float64 {
	if c.graphs && !b.prompts {
		return 0
	}
	layer := c.Calibration.LayerS
	if c.Model.ActiveParams < c.Model.Params {
		layer += c.Calibration.ExpertS
	}
	if c.TP > 1 {
		layer += float64(c.Model.allReduces()) * c.Calibration.AllReduceS
	}
	return float64(c.Model.Layers) * layer / c.Calibration.Host
}

// hostSeconds is the host's time while the GPU waits.
func (c *Config) hostSeconds(b batch) float64 {
	k := &c.Calibration
	seconds := k.StepS + k.SeqS*float64(b.seqs)
	if c.TP > 1 {
		seconds += k.RankS
	}
	return seconds / k.Host
}

// kvBlocks is how many KV blocks of blockTokens fit beside the weights.
func (c *Config) kvBlocks(blockTokens int) int {
	memory := c.Hardware.GB * 1e9 * float64(c.TP) * c.Calibration.KVShare
	free := memory - c.Model.Params*c.Model.WeightBits/8
	return int(math.Max(0, free/(c.kvBytes()*float64(blockTokens))))
}
