package sentinel

import "github.com/onerule/onerule/platform"

// constructs says how a scheduled rule carries each thing that rules over several events ask for.
var constructs = map[platform.Construct]string{
	platform.CountTumbling:   "scheduled: `summarize … by …, bin(TimeGenerated, T)`; a run judges the windows that ended since the run before",
	platform.CountHopping:    "scheduled: mv-expand puts an event into each window that it lies in, then `summarize`",
	platform.CountSliding:    "scheduled: each time of a group is joined with the events of the window that ends there, by buckets of the window's size; prev() finds where an episode begins",
	platform.CountSession:    "scheduled: row_window_session(), then a join of each time with the session's events before; assumes session-start",
	platform.SeveralScopes:   "scheduled: a `summarize` for each scope, brought together by `lookup`",
	platform.TotalScope:      "scheduled: `summarize` by the window alone",
	platform.SeveralKeys:     "scheduled: several columns behind `by`",
	platform.ArrayKey:        "scheduled: make_set_if() of the elements, then mv-expand",
	platform.FoldedKey:       "scheduled: tolower(); assumes fold",
	platform.Conditional:     "scheduled: countif(), sumif() and their kin",
	platform.Distinct:        "scheduled: count_distinctif(), which is exact where dcount() is an estimate",
	platform.Sums:            "scheduled: sum(), avg(), stdev(); of one value stdev is written out as 0",
	platform.Extremes:        "scheduled: min(), max()",
	platform.Percentiles:     "scheduled: by rank in a sorted make_list_if(), because percentile() is an estimate; assumes list-size",
	platform.FirstLast:       "scheduled: arg_min(), arg_max() of the events that have a value; assumes distinct-times; refused for fields with several values",
	platform.ValueLists:      "scheduled: array_sort_asc(make_set_if()); assumes list-size",
	platform.Arithmetic:      "scheduled: the operators; division by zero gives null; max_of() and min_of() of numbers of one type",
	platform.FirstSeen:       "scheduled: `summarize min(TimeGenerated)` over history and interval; history, twice the interval and delay have to fit into 14 days",
	platform.FirstSeenWarmup: "scheduled: `join kind=leftsemi` with the groups that have events before the warm-up",
	platform.BaselineOwn:     "scheduled: number of windows since the first one, sum and sum of squares by `summarize`, joined by `lookup`; all within 14 days",
	platform.BaselineAll:     "scheduled: the sums of all groups by `lookup`",
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
