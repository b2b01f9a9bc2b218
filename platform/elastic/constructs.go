package elastic

import "github.com/onerule/onerule/platform"

// constructs says how a rule of type esql carries each thing that rules over several events ask for, and one of type eql what it
// can of sequences. No other type carries any: threshold and new_terms count from the look-back of a run on, which moves with
// Kibana's clock, and query is about single events.
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
	platform.Sequence:        "eql: `sequence by … with maxspan`; assumes step-times. esql, where eql does not carry the rule: VALUES(@timestamp) of each step by key, joined by MV_EXPAND. A run tells the first chain in all that it reads, and reads as far back as its interval, the delay and the span; events of the alert tell what the steps show (esql: nothing)",
	platform.SequenceRepeat:  "eql: `with runs=n`, at most 100. esql: the times of the step are counted; assumes step-times",
	platform.SequenceUntil:   "eql: `until`, several steps by the same keys in one. esql: COUNT(*) of the times of `until` in the chain",
	platform.SequenceEnd:     "eql: `[A] ![M]` behind a single event, which must lie so long ago (`@timestamp <= \"now-…\"`) that the span is over. esql: behind several events, and with `until`; assumes rule-gap",
	platform.SequenceBetween: "eql: `![M]` between two steps. esql: anywhere; EQL keeps one of several chains, and with a third step, or at the end, it may be the wrong one",
	platform.SequenceKeys:    "eql: `by` behind each step, one field for each. esql: a row for each step of an event, and CASE",
	platform.SequenceTables:  "eql, esql: one search over all index patterns, each step with the selection of its telemetry; eql refuses fields that are mapped to different types",
	platform.SequenceCross:   "eql: refused, a condition reads one event; fields that must be equal can be keys. esql: the values stand behind the times, and are compared as text or numbers; refused for arrays and for what is computed",
	platform.Together:        "esql: COUNT(*) of each step in the span before each event, and of steps with common events together; at most five steps with the same keys, nothing compared. eql: refused, a `sample` has no span",
	platform.TogetherVoid:    "esql: `until` by MAX(@timestamp) before each event; missing steps are refused, since which events are taken decides where they count",
	platform.Absence:         "esql: VALUES of what came in one row, beside the expected values; assumes grace",
}
