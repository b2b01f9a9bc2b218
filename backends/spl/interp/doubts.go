package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/native"
)

// doubt is an index into doubts.
type doubt int

// The doubts. The numbers U1… are those of the open questions in the reference.
const (
	mvNotEqual doubt = iota
	threeValued
	anyValue
	emptyIsValue
	numericText
	textOrder
	stdevOneIsZero
	emptyStatsRow
	windowClosed
	windowByGroup
	resetAll
	cidrTextFalse
	unicodeFold
	pcreUTF
	dotAll
	controlEscapes
	likeEscape
	loneBackslash
	renameClears
	countValues
	eventstatsNullBy
	regexNotMissing
	emptySubsearchNone
	singleQuotes
	precision
	latestExclusive
	concatNull
	jsonNullText
	maxTextAbove
	minMaxText
	innerWildcard
	fillnullCreates
	lookupClears
	endOpens
	splitByField
	numDoubts
)

var doubts = [numDoubts]native.Doubt{
	mvNotEqual:         {Name: "spl-mv-not-equal", Default: true, Doc: "U1: `search f!=v` on several values is true when any value differs; off: when none equals"},
	threeValued:        {Name: "spl-three-valued", Default: true, Doc: "U2, U3: in eval and where NOT, AND and OR over null follow three-valued logic; off: null counts as false, so NOT null is true"},
	anyValue:           {Name: "spl-eval-any-value", Default: true, Doc: "U4: a multivalue operand of a comparison, like, match or cidrmatch in eval is tested value by value, and text functions map over it; off: its first value stands for it"},
	emptyIsValue:       {Name: "spl-empty-is-value", Default: true, Doc: "U5: in search an empty string is a value: f=* and f=\"\" are true on it; off: it counts as missing"},
	numericText:        {Name: "spl-numeric-text", Default: true, Doc: "U6: in eval two fields whose texts look like numbers compare as numbers; off: as texts"},
	textOrder:          {Name: "spl-text-order", Default: true, Doc: "U7: in eval < <= > >= between a number and other text compare as texts; off: are null"},
	stdevOneIsZero:     {Name: "spl-stdev-one-zero", Default: true, Doc: "U8: stdev and var of one value are 0; off: null"},
	emptyStatsRow:      {Name: "spl-empty-stats-row", Default: true, Doc: "U8: stats without BY over no rows gives one row; off: none"},
	windowClosed:       {Name: "spl-time-window-closed", Default: true, Doc: "U9: streamstats time_window=T takes rows at distance T; off: only below T"},
	windowByGroup:      {Name: "spl-time-window-by-group", Default: true, Doc: "U9: streamstats time_window aggregates each BY group by itself; off: it aggregates all rows of the window whatever their group"},
	resetAll:           {Name: "spl-reset-all-groups", Default: true, Doc: "U10: reset_before, reset_after and reset_on_change of streamstats clear every group; off: the row's group"},
	cidrTextFalse:      {Name: "spl-cidr-text-false", Default: true, Doc: "U12: cidrmatch on text that is no address is false; off: null"},
	unicodeFold:        {Name: "spl-unicode-fold", Default: true, Doc: "U13: search, lower and upper ignore or change case beyond ASCII; off: ASCII letters alone"},
	pcreUTF:            {Name: "spl-pcre-utf", Default: true, Doc: "U13: regular expressions match characters and (?i) folds beyond ASCII; off: bytes, ASCII"},
	dotAll:             {Name: "spl-dot-all", Default: false, Doc: "U14: `.` in match, rex, regex and replace fits a newline; off: as PCRE's default, not"},
	controlEscapes:     {Name: "spl-control-escapes", Default: true, Doc: "U15: \\n, \\r and \\t in an eval string are control characters; off: they stay two characters"},
	likeEscape:         {Name: "spl-like-escape", Default: false, Doc: "U16: in like a backslash before % or _ makes it literal; off: the backslash is itself"},
	loneBackslash:      {Name: "spl-lone-backslash", Default: true, Doc: "U17: in search a single backslash before * is a backslash and a wildcard; off: the backslash vanishes"},
	renameClears:       {Name: "spl-rename-clears", Default: true, Doc: "U19: rename of a missing field removes the field of the new name; off: that field stays"},
	countValues:        {Name: "spl-count-values", Default: true, Doc: "U21: count(f) and dc(f) count each value of a multivalue field; off: the row once"},
	eventstatsNullBy:   {Name: "spl-eventstats-null-by", Default: true, Doc: "U22: eventstats leaves rows without a BY field as they are; off: removes them"},
	regexNotMissing:    {Name: "spl-regex-not-missing", Default: true, Doc: "U24: `regex f!=re` keeps rows without f; off: drops them"},
	emptySubsearchNone: {Name: "spl-empty-subsearch-none", Default: true, Doc: "U26: a subsearch without results fits nothing as a filter; off: everything"},
	singleQuotes:       {Name: "spl-search-single-quotes", Default: true, Doc: "U27: in search single quotes round a value are part of it; off: they quote"},
	precision:          {Name: "spl-arithmetic-precision", Default: true, Doc: "U28: eval rounds products and quotients to the significant digits of the operand that has fewest, whole numbers being exact, but not left of the point (exact() turns it off); off: no rounding"},
	latestExclusive:    {Name: "spl-latest-exclusive", Default: true, Doc: "`latest=` excludes its instant; off: includes it"},
	concatNull:         {Name: "spl-concat-null", Default: true, Doc: "`.` and + with null are null; off: null is the empty text"},
	jsonNullText:       {Name: "spl-json-null-text", Default: true, Doc: "a JSON null is extracted as the text null; off: the field is missing"},
	maxTextAbove:       {Name: "spl-max-text-above", Default: true, Doc: "max and min of eval rank text above numbers; off: below"},
	minMaxText:         {Name: "spl-minmax-text", Default: true, Doc: "the aggregates min, max and range compare as texts when some value is no number; off: they skip such values"},
	innerWildcard:      {Name: "spl-inner-wildcard", Default: true, Doc: "in search an inner * beside punctuation fits like any other; off: it does not fit"},
	lookupClears:       {Name: "spl-lookup-clears", Default: true, Doc: "lookup with OUTPUT and no match removes the output fields from the event; off: they stay"},
	endOpens:           {Name: "spl-transaction-end-opens", Default: true, Doc: "with endswith, transaction takes no events behind the last one that fits it (they are orphans); off: they open a transaction, which lacks its end and is evicted"},
	splitByField:       {Name: "spl-split-by-field", Default: true, Doc: "U25: split takes any text for its delimiter, that of a field too; off: a constant, and else the text stays whole"},
	fillnullCreates:    {Name: "spl-fillnull-creates", Default: true, Doc: "fillnull with a field list creates a field that no row has; off: not"},
}

// switches is the state of every doubt in one run.
type switches [numDoubts]native.Switch

func resolve(in native.Input) switches {
	var s switches
	for i, d := range doubts {
		s[i] = in.Switch(d)
	}
	return s
}

func sortedDoubts() []native.Doubt {
	list := slices.Clone(doubts[:])
	slices.SortFunc(list, func(a, b native.Doubt) int { return strings.Compare(a.Name, b.Name) })
	return list
}
