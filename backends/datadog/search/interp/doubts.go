package interp

import "github.com/onerule/onerule/backends/native"

// The switches: points that no vendor page settles, or where the open matcher in vectordotdev/vrl behaves otherwise than the
// vendor's page says. On is the page, or our belief where Default says so. See QUIRKS.md.
var (
	DoubtArrayAny = native.Doubt{
		Name: "datadog-array-any", Default: true,
		Doc: "a test on an array attribute is true when some element fits; off: the array is compared as one text (VRL)",
	}
	DoubtBraceRange = native.Doubt{
		Name: "datadog-brace-range", Default: true,
		Doc: "{a TO b} leaves its ends out; off: it matches nothing",
	}
	DoubtCIDR = native.Doubt{
		Name: "datadog-cidr", Default: true,
		Doc: "CIDR(@f, …) works where the query is used; off (detection rules are not listed): it matches nothing",
	}
	DoubtCompareText = native.Doubt{
		Name: "datadog-compare-text", Default: false,
		Doc: "a comparison or range on an attribute that is no number compares texts (VRL); off: it matches nothing",
	}
	DoubtCompareTagText = native.Doubt{
		Name: "datadog-compare-tag-text", Default: true,
		Doc: "a comparison or range on a tag, a reserved attribute or the message compares texts; off: it matches nothing",
	}
	DoubtEmptyStored = native.Doubt{
		Name: "datadog-empty-stored", Default: true,
		Doc: "an empty string is a value; off: it is the same as a missing attribute",
	}
	DoubtEscapedStar = native.Doubt{
		Name: "datadog-escaped-star", Default: true,
		Doc: "\\* beside a wildcard is a literal star; off: it is a wildcard, except in front of one trailing star (VRL)",
	}
	DoubtExistsWord = native.Doubt{
		Name: "datadog-exists-word", Default: true,
		Doc: "_exists_:f and _missing_:f test presence (documented for Observability Pipelines); off: they are tags of that name",
	}
	DoubtFreeTextFold = native.Doubt{
		Name: "datadog-freetext-fold", Default: true,
		Doc: "free text ignores case; off: it minds case (VRL)",
	}
	DoubtFreeTextTokens = native.Doubt{
		Name: "datadog-freetext-tokens", Default: true,
		Doc: "free text matches whole tokens, whatever separates them; off: it matches the text between word boundaries (VRL)",
	}
	DoubtFullText = native.Doubt{
		Name: "datadog-full-text", Default: true,
		Doc: "*:word works where the query is used; off (detection rules are not listed): it matches nothing",
	}
	DoubtNullMissing = native.Doubt{
		Name: "datadog-null-missing", Default: true,
		Doc: "null, [] and {} are missing; off: they exist, and null is the text null (VRL)",
	}
	DoubtNumberEqual = native.Doubt{
		Name: "datadog-number-equal", Default: true,
		Doc: "@n:7 fits the numbers 7, 7.0 and 70e-1; off: it compares the text of the number as stored (VRL)",
	}
	DoubtQuestionAny = native.Doubt{
		Name: "datadog-question-any", Default: true,
		Doc: "? stands for any one character; off: for one blank or special character, as the page says word for word",
	}
	DoubtQuestionWild = native.Doubt{
		Name: "datadog-question-wild", Default: true,
		Doc: "? is a wildcard; off: it is the character itself (VRL)",
	}
	DoubtQuotedEscape = native.Doubt{
		Name: "datadog-quoted-escape", Default: true,
		Doc: "inside double quotes a backslash takes the next character as it is; off: only \\\" is an escape",
	}
	DoubtReservedAttribute = native.Doubt{
		Name: "datadog-reserved-attribute", Default: true,
		Doc: "in an event without `attributes`, @service reads the top-level key service; off: reserved keys are no attributes",
	}
	DoubtStarNewline = native.Doubt{
		Name: "datadog-star-newline", Default: true,
		Doc: "* crosses line ends, and @f:* holds for a value with one; off: it does not (VRL)",
	}
	DoubtTagFold = native.Doubt{
		Name: "datadog-tag-fold", Default: false,
		Doc: "tags are stored in lower case and the query's tags are lowered too; off: they are compared as they are",
	}
)

// doubts is sorted by name.
var doubts = []native.Doubt{
	DoubtArrayAny, DoubtBraceRange, DoubtCIDR, DoubtCompareTagText, DoubtCompareText, DoubtEmptyStored, DoubtEscapedStar,
	DoubtExistsWord, DoubtFreeTextFold, DoubtFreeTextTokens, DoubtFullText, DoubtNullMissing, DoubtNumberEqual, DoubtQuestionAny,
	DoubtQuestionWild, DoubtQuotedEscape, DoubtReservedAttribute, DoubtStarNewline, DoubtTagFold,
}

// VRL returns the switch settings under which the interpreter answers as the open matcher of vectordotdev/vrl does.
func VRL() map[string]bool {
	return map[string]bool{
		DoubtArrayAny.Name:          false,
		DoubtCompareText.Name:       true,
		DoubtEscapedStar.Name:       false,
		DoubtFreeTextFold.Name:      false,
		DoubtFreeTextTokens.Name:    false,
		DoubtNullMissing.Name:       false,
		DoubtNumberEqual.Name:       false,
		DoubtQuestionWild.Name:      false,
		DoubtStarNewline.Name:       false,
		DoubtReservedAttribute.Name: true,
	}
}
