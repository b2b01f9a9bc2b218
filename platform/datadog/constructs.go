package datadog

import "github.com/onerule/onerule/platform"

// constructs says how the rule types carry each thing that rules over several events ask for.
var constructs = map[platform.Construct]string{
	platform.CountTumbling:   "threshold: an evaluation window of the same length, or the next longer one, slides; wider: every finding has a signal of its group with a match in its window",
	platform.CountHopping:    "threshold: the same as tumbling, wider",
	platform.CountSliding:    "threshold: exact for 1m, 5m, 10m, 15m, 30m, 1h, 2h and 3h; others up to 6h with the next longer window, wider",
	platform.CountSession:    "threshold: an evaluation window as long as the longest session, wider: gaps do not count",
	platform.SeveralScopes:   "threshold: scopes with the keys of the finding; a case joins queries by the values that they group by, so comparisons of other scopes are left out, wider",
	platform.TotalScope:      "threshold without group-by, when it is the only scope; beside a scope with keys its comparisons are left out, wider",
	platform.SeveralKeys:     "threshold, new_value: several group-by fields",
	platform.ArrayKey:        "refused: how a rule groups an attribute with several values is not documented",
	platform.FoldedKey:       "refused: values are grouped as they are spelt; a log pipeline can write them in lower case",
	platform.Conditional:     "threshold: a query of its own for each aggregate",
	platform.Distinct:        "threshold: aggregation cardinality; assumes cardinality, as the pages do not say when it is estimated",
	platform.Sums:            "threshold: aggregation sum of a measure; assumes facet, not-negative. avg and stddev are refused",
	platform.Extremes:        "threshold: aggregation max of a measure; assumes facet. min is refused",
	platform.Percentiles:     "left out of conditions, wider: queries have no such aggregation",
	platform.FirstLast:       "cannot be compared; shown values are not carried, a signal has its events",
	platform.ValueLists:      "cannot be compared; shown values are not carried, a signal has its events",
	platform.Arithmetic:      "left out, wider: a case compares the number of one query with a constant by > or >=; scheduled rules calculate on single events only",
	platform.FirstSeen:       "new_value with learningThreshold 0: looked at event by event, wider",
	platform.FirstSeenWarmup: "new_value with learningDuration: wider",
	platform.BaselineOwn:     "threshold with the comparisons with constants only, wider; without any refused: anomaly_detection has an unpublished algorithm, its nearest settings are named as an alternative",
	platform.BaselineAll:     "as with a key's own history",
	platform.Sequence:        "sequence_detection: two steps within 1m, 5m, 10m, 15m, 30m, 1h, 2h, 3h, 6h, 12h or 24h are exact and assume sequence-steps; others wait longer, and of three or more each waits for the next by itself, wider. At most 10 steps and 24h of waiting in all",
	platform.SequenceRepeat:  "sequence_detection: a step with `>= n`, counted in a window of its own, wider; a sequence of one step: threshold",
	platform.SequenceUntil:   "left out, wider: a step waits for the next one only",
	platform.SequenceEnd:     "refused: a signal comes with an event, and what is missing has none",
	platform.SequenceBetween: "refused: a signal comes with an event, and what is missing has none",
	platform.SequenceKeys:    "sequence_detection, threshold: group-by fields of each query, joined by position",
	platform.SequenceTables:  "sequence_detection, threshold: a query for each step; all of them logs, or all of them what agents report",
	platform.SequenceCross:   "left out, wider: conditions count the events of queries",
	platform.Together:        "threshold: a case of one test for each step, exact for steps that no event shares within the windows that sliding counts have; otherwise wider",
	platform.TogetherVoid:    "missing is refused; until is left out, wider",
	platform.Absence:         "refused: a rule is evaluated when an event comes; a log monitor can notify when there is no data",
}
