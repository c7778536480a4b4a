package main

import (
	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/simulator/sim"
)

// checkKV reports the first invalid option of the KV cache.
func checkKV(c *cli.Context) error {
	policy, size, blocks := c.String("policy"), c.Int("block-size"), c.Int("num-gpu-blocks-override")
	switch {
	case c.IsSet("block-size") && size < 1:
		return cmdline.Usagef("--block-size %d is below 1", size)
	case c.IsSet("num-gpu-blocks-override") && blocks < 2:
		return cmdline.Usagef("--num-gpu-blocks-override %d is below 2: one of them is never used", blocks)
	case c.Bool("enable-prefix-caching") && !sim.CachesPrefixes(policy):
		return cmdline.WithHint(cmdline.Usagef("--enable-prefix-caching: policy %q has no prefix cache", policy), "say --policy vllm, today's vLLM")
	}
	return nil
}

// setKV takes over the options of the KV cache.
func (o *options) setKV(c *cli.Context) {
	o.simulated.PrefixCache = c.Bool("enable-prefix-caching")
	o.simulated.BlockTokens, o.simulated.Blocks = c.Int("block-size"), c.Int("num-gpu-blocks-override")
}
