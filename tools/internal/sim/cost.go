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
//	compute = (2 x active parameters x tokens + 4 x layers x heads x head size x pairs) / reached FLOPS
//	weights = bytes of all weights / reached bandwidth
//	kv      = bytes of all contexts / reached bandwidth
//	pass    = (compute^n + weights^n)^(1/n) + kv + all-reduces + time between passes (+ a part for each sequence)
//
// Matrix products overlap with the reading of their weights; attention over
// the cache is a kernel of its own, so its reads add. Everything but latency
// is divided by the tensor-parallel size.
func (c Config) forwardSeconds(b batch) float64 {
	m, k, tp := c.Model, c.Calibration, float64(c.TP)
	flops := c.Hardware.TFLOPS * 1e12 * k.Compute * tp
	bandwidth := c.Hardware.GBps * 1e9 * k.Bandwidth * tp
	compute := (2*m.ActiveParams*float64(b.tokens) + 4*float64(m.Layers*m.Heads*m.HeadDim)*b.pairs) / flops
	weights := c.weightBytesRead(b.tokens) / bandwidth
	kv := m.KVBytes() * b.reads / bandwidth
	joined := math.Pow(math.Pow(compute, k.Norm)+math.Pow(weights, k.Norm), 1/k.Norm)
	return joined + kv + c.allReduceSeconds(b.tokens) + k.StepS + k.SeqS*float64(b.seqs)
}

// weightBytesRead is all weights, or of a mixture of experts those that the
// tokens touch: an expert is read when any token is routed to it.
func (c Config) weightBytesRead(tokens int) float64 {
	m := c.Model
	idle := math.Pow(1-m.ActiveParams/m.Params, float64(tokens))
	return (m.ActiveParams + (m.Params-m.ActiveParams)*(1-idle)) * m.WeightBits / 8
}

// allReduceSeconds is two ring all-reduces a layer over the activations of
// every token: 2 (tp-1)/tp of the bytes over one GPU's link, and a latency.
func (c Config) allReduceSeconds(tokens int) float64 {
	if c.TP == 1 {
		return 0
	}
	bytes := float64(tokens*c.Model.Hidden) * bytesPerValue
	ring := 2 * float64(c.TP-1) / float64(c.TP) * bytes / (c.Hardware.LinkGBps * 1e9)
	return 2 * float64(c.Model.Layers) * (ring + c.Calibration.AllReduceS)
}

// kvBlocks is how many KV blocks of blockTokens fit beside the weights.
func (c Config) kvBlocks(blockTokens int) int {
	memory := c.Hardware.GB * 1e9 * float64(c.TP) * c.Calibration.KVShare
	free := memory - c.Model.Params*c.Model.WeightBits/8
	return int(math.Max(0, free/(c.Model.KVBytes()*float64(blockTokens))))
}
