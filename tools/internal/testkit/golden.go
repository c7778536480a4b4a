package testkit

import (
	"bytes"
	"os"
	"testing"
)

// Golden compares got with the file at path. UPDATE_GOLDEN=1 go test writes the
// file anew.
func Golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("what was written differs from %s; look at it, then UPDATE_GOLDEN=1\n%.2000s", path, got)
	}
}
