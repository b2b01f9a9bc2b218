package lucene

import (
	"errors"
	"fmt"
	"unicode/utf16"
)

// Flags choose the optional operators of a regular expression, and how its letters match.
type Flags uint16

// The optional operators, as the flags parameter of the regexp query names them.
const (
	// Intersection enables a&b: both fit.
	Intersection Flags = 1 << iota
	// Complement enables ~a: a does not fit. It binds tighter than a quantifier: ~ab is (~a)b.
	Complement
	// EmptyLanguage enables #, which nothing fits, not even the empty string.
	EmptyLanguage
	// AnyString enables @, which everything fits.
	AnyString
	// Interval enables <1-100>: a decimal number in the range, both ends included. Bounds with the same number of digits
	// ask for that number of digits; otherwise leading zeros are free.
	Interval
	// FoldASCII is case_insensitive: an ASCII letter that stands for itself, alone or in an enumerated class, fits both
	// its cases. Ranges such as [a-z] do not fold.
	FoldASCII
	// FoldUnicode folds letters beyond ASCII too (Lucene 10 with CASE_INSENSITIVE); k then fits U+212A as well.
	FoldUnicode
	// NoLengthLimit lifts index.max_regex_length, for callers that do not go through the regexp query.
	NoLengthLimit

	// None has no optional operators.
	None Flags = 0
	// All is Elasticsearch's default. Named automata (<name>) are never available there.
	All = Intersection | Complement | EmptyLanguage | AnyString | Interval
)

// MaxRegexpLength is the default of index.max_regex_length, counted in UTF-16 units as Elasticsearch does.
const MaxRegexpLength = 1000

// MaxStates is the default of max_determinized_states.
const MaxStates = 10000

// ErrTooLong says that a pattern is over [MaxRegexpLength].
var ErrTooLong = fmt.Errorf("the regular expression is longer than %d characters (index.max_regex_length)", MaxRegexpLength)

// ErrTooComplex says that a pattern needs more than [MaxStates] states.
var ErrTooComplex = fmt.Errorf("the regular expression needs more than %d states (max_determinized_states)", MaxStates)

// RegexpError is a fault in the text of a regular expression.
type RegexpError struct {
	// Offset is the byte offset of the fault in the pattern.
	Offset int
	// Msg states the fault, without a full stop.
	Msg string
}

// Error returns the message.
func (e *RegexpError) Error() string { return e.Msg }

// Regexp is a compiled regular expression; it may be used by many goroutines.
type Regexp struct {
	pattern string
	flags   Flags
	dfa     *automaton
}

// CompileRegexp parses a Lucene regular expression and determinizes it, as a regexp query does. The error is a
// [*RegexpError], [ErrTooLong] or [ErrTooComplex].
func CompileRegexp(pattern string, flags Flags) (*Regexp, error) {
	if flags&NoLengthLimit == 0 && utf16Len(pattern) > MaxRegexpLength {
		return nil, ErrTooLong
	}
	p := &regexpParser{text: pattern, flags: flags, b: newBuilder()}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	dfa, err := determinize(p.b, root)
	if err != nil {
		return nil, err
	}
	return &Regexp{pattern: pattern, flags: flags, dfa: dfa}, nil
}

// Pattern returns the text that the expression was compiled from.
func (r *Regexp) Pattern() string { return r.pattern }

// Match reports whether the whole of s fits the expression.
func (r *Regexp) Match(s string) bool { return r.dfa.match(s) }

// IsSyntaxError reports whether err is a fault in the pattern's text, and not one of its size.
func IsSyntaxError(err error) bool {
	var e *RegexpError
	return errors.As(err, &e)
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
