//go:build linux && amd64

package stamp

import (
	"testing"
	"unsafe"
)

// The allocator places objects of 192 bytes on whole lines of the processor's cache, and
// what each read uses is the first of them.
func TestAMemberIsThreeLines(t *testing.T) {
	const line = 64
	var m member
	if size := unsafe.Sizeof(m); size != 3*line {
		t.Errorf("%d bytes", size)
	}
	if used := unsafe.Offsetof(m.done); used != line {
		t.Errorf("each read uses %d bytes", used)
	}
}
