package splunk

import "github.com/onerule/onerule/platform"

// constructs says how a saved search carries each thing that rules over several events ask for.
var constructs = map[platform.Construct]string{
	platform.CountTumbling:   "saved search: `bin _time` and `stats`; the windows that ended since the run before, by the time range of the search (addinfo), so that neither the time zone nor a late start matters",
	platform.CountHopping:    "saved search: the events of the last whole window, `stats`; with `schedule every` longer than S a copy of each event for each window (mvexpand)",
	platform.CountSliding:    "saved search: `streamstats` over the events entering and leaving the window; count, distinct and sums of whole numbers; other aggregates are refused, with a hopping window as what is nearest",
	platform.CountSession:    "saved search: `streamstats` cuts the events into sessions and counts in them; assumes session-start",
	platform.SeveralScopes:   "saved search: `eventstats` over the groups, or over the events where a number cannot be put together from the groups'; assumes search-limits",
	platform.TotalScope:      "saved search: `eventstats` without keys",
	platform.SeveralKeys:     "saved search: BY",
	platform.ArrayKey:        "saved search: BY counts an event in the group of each value, `mvexpand` where there are several scopes; refused for a scope that leaves some of several such keys out",
	platform.FoldedKey:       "saved search: lower(); assumes fold",
	platform.Conditional:     "saved search: count(eval(…)), and if() inside of other aggregates",
	platform.Distinct:        "saved search: dc(), which is exact",
	platform.Sums:            "saved search: sum(), avg(), stdev(); not avg and stdev in sliding windows, not over fields with several values",
	platform.Extremes:        "saved search: min(), max(); not in sliding windows",
	platform.Percentiles:     "saved search: values numbered in order by `sort` and `streamstats`, because median() and perc() estimate and round otherwise; assumes search-limits; not in sliding windows and sessions",
	platform.FirstLast:       "saved search: earliest(), latest(); assumes distinct-times; not in sliding windows and sessions",
	platform.ValueLists:      "saved search: values(); not in sliding windows",
	platform.Arithmetic:      "saved search: eval, inside of exact() where it would round",
	platform.FirstSeen:       "saved search over the whole history: the first event of each value by `stats min(_time)`; assumes search-limits",
	platform.FirstSeenWarmup: "saved search: the first event of each group by `eventstats`",
	platform.BaselineOwn:     "saved search: number of windows since the first one, sum and sum of squares by `stats`",
	platform.BaselineAll:     "saved search: the sums of all groups by `eventstats`; assumes search-limits",
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
