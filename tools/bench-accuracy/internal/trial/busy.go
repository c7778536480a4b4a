package trial

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Machine is the processor time of the whole machine at one moment.
type Machine struct {
	at   time.Time
	busy time.Duration
}

// tick is the unit of /proc/stat, fixed in the kernel's interface.
const tick = 10 * time.Millisecond

// Look reads the machine's processor time.
func Look() Machine {
	m := Machine{at: time.Now()}
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return m
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	// cpu user nice system idle iowait irq softirq steal ...
	for i, field := range strings.Fields(string(line)) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err == nil && i > 0 && i != 4 && i != 5 && i <= 8 {
			m.busy += time.Duration(n) * tick
		}
	}
	return m
}

// Others is the share of all processors, 0 to 1, that was taken since an
// earlier look by others than those who took own.
func (m Machine) Others(earlier Machine, own time.Duration) float64 {
	all := m.at.Sub(earlier.at) * time.Duration(runtime.NumCPU())
	if all <= 0 {
		return 0
	}
	return max(0, float64(m.busy-earlier.busy-own)/float64(all))
}
