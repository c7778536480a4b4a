package series

import (
	"strings"

	"fastgenbench/tools/internal/record"
)

// Bundle are rows of one point, one per run of a sweep that was repeated. Their
// key has the sweep's name as its run.
type Bundle[T any] struct {
	Key  record.Key
	Rows []T
}

// Repeats bundles the rows of repeated sweeps, whose runs are NAME.1, NAME.2 and so
// on, whose keys agree in the rest and which fall on one place of a curve. Each other
// row is a bundle of its own.
func Repeats[T any](rows []T, key func(T) record.Key, place func(T) string) []Bundle[T] {
	runs := map[string]map[record.Text]bool{}
	for _, row := range rows {
		run := key(row).Run
		if sweep, repeated := sweepOf(run); repeated {
			if runs[sweep] == nil {
				runs[sweep] = map[record.Text]bool{}
			}
			runs[sweep][run] = true
		}
	}
	return bundle(rows, key, place, func(run record.Text) (string, bool) {
		sweep, repeated := sweepOf(run)
		return sweep, repeated && len(runs[sweep]) > 1
	})
}

// bundle puts rows together in the order of the first ones. A row of a run that is
// in its bundle already repeats a place, and begins a bundle.
func bundle[T any](rows []T, key func(T) record.Key, place func(T) string, sweepOf func(record.Text) (string, bool)) []Bundle[T] {
	type spot struct {
		record.Key
		place string
	}
	var all []Bundle[T]
	index, taken := map[spot]int{}, map[spot]bool{}
	for _, row := range rows {
		s := spot{key(row), place(row)}
		whole := s
		sweep, repeated := sweepOf(s.Run)
		if repeated {
			s.Run = record.Text(sweep)
		}
		if i, known := index[s]; known && repeated && !taken[whole] {
			all[i].Rows = append(all[i].Rows, row)
		} else {
			index[s] = len(all)
			all = append(all, Bundle[T]{Key: s.Key, Rows: []T{row}})
		}
		taken[whole] = true
	}
	return all
}

// sweepOf is NAME of a run NAME.n, as loadgen --repeat calls it.
func sweepOf(run record.Text) (string, bool) {
	i := strings.LastIndexByte(string(run), '.')
	if i < 1 || i == len(run)-1 || strings.Trim(string(run[i+1:]), "0123456789") != "" {
		return "", false
	}
	return string(run[:i]), true
}
