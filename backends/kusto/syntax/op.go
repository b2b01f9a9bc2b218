package syntax

// Op is an operator between two operands, or between an operand and a list.
type Op uint8

// The operators, loosest first.
const (
	NoOp Op = iota
	Or
	And
	Eq
	Ne
	In
	NotIn
	InFold
	NotInFold
	HasAny
	HasAll
	Lt
	Gt
	Le
	Ge
	Add
	Sub
	Mul
	Div
	Mod
	EqFold
	NeFold
	Has
	NotHas
	HasCS
	NotHasCS
	HasPrefix
	NotHasPrefix
	HasPrefixCS
	NotHasPrefixCS
	HasSuffix
	NotHasSuffix
	HasSuffixCS
	NotHasSuffixCS
	Contains
	NotContains
	ContainsCS
	NotContainsCS
	StartsWith
	NotStartsWith
	StartsWithCS
	NotStartsWithCS
	EndsWith
	NotEndsWith
	EndsWithCS
	NotEndsWithCS
	MatchesRegex
	Colon // column:"text", in search only
)

// Precedences, loosest first. The grammar's levels equality, relational and string do not chain.
const (
	precLowest = iota
	precOr
	precAnd
	precEquality
	precRelational
	precAdditive
	precMultiplicative
	precString
	precUnary
	precPostfix
)

type opRow struct {
	text string
	prec int
	list bool
}

// opRows is the one table of operator spellings and precedences (grammar/Kql.g4, rules logicalOrExpression to
// stringBinaryOperatorExpression).
var opRows = [...]opRow{
	NoOp: {"", precLowest, false},
	Or:   {"or", precOr, false}, And: {"and", precAnd, false},
	Eq: {"==", precEquality, false}, Ne: {"!=", precEquality, false},
	In: {"in", precEquality, true}, NotIn: {"!in", precEquality, true},
	InFold: {"in~", precEquality, true}, NotInFold: {"!in~", precEquality, true},
	HasAny: {"has_any", precEquality, true}, HasAll: {"has_all", precEquality, true},
	Lt: {"<", precRelational, false}, Gt: {">", precRelational, false},
	Le: {"<=", precRelational, false}, Ge: {">=", precRelational, false},
	Add: {"+", precAdditive, false}, Sub: {"-", precAdditive, false},
	Mul: {"*", precMultiplicative, false}, Div: {"/", precMultiplicative, false}, Mod: {"%", precMultiplicative, false},
	EqFold: {"=~", precString, false}, NeFold: {"!~", precString, false},
	Has: {"has", precString, false}, NotHas: {"!has", precString, false},
	HasCS: {"has_cs", precString, false}, NotHasCS: {"!has_cs", precString, false},
	HasPrefix: {"hasprefix", precString, false}, NotHasPrefix: {"!hasprefix", precString, false},
	HasPrefixCS: {"hasprefix_cs", precString, false}, NotHasPrefixCS: {"!hasprefix_cs", precString, false},
	HasSuffix: {"hassuffix", precString, false}, NotHasSuffix: {"!hassuffix", precString, false},
	HasSuffixCS: {"hassuffix_cs", precString, false}, NotHasSuffixCS: {"!hassuffix_cs", precString, false},
	Contains: {"contains", precString, false}, NotContains: {"!contains", precString, false},
	ContainsCS: {"contains_cs", precString, false}, NotContainsCS: {"!contains_cs", precString, false},
	StartsWith: {"startswith", precString, false}, NotStartsWith: {"!startswith", precString, false},
	StartsWithCS: {"startswith_cs", precString, false}, NotStartsWithCS: {"!startswith_cs", precString, false},
	EndsWith: {"endswith", precString, false}, NotEndsWith: {"!endswith", precString, false},
	EndsWithCS: {"endswith_cs", precString, false}, NotEndsWithCS: {"!endswith_cs", precString, false},
	MatchesRegex: {"matches regex", precString, false},
	Colon:        {":", precString, false},
}

// String is the operator as written.
func (o Op) String() string { return opRows[o].text }

// IsList reports whether the right side of the operator is a parenthesised list.
func (o Op) IsList() bool { return opRows[o].list }

// opByText finds operators by spelling; the aliases are those of the grammar.
var opByText = func() map[string]Op {
	m := map[string]Op{"<>": Ne, "containscs": ContainsCS, "notcontains": NotContains, "notcontainscs": NotContainsCS}
	for o, r := range opRows {
		if r.text != "" {
			m[r.text] = Op(o)
		}
	}
	return m
}()

// chains reports whether operators of a level may follow one another without parentheses.
func chains(prec int) bool {
	return prec == precOr || prec == precAnd || prec == precAdditive || prec == precMultiplicative
}
