package tools_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// fatBinary is what nvcc embeds: an image of four bytes for each architecture.
func fatBinary(archs ...uint32) []byte {
	var images bytes.Buffer
	for _, arch := range archs {
		entry := make([]byte, 64)
		binary.LittleEndian.PutUint16(entry, 2)
		binary.LittleEndian.PutUint32(entry[4:], 64)
		binary.LittleEndian.PutUint64(entry[8:], 4)
		binary.LittleEndian.PutUint32(entry[28:], arch)
		images.Write(append(entry, 'c', 'o', 'd', 'e'))
	}
	head := binary.LittleEndian.AppendUint32(nil, 0xba55ed50)
	head = binary.LittleEndian.AppendUint16(head, 1)
	head = binary.LittleEndian.AppendUint16(head, 16)
	head = binary.LittleEndian.AppendUint64(head, uint64(images.Len()))
	return append(head, images.Bytes()...)
}

func TestOnlyTheCodeOfOneGPUStays(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	magic := []byte{0x50, 0xed, 0x55, 0xba}
	library := bytes.Join([][]byte{[]byte("code"), magic, []byte("by chance, this is no header"), fatBinary(80, 90, 120), fatBinary(75), fatBinary(90)}, []byte("between"))
	path := filepath.Join(t.TempDir(), "a.so")
	if err := os.WriteFile(path, library, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, "../scripts/gpu/only_arch.py", "90", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(library) || bytes.Count(got, []byte("code")) != 3 || bytes.Count(got, []byte("between")) != 5 {
		t.Errorf("%d of %d bytes, %d images: %q", len(got), len(library), bytes.Count(got, []byte("code")), got)
	}
	if blanked := bytes.Count(library, []byte{0}) + 3*4; bytes.Count(got, []byte{0}) != blanked {
		t.Errorf("%d zeros, want %d", bytes.Count(got, []byte{0}), blanked)
	}
}
