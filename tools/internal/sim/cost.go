package sim

import "math"

// batch is what one forward pass holds.
type batch struct {
	tokens int     // processed by every layer
	reads  float64 // KV entries read: the sum over sequences of their context
	pairs  float64 // query-key pairs of attention: the sum over tokens of their context
	seqs   int
}

// add puts n tokens of a sequence behind done others into the batch.
func (b *batch) add(n, done int) {
	b.tokens += n
	b.seqs++
	b.reads += float64(done + n)
	b.pairs += float64(n) * (float64(done) + float64(n+1)/2)
}

// forwardSeconds is the duration of one forward pass:
//
//	reached = FLOPS x share x tokens / (tokens + half tokens)
//	compute = (2 x computed parameters x tokens + 4 x layers x heads x head size x pairs) / reached
//	weights = bytes of the weights / reached bandwidth
//	kv      = bytes of all contexts / reached bandwidth
//	pass    = (compute^n + weights^n)^(1/n) + kv + all-reduces + layers x a layer's own + the engine's own
//
// Matrix products overlap with the reading of their weights; attention over
// the cache is a kernel of its own, so its reads add. Everything but latency
// is divided by the tensor-parallel size.
func (c Config) forwardSeconds(b batch) float64 {
	m, k, tp := c.Model, c.Calibration, float64(c.TP)
	flops := c.Hardware.TFLOPS * 1e12 * tp * c.reachedCompute(b.tokens)
	bandwidth := c.Hardware.GBps * 1e9 * k.Bandwidth * tp
	compute := (2*c.computedParams()*float64(b.tokens) + 4*float64(m.Layers*m.Heads*m.HeadDim)*b.pairs) / flops
	weights := c.weightBytesRead(b.tokens) / bandwidth
	kv := m.KVBytes() * b.reads / bandwidth
	joined := math.Pow(math.Pow(compute, k.Norm)+math.Pow(weights, k.Norm), 1/k.Norm)
	return joined + kv + c.allReduceSeconds(b.tokens) + c.layerSeconds() + c.stepSeconds(b.seqs)
}

// weightBytesRead is all weights, or of a mixture of experts those that the
// tokens touch: an expert is read when any token is routed to it.
func (c Config) weightBytesRead(tokens int) float64 {
	m := c.Model
	idle := math.Pow(1-m.ActiveParams/m.Params, float64(tokens))
	return (m.ActiveParams + (m.Params-m.ActiveParams)*(1-idle)) * m.WeightBits / 8
}

// stepSeconds is what a pass costs besides its layers.
func (c Config) stepSeconds(seqs int) float64 {
	k := c.Calibration
	if c.TP > 1 {
		return k.StepS + k.ShardS + k.SeqS*float64(seqs)
	}
	return k.StepS + k.SeqS*float64(seqs)
}

// layerSeconds is what the layers cost besides their matrices.
func (c Config) layerSeconds() float64 {
	each := c.Calibration.LayerS
	if c.Model.ActiveParams < c.Model.Params {
		each += c.Calibration.ExpertS
	}
	return each * float64(c.Model.Layers)
}

// computedParams is how many weights a token is multiplied with.
func (c Config) computedParams() float64 {
	if c.Calibration.AllExperts {
		return c.Model.Params
	}
	return c.Model.ActiveParams
}

// reachedCompute is the share of the FLOPS that a pass reaches: fewer tokens
// fill the GPU less, and an expert sees only those that are routed to it.
func (c Config) reachedCompute(tokens int) float64 {
	each := float64(tokens) * c.computedParams() / c.Model.Params
	return c.Calibration.Compute * each / (each + c.Calibration.HalfTokens)
}

// allReduceSeconds is two ring all-reduces a layer over the activations of
// every token: 2 (tp-1)/tp of the bytes over one GPU's link, and a latency.
func (c Config) allReduceSeconds(tokens int) float64 {
	if c.TP == 1 {
		return 0
	}
	bytes := float64(tokens*c.Model.Hidden) * bytesPerValue
	ring := 2 * float64(c.TP-1) / float64(c.TP) * bytes / (c.Hardware.LinkGBps * 1e9 * c.Calibration.Link)
	return c.Model.reduces() * float64(c.Model.Layers) * (ring + c.Calibration.AllReduceS)
}

// kvBlocks is how many KV blocks of blockTokens fit beside the weights.
func (c Config) kvBlocks(blockTokens int) int {
	memory := c.Hardware.GB * 1e9 * float64(c.TP) * c.Calibration.KVShare
	free := memory - c.Model.Params*c.Model.WeightBits/8
	return int(math.Max(0, free/(c.Model.KVBytes()*float64(blockTokens))))
}
