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
		images.Write(image(arch, "code"))
	}
	return container(images.Bytes())
}

// image is an entry of a fat binary.
func image(arch uint32, code string) []byte {
	entry := make([]byte, 64)
	binary.LittleEndian.PutUint16(entry, 2)
	binary.LittleEndian.PutUint32(entry[4:], 64)
	binary.LittleEndian.PutUint64(entry[8:], uint64(len(code)))
	binary.LittleEndian.PutUint32(entry[28:], arch)
	return append(entry, code...)
}

func container(images []byte) []byte {
	head := binary.LittleEndian.AppendUint32(nil, 0xba55ed50)
	head = binary.LittleEndian.AppendUint16(head, 1)
	head = binary.LittleEndian.AppendUint16(head, 16)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(images)))
	return append(head, images...)
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

func TestKernelsAreDroppedByTheirNames(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	var images []byte
	for _, code := range []string{"_ZN7cutlass1aE cutlass", "_ZN7cutlass1aE _Z8rms_norm", "_Z8rotary", "cutlass, in no name"} {
		images = append(images, image(90, code)...)
	}
	path := filepath.Join(t.TempDir(), "a.so")
	if err := os.WriteFile(path, container(images), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, "../scripts/gpu/only_arch.py", "90", "--drop", "cutlass|gptq", "--keep", "norm", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Replace(container(images), []byte("_ZN7cutlass1aE cutlass"), make([]byte, 22), 1); !bytes.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Every reader of chunk_s in the scripts knows each of its forms.
func TestScriptsReadEveryChunk(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	const row = `{"chunk_s": "0.1 0.2*2 0.3~0.05 0.4~0.05*2"}`
	for folder, read := range map[string]string{"engines": "offsets", "compat": "arrivals"} {
		cmd := exec.Command(python, "-c", "import check; print(*check."+read+"("+row+"))")
		cmd.Dir = "../scripts/" + folder
		cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		out, err := cmd.CombinedOutput()
		want := map[string]string{"engines": "(0.1, 1) (0.2, 2) (0.3, 1) (0.4, 2)\n", "compat": "0.1 0.2 0.2 0.3 0.4 0.4\n"}[folder]
		if err != nil || string(out) != want {
			t.Errorf("scripts/%s/check.py: %v\n%s, want %s", folder, err, out, want)
		}
	}
}
