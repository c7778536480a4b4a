package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

func compareFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "goodput", Usage: "read goodput rows and compare effective throughput"},
		&cli.StringFlag{Name: "against", Usage: "compare with the latencies of the summary rows in `FILE` instead"},
		&cli.Float64Flag{Name: "max-error", Value: 0.06, Usage: "allow a point to be off by this `SHARE` in latency"},
		&cli.Float64Flag{Name: "mean-error", Value: 0.04, Usage: "allow the mean of all points to be off by this `SHARE`"},
		&cli.Float64Flag{Name: "max-goodput", Value: 0.12, Usage: "allow a point to be off by `R` queries/s, or by a tenth"},
	}
}

// difference is a row of the comparison. Measured and Expected are latencies in
// seconds, or effective throughputs in requests per second.
type difference struct {
	Figure     record.Text   `csv:"figure"`
	Backend    record.Text   `csv:"backend"`
	NumClients int           `csv:"num_clients"`
	Measured   record.Rate   `csv:"measured"`
	Expected   record.Rate   `csv:"expected"`
	Share      record.Rate   `csv:"off_share"`
	Status     record.Status `csv:"status"`
}

// measured is a value at a point, whichever row it came from.
type measured struct {
	key   record.Key
	value float64
}

// comparison is what is compared, and how far it may be off.
type comparison struct {
	goodput   bool   // effective throughputs, not latencies
	against   string // the file of what is expected, "" for what was published
	maxShare  float64
	maxRPS    float64 // of goodput
	meanShare float64 // over all points, of latencies
}

func compare(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	if c.Bool("goodput") && c.IsSet("against") {
		return cmdline.Usagef("--against compares latencies, not --goodput")
	}
	return comparison{
		goodput: c.Bool("goodput"), against: c.String("against"), maxShare: c.Float64("max-error"),
		maxRPS: c.Float64("max-goodput"), meanShare: c.Float64("mean-error"),
	}.compare(c.Args().Slice(), std)
}

func (o comparison) compare(files []string, std *cmdline.Std) error {
	read, pick := readLatencies, func(p published.Point) float64 { return p.LatencyS }
	if o.goodput {
		read, pick = readGoodputs, effectiveRPS
	}
	values, err := read(files, std)
	if err != nil {
		return err
	}
	wanted, err := publishedValues(pick)
	if o.against != "" {
		wanted, err = rowsOf(o.against, std)
	}
	if err != nil {
		return err
	}
	found := join(values, wanted, o.near)
	w := csvio.NewWriter[difference](std.Out)
	for _, d := range found {
		if err := w.Write(d); err != nil {
			return err
		}
	}
	return o.verdict(found, std)
}

// near reports whether a value is as near to the expected one as is asked for.
func (o comparison) near(value, want float64) bool {
	if o.goodput {
		return math.Abs(value-want) <= max(o.maxRPS, 0.1*want)
	}
	return math.Abs(value/want-1) <= o.maxShare
}

// verdict sums up; too large an error is one.
func (o comparison) verdict(found []difference, std *cmdline.Std) error {
	if len(found) == 0 {
		return errors.New("none of the rows has a counterpart")
	}
	sum, worst, off := 0.0, 0.0, 0
	for _, d := range found {
		sum += math.Abs(d.Share.Float())
		worst = max(worst, math.Abs(d.Share.Float()))
		if d.Status != within {
			off++
		}
	}
	mean := sum / float64(len(found))
	std.Notef("%d points: off by %.1f %% on average, %.1f %% at worst", len(found), 100*mean, 100*worst)
	if off > 0 {
		return fmt.Errorf("%d of %d points are off by more than is allowed", off, len(found))
	}
	if !o.goodput && mean > o.meanShare {
		return fmt.Errorf("the mean error of %.1f %% is more than is allowed", 100*mean)
	}
	return nil
}

// The statuses of a difference.
const (
	within record.Status = "within"
	beyond record.Status = "beyond"
)

// reference is a value that measured ones are held against.
type reference struct {
	figure record.Text
	measured
}

// publishedValues are what the published points say.
func publishedValues(pick func(published.Point) float64) ([]reference, error) {
	points, err := published.Points()
	if err != nil {
		return nil, err
	}
	var list []reference
	for _, p := range points {
		k, err := key(p, "sim-")
		if err != nil {
			return nil, err
		}
		list = append(list, reference{record.Text(p.Figure), measured{k, pick(p)}})
	}
	return list, nil
}

// rowsOf are the latencies of the summary rows in a file.
func rowsOf(file string, std *cmdline.Std) ([]reference, error) {
	values, err := readLatencies([]string{file}, std)
	var list []reference
	for _, v := range values {
		list = append(list, reference{v.key.Run, v})
	}
	return list, err
}

// join finds for each reference the measured value of the same load. The run,
// the speed and the batch size do not part them: published figures have none,
// vLLM's batch size is its own.
func join(values []measured, wanted []reference, limit func(value, want float64) bool) []difference {
	byLoad := map[record.Key]float64{}
	for _, v := range values {
		byLoad[sameLoad(v.key)] = v.value
	}
	var found []difference
	for _, r := range wanted {
		value, known := byLoad[sameLoad(r.key)]
		if !known || math.IsNaN(r.value) || math.IsNaN(value) {
			continue
		}
		d := difference{
			Figure: r.figure, Backend: r.key.Backend, NumClients: r.key.NumClients,
			Measured: record.RateOf(value), Expected: record.RateOf(r.value), Share: record.RateOf(value/r.value - 1), Status: within,
		}
		if !limit(value, r.value) {
			d.Status = beyond
		}
		found = append(found, d)
	}
	return found
}

// sameLoad is the key without what published figures do not say.
func sameLoad(k record.Key) record.Key {
	k.Run, k.Engine, k.Speed, k.MaxRaggedBatchSize = "", "", 0, 0
	return k
}

func readLatencies(files []string, std *cmdline.Std) ([]measured, error) {
	in := csvio.NewReader[record.Summary](files, std.In, func(reason string) { std.Warnf("%s", reason) })
	in.Need("latency_mean_s")
	var values []measured
	for in.Scan() {
		values = append(values, measured{in.Row().Key, in.Row().LatencyMeanS.Float()})
	}
	return values, in.Err()
}

// readGoodputs takes the level that was published and passes over the others.
func readGoodputs(files []string, std *cmdline.Std) ([]measured, error) {
	in := csvio.NewReader[record.Goodput](files, std.In, func(reason string) { std.Warnf("%s", reason) })
	in.Need("sla_prompt_tps", "sla_gen_tps", "sla_rule", "effective_rps")
	var values []measured
	for in.Scan() {
		row := in.Row()
		if row.SLAPromptTPS.Float() == slaPrompt && row.SLAGenTPS.Float() == slaGen && strings.HasPrefix(string(row.SLARule), "ema") {
			values = append(values, measured{row.Key, row.EffectiveRPS.Float()})
		}
	}
	return values, in.Err()
}

// effectiveRPS is the published value at the level that readGoodputs takes.
func effectiveRPS(p published.Point) float64 {
	if p.SLAGenTPS != slaGen {
		return math.NaN()
	}
	return p.EffectiveRPS
}
