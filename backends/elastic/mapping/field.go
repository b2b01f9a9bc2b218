package mapping

import (
	"strings"
	"unicode"
)

// Family groups the types that queries treat alike.
type Family uint8

// The families.
const (
	// Object is a container: object, passthrough, nested.
	Object Family = iota
	// Keyword holds whole strings: keyword, constant_keyword, wildcard, version, the root and the keys of flattened.
	Keyword
	// Text holds analysed strings: text, match_only_text.
	Text
	// Whole holds long, integer, short, byte and unsigned_long.
	Whole
	// Real holds double, float, half_float and scaled_float.
	Real
	// Boolean holds true and false.
	Boolean
	// Date holds date and date_nanos.
	Date
	// IP holds addresses.
	IP
	// Opaque holds types that can be tested for existence only here: geo_point, binary, ranges and the like.
	Opaque
)

var families = map[string]Family{
	"object": Object, "nested": Object, "passthrough": Object,
	"keyword": Keyword, "constant_keyword": Keyword, "wildcard": Keyword, "version": Keyword, "flattened": Keyword,
	"counted_keyword": Keyword,
	"text":            Text, "match_only_text": Text,
	"long": Whole, "integer": Whole, "short": Whole, "byte": Whole, "unsigned_long": Whole,
	"double": Real, "float": Real, "half_float": Real, "scaled_float": Real,
	"boolean": Boolean, "date": Date, "date_nanos": Date, "ip": IP,
	"geo_point": Opaque, "geo_shape": Opaque, "point": Opaque, "shape": Opaque, "binary": Opaque, "histogram": Opaque,
	"dense_vector": Opaque, "sparse_vector": Opaque, "rank_feature": Opaque, "rank_features": Opaque, "completion": Opaque,
	"token_count": Whole, "search_as_you_type": Text, "semantic_text": Opaque, "aggregate_metric_double": Opaque,
	"integer_range": Opaque, "long_range": Opaque, "float_range": Opaque, "double_range": Opaque, "date_range": Opaque,
	"ip_range": Opaque,
}

// Field is one field of a mapping.
type Field struct {
	// Name is the full dotted name; Type the mapping type, in Elasticsearch's words.
	Name, Type string
	// Path is where the values stand in a document: the name itself, the parent of a multi-field, the root of a key of a
	// flattened field, the target of an alias.
	Path string
	// Nested is the path of the innermost nested object around the field, "" for none.
	Nested string
	// Inferred says that the field comes from documents and not from a mapping.
	Inferred bool

	family      Family
	multi       bool   // a multi-field
	key         string // the key below a flattened root
	ignoreAbove int    // -1 for no limit
	lowercase   bool   // normalizer lowercase
	analyzer    string
	formats     []string // date formats
	null        any      // null_value, nil for none
	factor      float64  // scaling_factor
	constant    string   // value of constant_keyword, "" for none
	coerce      bool
	hidden      bool // neither index nor doc_values: cannot be searched
}

// Family returns the family of the field's type.
func (f *Field) Family() Family { return f.family }

// IsLeaf reports whether the field holds values itself.
func (f *Field) IsLeaf() bool { return f.family != Object }

// IsMultiField reports whether the field is another view of its parent, such as process.name.text.
func (f *Field) IsMultiField() bool { return f.multi }

// IsFlattenedKey reports whether the field is a key of a flattened field.
func (f *Field) IsFlattenedKey() bool { return f.key != "" }

// Searchable reports whether queries may name the field: one with neither index nor doc_values is only stored.
func (f *Field) Searchable() bool { return !f.hidden }

// IgnoreAbove returns the length over which strings are not indexed, -1 for none.
func (f *Field) IgnoreAbove() int { return f.ignoreAbove }

// HasNormalizer reports whether strings are lower-cased, in documents and in queries.
func (f *Field) HasNormalizer() bool { return f.lowercase }

// Normalize applies the field's normalizer.
func (f *Field) Normalize(s string) string {
	if !f.lowercase {
		return s
	}
	return strings.Map(unicode.ToLower, s)
}

// NormalizePattern lower-cases a wildcard pattern where the field's normalizer or analyzer does so to values; escaped
// characters are left as they are.
func (f *Field) NormalizePattern(pattern string) string {
	if !f.lowercase && (f.family != Text || f.analyzer == "whitespace" || f.analyzer == "keyword") {
		return pattern
	}
	escaped := false
	return strings.Map(func(c rune) rune {
		if escaped {
			escaped = false
			return c
		}
		escaped = c == '\\'
		return unicode.ToLower(c)
	}, pattern)
}
