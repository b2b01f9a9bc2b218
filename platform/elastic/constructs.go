package elastic

import "github.com/onerule/onerule/platform"

// constructs says how a rule of type esql carries each thing that rules over several events ask for. No other type carries any:
// threshold and new_terms count from the look-back of a run on, which moves with Kibana's clock, and query and eql are about
// single events.
var constructs = map[platform.Construct]string{
	platform.CountTumbling:   "esql: `STATS … BY key, DATE_TRUNC(T, @timestamp)`; a run judges the windows that ended in its interval before NOW(), and those of the last minutes once again",
	platform.CountHopping:    "esql: MV_EXPAND of the judged ends of windows puts an event into each window that it lies in, then STATS",
	platform.CountSliding:    "esql: INLINE STATS VALUES(@timestamp) and MV_EXPAND give an event a row for each time of its group in whose window it lies, then STATS; MV_CONTAINS finds where an episode begins",
	platform.CountSession:    "esql: INLINE STATS finds gaps and cuts at the greatest length, then as in sliding windows; assumes session-start; refused when the range of a run holds more than six sessions",
	platform.SeveralScopes:   "esql: INLINE STATS for the wider scopes (9.2), STATS for that of the finding; refused when two wider scopes have different keys with several values",
	platform.TotalScope:      "esql: INLINE STATS by the window alone",
	platform.SeveralKeys:     "esql: several columns behind BY",
	platform.ArrayKey:        "esql: STATS BY puts an event into the group of each value; MV_EXPAND of a copy where a wider scope needs the key",
	platform.FoldedKey:       "esql: TO_LOWER(); assumes fold",
	platform.Conditional:     "esql: `COUNT(*) WHERE …` and its kin",
	platform.Distinct:        "esql: MV_COUNT(VALUES()), which is exact where COUNT_DISTINCT is an estimate",
	platform.Sums:            "esql: SUM, AVG; STD_DEV is that of a population and is corrected to that of a sample",
	platform.Extremes:        "esql: MIN, MAX",
	platform.Percentiles:     "refused: MEDIAN and PERCENTILE are estimates; count the values above a limit instead",
	platform.FirstLast:       "esql: FIRST, LAST (9.3) of the events that have a value; assumes distinct-times; refused for fields with several values",
	platform.ValueLists:      "esql: MV_SORT(VALUES())",
	platform.Arithmetic:      "esql: the operators; division by zero gives null; GREATEST, LEAST, ABS of doubles",
	platform.FirstSeen:       "esql: MIN(@timestamp) in the tick and COUNT(*) in the history before it, for each judged tick",
	platform.FirstSeenWarmup: "esql: COUNT(*) before the warm-up, summed over all values of the group by INLINE STATS",
	platform.BaselineOwn:     "esql: number of windows since the first one, sum and sum of squares by STATS over the counts of the windows",
	platform.BaselineAll:     "esql: the sums of all groups by INLINE STATS",
	platform.Sequence:        "refused: no rule type is made for it",
	platform.SequenceRepeat:  "refused: no rule type is made for it",
	platform.SequenceUntil:   "refused: no rule type is made for it",
	platform.SequenceEnd:     "refused: no rule type is made for it",
	platform.SequenceBetween: "refused: no rule type is made for it",
	platform.SequenceKeys:    "refused: no rule type is made for it",
	platform.SequenceTables:  "refused: no rule type is made for it",
	platform.SequenceCross:   "refused: no rule type is made for it",
	platform.Together:        "refused: no rule type is made for it",
	platform.TogetherVoid:    "refused: no rule type is made for it",
	platform.Absence:         "refused: no rule type is made for it",
}
