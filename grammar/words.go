package grammar

// WordKind says where an operator word stands.
type WordKind string

// The kinds of operator words.
const (
	Infix      WordKind = "infix"      // between two operands: x == y
	Prefix     WordKind = "prefix"     // before a field or a text: exists f
	Quantifier WordKind = "quantifier" // any x in f: body
)

// Word is one operator of the language as it is spelled.
type Word struct {
	Text string
	Kind WordKind
}

// Words lists the operators of the language. Functions and aggregates are calls and need no row.
var Words = []Word{
	{"==", Infix},
	{"!=", Infix},
	{"in", Infix},
	{"not in", Infix},
	{"contains", Infix},
	{"starts_with", Infix},
	{"ends_with", Infix},
	{"like", Infix},
	{"matches", Infix},
	{"in_cidr", Infix},
	{"<", Infix},
	{"<=", Infix},
	{">", Infix},
	{">=", Infix},
	{"exists", Prefix},
	{"empty", Prefix},
	{"keyword", Prefix},
	{"any", Quantifier},
	{"all", Quantifier},
	{"none", Quantifier},
}
