package syntax

import "strings"

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// reserved holds the words that Microsoft's parser does not take as a bare name in some place (found by running it), and the
// words that close a clause. They are printed as ['word']; bare ones are read wherever there is no doubt.
var reserved = words(`
	and or in between by asc desc has has_cs has_any has_all hasprefix hasprefix_cs hassuffix hassuffix_cs
	contains contains_cs containscs notcontains notcontainscs startswith startswith_cs endswith endswith_cs
	like likecs notlike notlikecs true false True False TRUE FALSE
	bool boolean int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 long ulong byte char float real double decimal
	string datetime date timespan time guid uuid uniqueid dynamic typeof
	accumulate as datatable externaldata external_data find first invoke last limit materialize of print project sample
	search set title to toscalar totable union where kind withsource with_source
	anomalychart areachart bagexpansion barchart bin_legacy card columnchart datascope decodeblocks expandoutput flags
	hotcache isfuzzy ladderchart linechart nooptimization others piechart pivotchart relaxed scatterchart simple
	stackedareachart timechart timeline timepivot treemap with_itemindex with_match_id with_step_name
	let from on step with nulls default matches range declare evaluate
	cachingpolicy callout cancel cycles dataexport earliest encodingpolicy extent_tags_retention force_remote harddelete hardretention
	journal latest mdm missing pathformat queries query_results restricted_view_access row_level_security rowstore rowstore_references
	rowstore_sealinfo rowstorepolicy rowstores seal seals shards softdelete softretention sql statistics tablepurge unrestrictedviewers
	verbose viewers views writeaheadlog`)

// notOperands holds the words that cannot begin an operand: they are operators or close a clause.
var notOperands = words(`
	and or in in~ between has has_cs has_any has_all hasprefix hasprefix_cs hassuffix hassuffix_cs
	contains contains_cs containscs notcontains notcontainscs startswith startswith_cs endswith endswith_cs
	like likecs notlike notlikecs matches by asc desc`)
