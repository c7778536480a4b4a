package record

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Seconds is a span or an offset in seconds. A cell has six decimals; NaN is
// the absent value and prints as an empty cell, never as 0.
type Seconds float64

// Rate is something per second. NaN is absent, an empty cell.
type Rate float64

// OfferedRate is an arrival rate that was asked for; 0 is "none was", an
// empty cell. It is comparable, so it can stand in a key where NaN could not.
type OfferedRate float64

// Ratio is a plain factor, printed as the shortest exact number.
type Ratio float64

// Count is a number of things; -1 is absent, an empty cell.
type Count int

// NoCount is the absent Count.
const NoCount Count = -1

// NoSeconds returns the absent value of Seconds.
func NoSeconds() Seconds { return Seconds(math.NaN()) }

// NoRate returns the absent value of Rate.
func NoRate() Rate { return Rate(math.NaN()) }

// Known reports whether s is present.
func (s Seconds) Known() bool { return !math.IsNaN(float64(s)) }

// Known reports whether r is present.
func (r Rate) Known() bool { return !math.IsNaN(float64(r)) }

// Known reports whether c is present.
func (c Count) Known() bool { return c >= 0 }

// MarshalCSV prints s with six decimals, or nothing.
func (s Seconds) MarshalCSV() (string, error) { return sixDecimals(float64(s)) }

// UnmarshalCSV reads what MarshalCSV prints.
func (s *Seconds) UnmarshalCSV(cell string) (err error) {
	*(*float64)(s), err = parseOptional(cell)
	return err
}

// MarshalCSV prints r with six decimals, or nothing.
func (r Rate) MarshalCSV() (string, error) { return sixDecimals(float64(r)) }

// UnmarshalCSV reads what MarshalCSV prints.
func (r *Rate) UnmarshalCSV(cell string) (err error) {
	*(*float64)(r), err = parseOptional(cell)
	return err
}

// MarshalCSV prints the shortest exact number, or nothing for 0.
func (r OfferedRate) MarshalCSV() (string, error) {
	if r == 0 {
		return "", nil
	}
	return shortest(float64(r)), nil
}

// UnmarshalCSV reads what MarshalCSV prints.
func (r *OfferedRate) UnmarshalCSV(cell string) (err error) {
	if cell == "" {
		*r = 0
		return nil
	}
	*(*float64)(r), err = parseFinite(cell)
	return err
}

// MarshalCSV prints the shortest exact number.
func (r Ratio) MarshalCSV() (string, error) { return shortest(float64(r)), nil }

// UnmarshalCSV reads what MarshalCSV prints; an empty cell is an error.
func (r *Ratio) UnmarshalCSV(cell string) (err error) {
	*(*float64)(r), err = parseFinite(cell)
	return err
}

// MarshalCSV prints the number, or nothing when absent.
func (c Count) MarshalCSV() (string, error) {
	if !c.Known() {
		return "", nil
	}
	return strconv.Itoa(int(c)), nil
}

// UnmarshalCSV reads what MarshalCSV prints.
func (c *Count) UnmarshalCSV(cell string) error {
	if cell == "" {
		*c = NoCount
		return nil
	}
	n, err := strconv.ParseInt(cell, 10, 63)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a count", cell)
	}
	*c = Count(n)
	return nil
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

// Clean returns s as it stands in a cell: commas, quotes, control characters
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

func sixDecimals(v float64) (string, error) {
	if math.IsNaN(v) {
		return "", nil
	}
	if math.IsInf(v, 0) {
		return "", fmt.Errorf("%v has no cell", v)
	}
	return strconv.FormatFloat(v, 'f', 6, 64), nil
}

func shortest(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func parseOptional(cell string) (float64, error) {
	if cell == "" {
		return math.NaN(), nil
	}
	return parseFinite(cell)
}

func parseFinite(cell string) (float64, error) {
	if v, ok := parseDecimal(cell); ok {
		return v, nil
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a finite number", cell)
	}
	return v, nil
}

// parseDecimal reads "123.456789", the only form the tools print times in, and
// is exact: digits below 2^53 and a power of ten below 10^16 are both exact
// floats, so one division rounds once. Anything else is left to strconv.
func parseDecimal(s string) (float64, bool) {
	if len(s) == 0 || len(s) > 16 {
		return 0, false
	}
	var digits uint64
	point := -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = digits*10 + uint64(c-'0')
		case c == '.' && point < 0 && i > 0:
			point = i
		default:
			return 0, false
		}
	}
	if digits >= 1<<53 {
		return 0, false
	}
	if point < 0 {
		return float64(digits), true
	}
	if point == len(s)-1 {
		return 0, false
	}
	return float64(digits) / powersOfTen[len(s)-1-point], true
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16}
