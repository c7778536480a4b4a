package metrics

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

const unjudged = " slo:good slo:attainment slo:attainment_ttft slo:attainment_tpot slo:attainment_itl slo:attainment_e2el slo:effective_rps"

// sources name, for each column that can be absent in a request row, how to
// take it away, and the columns of the results that then must be empty.
var sources = map[string]struct {
	blank func(*record.Request)
	empty string
}{
	"client":              {func(r *record.Request) { r.Client = record.Count{} }, "steady_s steady_rps"},
	"due_s":               {func(r *record.Request) { r.DueS = record.Seconds{} }, "send_delay_p99_s"},
	"asked_prompt_tokens": {func(r *record.Request) { r.AskedPromptTokens = record.Count{} }, "asked_prompt_tokens_mean"},
	"prompt_tokens":       {func(r *record.Request) { r.PromptTokens = record.Count{} }, "prompt_tokens_mean cached_share total_tps good attainment effective_rps"},
	"max_new_tokens":      {func(r *record.Request) { r.MaxNewTokens = record.Count{} }, "max_new_tokens_mean"},
	"generated_tokens": {func(r *record.Request) { r.GeneratedTokens = record.Count{} },
		"generated_tokens_mean generated_tps total_tps request_tps tpot_mean_s tpot_p50_s tpot_p90_s tpot_p95_s tpot_p99_s" + unjudged},
	"reasoning_tokens": {func(r *record.Request) { r.ReasoningTokens = record.Count{} }, "reasoning_tokens"},
	"cached_tokens":    {func(r *record.Request) { r.CachedTokens = record.Count{} }, "cached_tokens cached_share"},
	"chunk_s": {func(r *record.Request) { r.ChunkS = nil },
		"ttft_mean_s ttft_p50_s ttft_p90_s ttft_p95_s ttft_p99_s gap_mean_s gap_p50_s gap_p90_s gap_p95_s gap_p99_s gap_p99_error_s " +
			"tpot_mean_s tpot_p50_s tpot_p90_s tpot_p95_s tpot_p99_s good attainment effective_rps gaps p50_s p90_s p95_s p99_s" + unjudged},
	"tokens per chunk": {func(r *record.Request) {
		r.ChunkS = slices.Clone(r.ChunkS)
		for i := range r.ChunkS {
			r.ChunkS[i].Tokens = 0
		}
	}, "gap_mean_s gap_p50_s gap_p90_s gap_p95_s gap_p99_s gap_p99_error_s good attainment effective_rps gaps p50_s p90_s p95_s p99_s" + unjudged},
	"visible_s":      {func(r *record.Request) { r.VisibleS = record.Seconds{} }, "ttft_visible_mean_s ttft_visible_p99_s"},
	"lag_s":          {func(r *record.Request) { r.LagS = record.Seconds{} }, "lag_p99_s gap_p99_error_s"},
	"pause_s":        {func(r *record.Request) { r.PauseS = record.Seconds{} }, "pause_max_s"},
	"client_cpu":     {func(r *record.Request) { r.ClientCPU = record.Rate{} }, "client_cpu"},
	"server_queue_s": {func(r *record.Request) { r.ServerQueueS = record.Seconds{} }, "server_queue_mean_s"},
	"server_ttft_s":  {func(r *record.Request) { r.ServerTTFTS = record.Seconds{} }, "server_ttft_mean_s"},
	"blurred_chunks": {func(r *record.Request) { r.BlurredChunks = record.Count{} }, ""},
	"end_s":          {func(r *record.Request) { r.EndS = record.Seconds{} }, ""},
	"connect_s":      {func(r *record.Request) { r.ConnectS = record.Seconds{} }, ""},
	"request":        {func(r *record.Request) { r.Request = record.Count{} }, ""},
	"session":        {func(r *record.Request) { r.Session = "" }, ""},
	"turn":           {func(r *record.Request) { r.Turn = record.Count{} }, ""},
	"attempts":       {func(r *record.Request) { r.Attempts = record.Count{} }, ""},
	"retry_s":        {func(r *record.Request) { r.RetryS = record.Seconds{} }, ""},
	"error":          {func(r *record.Request) { r.Error = "" }, ""},
	"clock":          {func(r *record.Request) { r.Clock = "" }, ""},
}

