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
	platform.Sequence:        "saved search: the latest start of a chain is carried from step to step by `streamstats current=f max()`, rows of one time in falling order of their steps; assumes search-limits, and distinct-times where values of steps are shown",
	platform.SequenceRepeat:  "saved search: `streamstats window=n global=f` over the events of the step; at most 10,000",
	platform.SequenceUntil:   "saved search: the latest event of `until`, by `streamstats`, lies before the start of the chain",
	platform.SequenceEnd:     "saved search: a second row for the first step at the end of its span (mvexpand), which sees what came up to there",
	platform.SequenceBetween: "saved search: the latest event that must be missing lies before the step before; refused together with a missing step at the end, and around steps that are compared but do not follow each other",
	platform.SequenceKeys:    "saved search: the key by case() over the steps; a row for each step that an event takes (mvexpand) where one may take several",
	platform.SequenceTables:  "saved search: OR of the base searches",
	platform.SequenceCross:   "saved search: `==` by a further BY field, `!=` by the latest two values that differ; of texts, addresses, numbers and booleans with one value, all steps by `==`, one step with an earlier one, or some steps of a together rule by `==`; `<`, several pairs of steps, and a repeated step compared with an earlier one are refused",
	platform.Together:        "saved search: the latest events of each step at each event by `streamstats`; where an event may take one of several steps, of each choice of them (4 at most)",
	platform.TogetherVoid:    "saved search: until as in a sequence; missing by a second row for each event at the end of its span, refused where an event may take one of several steps",
	platform.Absence:         "saved search: `stats count` of the windows that ended since the run before, and a row with 0 for each expected value by `append [| makeresults …]`; assumes grace and search-limits",
}
