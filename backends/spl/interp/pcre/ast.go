package pcre

// node is a parsed expression. Its members are the types below.
//
//sumtype:decl
type node interface{ node() }

// char is one character; fold ignores its case.
type char struct {
	r    rune
	fold bool
}

// class is a set of characters.
type class struct {
	set    []span
	negate bool
	fold   bool
}

// span is an inclusive range.
type span struct{ lo, hi rune }

// concat is a sequence, alternate a choice.
type (
	concat    struct{ items []node }
	alternate struct{ items []node }
)

// group captures as number n; 0 does not capture.
type group struct {
	n int
	x node
}

// repeat repeats x; max -1 is without end.
type repeat struct {
	x                node
	min, max         int
	lazy, possessive bool
}

// assertKind is a place that consumes nothing.
type assertKind int

const (
	textStart   assertKind = iota // \A, ^
	lineStart                     // ^ with (?m)
	textEnd                       // \z
	textEndLine                   // $, \Z: the end, or before the last newline
	lineEnd                       // $ with (?m)
	wordEdge                      // \b
	noWordEdge                    // \B
	matchStart                    // \G
)

type assert struct{ kind assertKind }

// look is look-around.
type look struct {
	x              node
	behind, negate bool
}

// atomic is (?>x).
type atomic struct{ x node }

// backref is a back-reference.
type backref struct {
	n    int
	fold bool
}

// keep is \K.
type keep struct{}

func (char) node()      {}
func (class) node()     {}
func (concat) node()    {}
func (alternate) node() {}
func (group) node()     {}
func (repeat) node()    {}
func (assert) node()    {}
func (look) node()      {}
func (atomic) node()    {}
func (backref) node()   {}
func (keep) node()      {}

// fixedLen returns the number of characters that x takes, if that is always the same.
func fixedLen(x node) (int, bool) {
	switch x := x.(type) {
	case char, class:
		return 1, true
	case assert, look, keep:
		return 0, true
	case group:
		return fixedLen(x.x)
	case atomic:
		return fixedLen(x.x)
	case concat:
		total := 0
		for _, item := range x.items {
			n, ok := fixedLen(item)
			if !ok {
				return 0, false
			}
			total += n
		}
		return total, true
	case alternate:
		first, ok := fixedLen(x.items[0])
		for _, item := range x.items[1:] {
			n, same := fixedLen(item)
			ok = ok && same && n == first
		}
		return first, ok
	case repeat:
		n, ok := fixedLen(x.x)
		return n * x.min, ok && x.min == x.max
	case backref, *backrefNode:
	}
	return 0, false
}
