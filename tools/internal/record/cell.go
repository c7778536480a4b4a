package record

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is a value that may be absent; the zero value is.
type number struct {
	value float64
	known bool
}

func numberOf(v float64) number {
	if math.IsNaN(v) {
		return number{}
	}
	return number{v, true}
}

// Known reports whether the value is present.
func (n number) Known() bool { return n.known }

// Float is the value, NaN where it is absent.
func (n number) Float() float64 {
	if !n.known {
		return math.NaN()
	}
	return n.value
}

// MarshalCSV prints six decimals, or nothing where the value is absent.
func (n number) MarshalCSV() (string, error) {
	switch {
	case !n.known:
		return "", nil
	case math.IsInf(n.value, 0):
		return "", fmt.Errorf("%v has no cell", n.value)
	}
	return strconv.FormatFloat(n.value, 'f', 6, 64), nil
}

// UnmarshalCSV reads what MarshalCSV prints, and any other finite number.
func (n *number) UnmarshalCSV(cell string) (err error) {
	*n = number{}
	if cell != "" {
		n.value, err = parseFinite(cell)
		n.known = err == nil
	}
	return err
}

// Seconds is a span or an offset in seconds. The zero value is absent, an
// empty cell.
type Seconds struct{ number }

// InSeconds is v seconds; NaN is absent.
func InSeconds(v float64) Seconds { return Seconds{numberOf(v)} }

// Times is s in another unit of time: s * factor; absent stays absent.
func (s Seconds) Times(factor float64) Seconds { return InSeconds(s.Float() * factor) }

// Rate is a number per second, or a share. The zero value is absent, an empty cell.
type Rate struct{ number }

// RateOf is the rate v; NaN is absent.
func RateOf(v float64) Rate { return Rate{numberOf(v)} }

// Count is a number of things. The zero value is absent, an empty cell.
type Count struct {
	n     int
	known bool
}

// CountOf is a count of n.
func CountOf(n int) Count { return Count{n, true} }

// Known reports whether the count is present.
func (c Count) Known() bool { return c.known }

// Int is the count; 0 where it is absent, so ask Known first where that differs.
func (c Count) Int() int { return c.n }

// Float is the count, NaN where it is absent.
func (c Count) Float() float64 {
	if !c.known {
		return math.NaN()
	}
	return float64(c.n)
}

// MarshalCSV prints the number, or nothing where it is absent.
func (c Count) MarshalCSV() (string, error) {
	if !c.known {
		return "", nil
	}
	return strconv.Itoa(c.n), nil
}

// UnmarshalCSV reads a number that is whole, in any spelling: 37, 37.0, 3.7e1.
func (c *Count) UnmarshalCSV(cell string) (err error) {
	*c = Count{}
	if cell == "" {
		return nil
	}
	n, err := ParseWhole(cell)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a count", cell)
	}
	*c = CountOf(n)
	return nil
}

// ParseWhole reads a whole number as programs print them: 37, 37.0, 3.7e1.
func ParseWhole(cell string) (int, error) {
	if n, err := strconv.Atoi(cell); err == nil {
		return n, nil
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return 0, fmt.Errorf("%q is not a whole number", cell)
	}
	return int(v), nil
}

// Setting is a number that a server was set to; 0 is not known, an empty cell.
type Setting int

// MarshalCSV prints the number, or nothing for 0.
func (s Setting) MarshalCSV() (string, error) {
	if s == 0 {
		return "", nil
	}
	return strconv.Itoa(int(s)), nil
}

// UnmarshalCSV reads what MarshalCSV prints.
func (s *Setting) UnmarshalCSV(cell string) (err error) {
	*s = 0
	if cell != "" {
		var n int
		n, err = ParseWhole(cell)
		*s = Setting(n)
	}
	return err
}

// OfferedRate is an arrival rate that was asked for; 0 is "none was", an
// empty cell.
type OfferedRate float64

// MarshalCSV prints the shortest exact number, or nothing for 0.
func (r OfferedRate) MarshalCSV() (string, error) {
	if r == 0 {
		return "", nil
	}
	return shortest(float64(r)), nil
}

// UnmarshalCSV reads what MarshalCSV prints.
func (r *OfferedRate) UnmarshalCSV(cell string) (err error) {
	*r = 0
	if cell != "" {
		*(*float64)(r), err = parseFinite(cell)
	}
	return err
}

// Ratio is a plain factor, printed as the shortest exact number.
type Ratio float64

// MarshalCSV prints the shortest exact number.
func (r Ratio) MarshalCSV() (string, error) { return shortest(float64(r)), nil }

// UnmarshalCSV reads what MarshalCSV prints; an empty cell is an error.
func (r *Ratio) UnmarshalCSV(cell string) (err error) {
	*(*float64)(r), err = parseFinite(cell)
	return err
}

// maxText is the longest text cell in bytes.
const maxText = 200

// Text is a cell that never needs quotes: what CSV or a terminal would take
// amiss becomes a space, and what is over 200 bytes is cut.
type Text string

// MarshalCSV prints the cleaned text.
func (t Text) MarshalCSV() (string, error) { return Clean(string(t)), nil }

// UnmarshalCSV takes the cell as it is.
func (t *Text) UnmarshalCSV(cell string) error {
	*t = Text(cell)
	return nil
}

// Clean returns s as it is written into a cell: commas, quotes, control characters
// and bytes that are not UTF-8 are spaces, the ends trimmed, at most 200 bytes.
func Clean(s string) string {
	clean := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == ',' || r == '"' || r < ' ' || r == 0x7f || r == utf8.RuneError || r == '\u2028' || r == '\u2029' || r == '\u0085' {
			return ' '
		}
		return r
	}, s))
	if len(clean) <= maxText {
		return clean
	}
	cut := maxText
	for !utf8.RuneStart(clean[cut]) {
		cut--
	}
	return strings.TrimSpace(clean[:cut])
}

func shortest(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func parseFinite(cell string) (float64, error) {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a finite number", cell)
	}
	return v, nil
}
