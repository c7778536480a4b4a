package sim

import (
	"crypto/sha256"
	"encoding/binary"
)

// key names a block by its tokens and all before them: a hash, as in vLLM, chained
// from block to block.
type key [16]byte

// Text gives the tokens of a sequence by their place from 0, the prompt's and then
// the generated ones. nil is a text like no other's.
type Text func(i int) int

// key is the key of the sequence's block number i, which is full.
func (s *sequence) key(i, size int) key {
	for len(s.keys) <= i {
		s.keys = append(s.keys, s.nextKey(size))
	}
	return s.keys[i]
}

func (s *sequence) nextKey(size int) key {
	n := len(s.keys)
	if s.text == nil {
		return s.ownKey(n)
	}
	input := make([]byte, 0, len(key{})+8*size)
	if n > 0 {
		input = append(input, s.keys[n-1][:]...)
	}
	for i := n * size; i < (n+1)*size; i++ {
		input = binary.LittleEndian.AppendUint64(input, uint64(s.text(i)))
	}
	sum := sha256.Sum256(input)
	return key(sum[:len(key{})])
}

// ownKey is one that no other sequence has.
func (s *sequence) ownKey(n int) (k key) {
	binary.LittleEndian.PutUint64(k[:], s.serial)
	binary.LittleEndian.PutUint64(k[8:], uint64(n))
	return k
}

// block is a place for the keys and values of one block of tokens.
type block struct {
	holders int // sequences
	known   bool
	key     key // where known

	older, newer *block // in the list of idle ones
	prev, next   *block // of the same key
}

// twins are the blocks that can be found, by their keys. Several have one key when
// a block is computed again that could not be used: the last of a prompt. The
// first that was entered is the one that is found.
type twins map[key]*twin

type twin struct{ first, last *block }

func (t twins) first(k key) *block {
	if found := t[k]; found != nil {
		return found.first
	}
	return nil
}

func (t twins) add(k key, b *block) {
	b.known, b.key = true, k
	same := t[k]
	if same == nil {
		t[k] = &twin{b, b}
		return
	}
	b.prev, same.last.next = same.last, b
	same.last = b
}

func (t twins) remove(b *block) {
	same := t[b.key]
	if b.prev != nil {
		b.prev.next = b.next
	} else {
		same.first = b.next
	}
	if b.next != nil {
		b.next.prev = b.prev
	} else {
		same.last = b.prev
	}
	if same.first == nil {
		delete(t, b.key)
	}
	b.known, b.prev, b.next = false, nil, nil
}

// idleList are known blocks that nobody holds, in the order in which they became
// free: a ring through root.
type idleList struct {
	root *block
	len  int
}

func newIdleList() idleList {
	root := &block{}
	root.older, root.newer = root, root
	return idleList{root: root}
}

func (l *idleList) oldest() *block { return l.root.newer }

func (l *idleList) add(b *block) {
	b.older, b.newer = l.root.older, l.root
	b.older.newer, b.newer.older = b, b
	l.len++
}

func (l *idleList) remove(b *block) {
	b.older.newer, b.newer.older = b.newer, b.older
	b.older, b.newer = nil, nil
	l.len--
}