// full are rows in which nothing is absent, of a closed or an open loop.
func full(rng *rand.Rand, openLoop bool) []record.Request {
	rows := randomRows(rng, key(3), 60)
	for i := range rows {
		r := &rows[i]
		second := record.InSeconds(rng.Float64() / 1000)
		r.EndS, r.VisibleS, r.ServerQueueS, r.ServerTTFTS, r.PauseS, r.LagS, r.ConnectS = r.LatencyS, r.LatencyS, second, second, second, second, second
		r.AskedPromptTokens, r.ReasoningTokens, r.CachedTokens, r.BlurredChunks = r.PromptTokens, record.CountOf(1), record.CountOf(0), record.CountOf(0)
		r.Workload = "a trace"
		r.ClientCPU = record.RateOf(rng.Float64())
		if openLoop {
			r.DueS = r.StartS
			r.RateRPS = 3
		}
	}
	return rows
}

// columns are the cells of all results of some rows, by column; two results
// have some columns of one name.
func columns(t *testing.T, rows []record.Request) map[string]string {
	t.Helper()
	slo := SLO{{Part: "ttft", MS: 900}, {Part: "tpot", MS: 300}, {Part: "itl", Percentile: 90, MS: 500}, {Part: "e2el", MS: 9000}}
	summary, goodput, gaps := summaryOf(rows...), &Goodput{Levels: levels()[3:4], SLOs: []SLO{slo}}, &Gaps{SkipTokens: 1}
	for _, r := range rows {
		goodput.Add(r)
		gaps.Add(r)
	}
	all := map[string]string{}
	for i, row := range []any{goodput.Rows()[1], gaps.Rows()[0], goodput.Rows()[0], summary.Rows()[0]} {
		v := reflect.ValueOf(row)
		for _, field := range reflect.VisibleFields(v.Type()) {
			if cell, ok := v.FieldByIndex(field.Index).Interface().(interface{ MarshalCSV() (string, error) }); ok {
				text, err := cell.MarshalCSV()
				if err != nil {
					t.Fatal(err)
				}
				all[map[bool]string{true: "slo:"}[i == 0]+field.Tag.Get("csv")] = text
			}
		}
	}
	// What only the other kind of level has, and what counts the absent.
	maps.DeleteFunc(all, func(name, _ string) bool {
		return name == "slo" || strings.HasPrefix(name, "attainment_") || strings.HasPrefix(name, "slo:sla_") || strings.HasSuffix(name, "judged")
	})
	return all
}

// What is absent in the rows is absent in the results, never 0, and makes no
// other number.
func TestAbsentStaysAbsent(t *testing.T) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[record.Request]()) {
		name := field.Tag.Get("csv")
		if _, found := sources[name]; !found && len(field.Index) == 1 && !slices.Contains([]string{"", "start_s", "latency_s", "status"}, name) {
			t.Errorf("column %s is missing in the table", name)
		}
	}
	for _, openLoop := range []bool{false, true} {
		rows := full(newRand(), openLoop)
		whole := columns(t, rows)
		for name, cell := range whole {
			if absentBefore := openLoop && (name == "throughput_rps" || strings.HasPrefix(name, "steady")) || !openLoop && name == "send_delay_p99_s"; cell == "" && !absentBefore &&
				!strings.HasSuffix(name, "doubt") && !strings.HasSuffix(name, "rate_rps") {
				t.Errorf("open loop %v: %s is empty where nothing is absent", openLoop, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(sources)) {
			one := sources[name]
			without := slices.Clone(rows)
			for i := range without {
				one.blank(&without[i])
			}
			got := columns(t, without)
			for _, column := range strings.Fields(one.empty) {
				if got[column] != "" {
					t.Errorf("open loop %v, without %s: %s is %s", openLoop, name, column, got[column])
				}
			}
			for column, cell := range got {
				// An answer without chunks was not streamed, so request_tps counts its prompt.
				if cell != "" && cell != whole[column] && !strings.HasSuffix(column, "doubt") && !(name == "chunk_s" && column == "request_tps") {
					t.Errorf("open loop %v, without %s: %s is %s, was %q", openLoop, name, column, cell, whole[column])
				}
			}
		}
	}
}
