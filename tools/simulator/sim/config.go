package sim

import "fmt"

// Config is one replica: what runs on what, and how it is scheduled.
type Config struct {
	Model    Model
	Hardware Hardware
	// Calibration is the policy's own where it is zero.
	Calibration Calibration
	// TP is the tensor-parallel size.
	TP int
	// Policy is the scheduler: one of Policies.
	Policy string
	// MaxBatchedTokens is the token budget of a forward pass; 0 is the policy's own.
	MaxBatchedTokens int
	// MaxSeqs is the most sequences in a forward pass; 0 is the policy's own.
	MaxSeqs int
	// PrefixCache lets a sequence begin with KV blocks that others have filled,
	// where the policy has such a cache.
	PrefixCache bool
	// BlockTokens is how many tokens a KV block holds; 0 is the policy's own.
	BlockTokens int
	// Blocks is how many KV blocks there are; 0 is as many as fit beside the
	// weights. As in vLLM one of them holds nothing.
	Blocks int

	graphs, dense bool // the policy's
	queryTile     int  // of attention
}

// New returns an idle engine. It fails when the model does not fit the memory
// or a setting cannot be.
func New(cfg Config) (*Engine, error) {
	policy, err := lookupPolicy(cfg.Policy)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(policy); err != nil {
		return nil, err
	}
	if cfg.Calibration == (Calibration{}) {
		if cfg.Calibration, err = DefaultCalibration(cfg.Hardware, cfg.Policy); err != nil {
			return nil, err
		}
	}
	cfg.complete(policy)
	e := &Engine{cfg: cfg, policy: policy, byID: map[int64]*sequence{}, blocks: cfg.usableBlocks()}
	if e.blocks == 0 && cfg.kvBlocks(1) > 0 {
		return nil, fmt.Errorf("no KV block of %d tokens fits beside the weights", cfg.BlockTokens)
	}
	if e.blocks == 0 {
		return nil, fmt.Errorf("%s with %.0f GB of weights does not fit %d x %s of %.0f GB",
			cfg.Model.Name, cfg.Model.Params*cfg.Model.WeightBits/8e9, cfg.TP, cfg.Hardware.Name, cfg.Hardware.GB)
	}
	e.kv = &counted{size: cfg.BlockTokens, left: e.blocks}
	if cfg.PrefixCache {
		e.kv = newPrefixCache(e.blocks, cfg.BlockTokens)
	}
	return e, nil
}

func (c *Config) check(p policy) error {
	switch {
	case c.TP < 1 || c.MaxBatchedTokens < 0 || c.MaxSeqs < 0:
		return fmt.Errorf("tensor-parallel size %d, token budget %d or %d sequences is not valid", c.TP, c.MaxBatchedTokens, c.MaxSeqs)
	case c.BlockTokens < 0 || c.Blocks < 0 || c.Blocks == 1:
		return fmt.Errorf("%d KV blocks of %d tokens are not valid", c.Blocks, c.BlockTokens)
	case c.PrefixCache && !p.caches:
		return fmt.Errorf("policy %q has no prefix cache", p.name)
	}
	return nil
}

// complete fills in what the policy says and what was not given.
func (c *Config) complete(p policy) {
	c.graphs, c.dense, c.queryTile = p.graphs, p.dense, 1
	if p.tiled {
		c.queryTile = queryTile(*c)
	}
	if c.MaxBatchedTokens == 0 || p.ownBudget != nil {
		c.MaxBatchedTokens = p.budget(*c)
	}
	if c.MaxSeqs == 0 {
		c.MaxSeqs = p.maxSeqs
	}
	if c.BlockTokens == 0 {
		c.BlockTokens = p.blockTokens
	}
}

// usableBlocks is how many KV blocks sequences can hold.
func (c *Config) usableBlocks() int {
	if c.Blocks > 0 {
		return c.Blocks - 1
	}
	return c.kvBlocks(c.BlockTokens)
}
