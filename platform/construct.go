package platform

// Construct is something that a rule over several events may ask for. Every platform has exactly one row for each.
type Construct string

// The constructs.
const (
	CountTumbling   Construct = "count in tumbling windows"
	CountHopping    Construct = "count in windows every S"
	CountSliding    Construct = "count in sliding windows"
	CountSession    Construct = "count in sessions"
	SeveralScopes   Construct = "several scopes"
	TotalScope      Construct = "count total"
	SeveralKeys     Construct = "several keys"
	ArrayKey        Construct = "key with several values"
	FoldedKey       Construct = "fold(key)"
	Conditional     Construct = "aggregate where condition"
	Distinct        Construct = "distinct"
	Sums            Construct = "sum, avg, stddev"
	Extremes        Construct = "min, max"
	Percentiles     Construct = "median, percentile"
	FirstLast       Construct = "first, last"
	ValueLists      Construct = "values"
	Arithmetic      Construct = "arithmetic in when"
	FirstSeen       Construct = "first_seen"
	FirstSeenWarmup Construct = "first_seen with warm-up"
	BaselineOwn     Construct = "baseline of a key's own history"
	BaselineAll     Construct = "baseline of the population"
	Sequence        Construct = "sequence of steps"
	SequenceRepeat  Construct = "repeat >= n"
	SequenceUntil   Construct = "until"
	SequenceEnd     Construct = "missing at the end of a sequence"
	SequenceBetween Construct = "missing between steps"
	SequenceKeys    Construct = "steps with keys of their own"
	SequenceTables  Construct = "steps in several tables"
	SequenceCross   Construct = "comparison between steps"
	Together        Construct = "together"
	TogetherVoid    Construct = "together with until or missing"
	Absence         Construct = "expect"
)

// Constructs lists all constructs in the order of the matrix.
var Constructs = []Construct{
	CountTumbling, CountHopping, CountSliding, CountSession, SeveralScopes, TotalScope, SeveralKeys, ArrayKey, FoldedKey, Conditional, Distinct, Sums, Extremes,
	Percentiles, FirstLast, ValueLists, Arithmetic, FirstSeen, FirstSeenWarmup, BaselineOwn, BaselineAll,
	Sequence, SequenceRepeat, SequenceUntil, SequenceEnd, SequenceBetween, SequenceKeys, SequenceTables, SequenceCross, Together, TogetherVoid, Absence,
}
