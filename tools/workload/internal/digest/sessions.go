package digest

import (
	"hash/fnv"
	"math"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// delayUnit is the precision, in seconds, to which delays are distinguished.
const delayUnit = 1e-3

// sessions are counted by a hash of their names.
type sessions struct {
	turns  map[uint64]int
	delays counts // in units of delayUnit
}

func (s *sessions) add(r workload.Request) {
	if r.Session == "" {
		return
	}
	hash := fnv.New64a()
	hash.Write([]byte(r.Session)) // a hash takes everything
	s.turns[hash.Sum64()]++
	if r.Delay.Known() {
		s.delays.add(int(math.Round(r.Delay.Float() / delayUnit)))
	}
}

func (s *sessions) describe(row *Row) {
	row.Sessions = len(s.turns)
	turns := counts{}
	for _, n := range s.turns {
		turns.add(n)
	}
	t, d := turns.distribution(1), s.delays.distribution(delayUnit)
	row.TurnsMean, row.TurnsP50, row.TurnsP99, row.TurnsMax = rate(t.mean), whole(t.p50), whole(t.p99), whole(t.max)
	row.DelayMean, row.DelayP50, row.DelayP99 = record.InSeconds(d.mean), record.InSeconds(d.p50), record.InSeconds(d.p99)
}
