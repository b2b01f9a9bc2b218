package interp

import "github.com/onerule/onerule/backends/native"

// Doubts: behaviours that Microsoft's documentation leaves open. Sections are those of the project's Kusto reference.
var (
	doubtEmptyCounted  = native.Doubt{Name: "kusto-empty-string-counted", Default: true, Doc: "an empty string counts as a value in dcount, count_distinct, make_set and make_list"}
	doubtEmptyNeedle   = native.Doubt{Name: "kusto-empty-needle-matches", Default: true, Doc: "contains, startswith, endswith and has are true for an empty needle"}
	doubtHasEdges      = native.Doubt{Name: "kusto-has-separator-edges", Default: true, Doc: "a needle of has with separators in it must begin and end at term boundaries where its own edges are alphanumeric; off: it is found like contains"}
	doubtUniqueLast    = native.Doubt{Name: "kusto-innerunique-takes-last", Default: false, Doc: "innerunique keeps the last left row of a key; off: the first"}
	doubtIPv6TakesV4   = native.Doubt{Name: "kusto-ipv6-range-takes-ipv4", Default: true, Doc: "ipv6_is_in_range reads an IPv4 address as ::ffff:a.b.c.d; off: null"}
	doubtJSONDates     = native.Doubt{Name: "kusto-json-dates-typed", Default: false, Doc: "parse_json reads strings that look like dates as datetime values"}
	doubtDomainNull    = native.Doubt{Name: "kusto-math-domain-null", Default: true, Doc: "sqrt, log, asin and acos of a number outside of their domain are null; off: NaN"}
	doubtMixedByText   = native.Doubt{Name: "kusto-mixed-equality-by-text", Default: true, Doc: "== between a string and another type compares texts; off: it is false"}
	doubtMvApplyEmpty  = native.Doubt{Name: "kusto-mvapply-empty-summarizes", Default: false, Doc: "mv-apply over an empty array with summarize in its body gives a row"}
	doubtExpandScalar  = native.Doubt{Name: "kusto-mvexpand-scalar-row", Default: true, Doc: "mv-expand of a value that is neither array nor bag gives one row with it; off: no row"}
	doubtExpandConvert = native.Doubt{Name: "kusto-mvexpand-typeof-converts", Default: false, Doc: "mv-expand … to typeof(T) converts elements of another type; off: they become null"}
	doubtNullNull      = native.Doubt{Name: "kusto-null-equals-null-is-null", Default: true, Doc: "null == null and null != null are null (page null-values); off: false (page logical-operators)"}
	doubtNullGroup     = native.Doubt{Name: "kusto-null-groups", Default: true, Doc: "rows with a null key form a group of summarize; off: they are dropped"}
	doubtNullJoin      = native.Doubt{Name: "kusto-null-keys-join", Default: false, Doc: "null keys of join match each other"}
	doubtRegexUnicode  = native.Doubt{Name: "kusto-regex-unicode-classes", Default: true, Doc: `\d, \w and \s of regular expressions match beyond ASCII`}
	doubtSetHasNull    = native.Doubt{Name: "kusto-set-has-element-null", Default: true, Doc: "set_has_element of something that is no array is null; off: false"}
	doubtStdevSingle   = native.Doubt{Name: "kusto-stdev-of-one-is-zero", Default: true, Doc: "stdev and variance of one value are 0; off: NaN"}
	doubtTiesLast      = native.Doubt{Name: "kusto-ties-take-last", Default: false, Doc: "arg_max, arg_min, take_any and top keep the last of equal rows; off: the first"}
	doubtToLower       = native.Doubt{Name: "kusto-tolower-unicode", Default: true, Doc: "tolower and toupper change letters beyond ASCII"}
	doubtUnicodeFold   = native.Doubt{Name: "kusto-unicode-folding", Default: false, Doc: "=~, in~, contains, has and their kin ignore case beyond ASCII"}
	doubtUnicodeTerms  = native.Doubt{Name: "kusto-unicode-terms", Default: false, Doc: "letters and digits beyond ASCII belong to the terms of has; off: they separate terms"}
)

// doubts lists every switch by name.
var doubts = []native.Doubt{
	doubtEmptyNeedle, doubtEmptyCounted, doubtHasEdges, doubtUniqueLast, doubtIPv6TakesV4, doubtJSONDates, doubtDomainNull, doubtMixedByText,
	doubtMvApplyEmpty, doubtExpandScalar, doubtExpandConvert, doubtNullNull, doubtNullGroup, doubtNullJoin, doubtRegexUnicode,
	doubtSetHasNull, doubtStdevSingle, doubtTiesLast, doubtToLower, doubtUnicodeFold, doubtUnicodeTerms,
}
