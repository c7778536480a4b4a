package main

import (
	"strings"
	"testing"
)

// Whoever brings constants of their own gets other times, and rows that say so.
func TestCalibrationIsPredicted(t *testing.T) {
	plain, err := read("--hardware", "A6000")
	if err != nil {
		t.Fatal(err)
	}
	if engine := plain.version().Engine; strings.Contains(engine, "predicted") {
		t.Errorf("%s without constants of the user's own", engine)
	}
	own, err := read("--hardware", "A6000", "--calibration", "compute=0.3,seq_s=0.002")
	if err != nil {
		t.Fatal(err)
	}
	if engine := own.version().Engine; !strings.HasPrefix(engine, "sim-engine/") || !strings.HasSuffix(engine, "-fastgen predicted") {
		t.Errorf("engine %q", engine)
	}
	if k := own.simulated.Calibration; k.Compute != 0.3 || k.SeqS != 0.002 || !(k.Fill > 0) {
		t.Errorf("%+v", k)
	}
	for _, bad := range []string{"compute", "luck=1", "compute=0"} {
		if _, err := read("--calibration", bad); err == nil {
			t.Errorf("--calibration %s passed", bad)
		}
	}
}
