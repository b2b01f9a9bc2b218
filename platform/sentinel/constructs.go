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
	platform.Sequence:        "scheduled: a table for each step, their union in order of time by `partition`, and a `scan` of one step whose columns hold the start of the chain that has got so far; a run tells the first chain of each key since the run before; what is shown assumes distinct-times",
	platform.SequenceRepeat:  "scheduled: a column of the `scan` holds the starts that the latest events of the step go back to; in joins prev() over the step's rows, which assumes step-times where that step is compared",
	platform.SequenceUntil:   "scheduled: such a row empties the columns of the `scan`; in joins `join kind=leftanti`",
	platform.SequenceEnd:     "scheduled: chains by `join kind=inner`, then `join kind=leftanti` with what must be missing; told a span after the chain's first event",
	platform.SequenceBetween: "scheduled: such a row empties one column of the `scan`; in joins `join kind=leftanti`",
	platform.SequenceKeys:    "scheduled: each step's table names its own columns alike",
	platform.SequenceTables:  "scheduled: each step's table reads its own",
	platform.SequenceCross:   "scheduled: the steps are joined by their keys and compared by `where`; refused for fields with several values",
	platform.Together:        "scheduled: a `scan` of one step whose columns hold the latest events of each step, or of each set of steps that may take the same event; then up to four of them, with the same keys, and nothing shown of them",
	platform.TogetherVoid:    "scheduled: until empties the columns of the `scan`; with missing steps, or comparisons, chains by `join kind=inner`, then `join kind=leftanti`; refused then when two steps may take the same event",
	platform.Absence:         "scheduled: the expected values in a `datatable`, times the windows, `join kind=leftanti` with what ingestion_time() says had arrived in time",
}
