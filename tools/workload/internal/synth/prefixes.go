package synth

import "fmt"

// Prefixes are beginnings that prompts share, as system prompts are.
type Prefixes struct {
	// Length is that of each, in tokens: whole blocks. 0 is none.
	Length int
	// Number is how many there are.
	Number int
	// Zipf draws the k-th, from 1, with a probability in proportion to 1/k; else all
	// are equally popular.
	Zipf bool
}

// Check reports what cannot be made of hash ids of whole blocks.
func (p Prefixes) Check(blockSize int) error {
	if over := p.Length % blockSize; over > 0 {
		return fmt.Errorf("prefixes of %d tokens are not whole blocks of %d; %d would be", p.Length, blockSize, p.Length-over+blockSize)
	}
	return nil
}

// ids is how many hash ids the prefixes have.
func (p Prefixes) ids(blockSize int) uint64 { return uint64(p.Number) * uint64(p.Length/blockSize) }

// blocks are the ids of one of them.
func (p Prefixes) blocks(which, blockSize int) []uint64 {
	ids := make([]uint64, p.Length/blockSize)
	for i := range ids {
		ids[i] = uint64(which*len(ids) + i)
	}
	return ids
}
