package record

// The statuses of a Capacity, beside ClientLimited.
const (
	// Found: the border lies between a load that passed and one that failed, as
	// near to each other as was asked for.
	Found Status = "found"
	// SmallestFails: even the smallest load that was allowed failed.
	SmallestFails Status = "smallest-fails"
	// LargestPasses: even the largest load that was allowed passed.
	LargestPasses Status = "largest-passes"
	// OutOfProbes: the probes ran out before the border was that narrow.
	OutOfProbes Status = "out-of-probes"
)

// Capacity is the answer of find-capacity: the most load under which a service level
// is kept. Its key's load is Passed; both columns are empty or 0 where no load passed.
type Capacity struct {
	Key
	// SLO is the level, Target the attainment that was asked for.
	SLO    Text `csv:"slo"`
	Target Rate `csv:"target"`
	// By is what was raised: rate or clients.
	By Text `csv:"by"`
	// Passed is the most load that passed, Failed the least above it that failed:
	// requests per second or clients. Each is absent where there is none.
	Passed Rate `csv:"passed"`
	Failed Rate `csv:"failed"`
	// Good of Judged requests kept the level at Passed, or at Failed where no load
	// passed: Attainment, which lies between the other two (Wilson, 95 %).
	Judged         Count `csv:"judged"`
	Good           Count `csv:"good"`
	Attainment     Rate  `csv:"attainment"`
	AttainmentLow  Rate  `csv:"attainment_low"`
	AttainmentHigh Rate  `csv:"attainment_high"`
	// EffectiveRPS is the goodput there: good / span of its last run.
	EffectiveRPS Rate `csv:"effective_rps"`
	// Probes is how many loads were tried, Requests how many requests that took.
	Probes   int `csv:"probes"`
	Requests int `csv:"requests"`
	// Doubt is what a decision rested on beside the interval, and what is in doubt
	// of the point itself.
	Doubt  Text   `csv:"doubt"`
	Status Status `csv:"status"`
}

// Comparison is the row of one figure of a point that two sides have measured:
// compare-runs. Its key is the point's on the side that is compared, with the
// side's label as the run.
type Comparison struct {
	Key
	// Baseline is the label of the other side, Unlike the columns of the server's
	// key that it has otherwise, with its values.
	Baseline Text `csv:"baseline"`
	Unlike   Text `csv:"unlike"`
	// Figure is the column of a summary that is compared. Before and After are its
	// geometric means over the runs of each side, in that column's unit.
	Figure Text `csv:"figure"`
	Before Rate `csv:"before"`
	After  Rate `csv:"after"`
	// Ratio is after / before; RatioLow and RatioHigh are the ends of its interval
	// at Level, absent where nothing is known of the noise.
	Ratio     Rate `csv:"ratio"`
	RatioLow  Rate `csv:"ratio_low"`
	RatioHigh Rate `csv:"ratio_high"`
	Level     Rate `csv:"level"`
	// Basis is what the interval comes from, runs or blocks of one run, and
	// BeforeValues and AfterValues how many of them.
	Basis        Text  `csv:"basis"`
	BeforeValues Count `csv:"before_values"`
	AfterValues  Count `csv:"after_values"`
	// Decides is yes where the figure decides the verdict on the whole, else no.
	Decides Text `csv:"decides"`
	// Verdict is better, worse, same or unclear.
	Verdict Text `csv:"verdict"`
	// Doubt and Status are the worst of the point's runs.
	Doubt  Text   `csv:"doubt"`
	Status Status `csv:"status"`
}

// Validate reports why the row is invalid, nil if it is valid.
func (r Capacity) Validate() error {
	return validate(r.Key.Validate(), r.Status, Found, SmallestFails, LargestPasses, OutOfProbes, ClientLimited)
}

// Validate reports why the row is invalid, nil if it is valid.
func (r Comparison) Validate() error { return validatePoint(r.Key, r.Status) }
