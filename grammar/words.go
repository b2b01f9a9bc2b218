package grammar

//go:generate go run github.com/onerule/onerule/internal/gen/words

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
