package pattern

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Node is a regular expression. Case folding is already written out as classes, so no node has flags.
//
// The members are [*Runes], [*Class], [*Concat], [*Alternate], [*Repeat], [*Begin] and [*End].
//
//sumtype:decl
type Node interface{ node() }

// Runes is a literal text of at least one code point.
type Runes struct{ Text string }

// Range is an inclusive range of code points.
type Range struct{ Lo, Hi rune }

// Class is one code point out of sorted, disjoint, non-adjacent ranges. An empty class fits nothing.
type Class struct{ Ranges []Range }

// Concat is one after the other. An empty Concat fits the empty text.
type Concat struct{ Xs []Node }

// Alternate is one of several.
type Alternate struct{ Xs []Node }

// Repeat is X from Min to Max times; Max -1 means without end. Laziness does not change whether a text fits, so it is not kept.
type Repeat struct {
	X        Node
	Min, Max int
}

// Begin is the start of the text.
type Begin struct{}

// End is the end of the text.
type End struct{}

func (*Runes) node()     {}
func (*Class) node()     {}
func (*Concat) node()    {}
func (*Alternate) node() {}
func (*Repeat) node()    {}
func (*Begin) node()     {}
func (*End) node()       {}

// AnyRune is any code point, newline included.
func AnyRune() *Class { return &Class{Ranges: []Range{{0, unicode.MaxRune}}} }

// Seq joins nodes, flattening and merging literals.
func Seq(xs ...Node) Node {
	out := make([]Node, 0, len(xs))
	for _, x := range xs {
		if c, ok := x.(*Concat); ok {
			out = append(out, c.Xs...)
			continue
		}
		if r, ok := x.(*Runes); ok && len(out) > 0 {
			if last, ok := out[len(out)-1].(*Runes); ok {
				out[len(out)-1] = &Runes{Text: last.Text + r.Text}
				continue
			}
		}
		out = append(out, x)
	}
	if len(out) == 1 {
		return out[0]
	}
	return &Concat{Xs: out}
}

// Text returns the nodes of a literal text; with fold, each code point with another case becomes the class of its variants.
func Text(s string, fold bool) []Node {
	if !fold {
		if s == "" {
			return nil
		}
		return []Node{&Runes{Text: s}}
	}
	var out []Node
	var plain strings.Builder // code points without another case
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, &Runes{Text: plain.String()})
			plain.Reset()
		}
	}
	for _, r := range s {
		if c := folded(r); c != nil {
			flush()
			out = append(out, c)
		} else {
			plain.WriteRune(r)
		}
	}
	flush()
	return out
}

// folded returns the class of the variants of a code point, nil when it has no other case.
func folded(r rune) *Class {
	if lower := Fold(r); r < 0x80 {
		if lower < 'a' || lower > 'z' {
			return nil
		}
		upper := lower - 'a' + 'A'
		return &Class{Ranges: []Range{{upper, upper}, {lower, lower}}}
	}
	vs := Variants(r)
	if len(vs) == 1 {
		return nil
	}
	ranges := make([]Range, len(vs))
	for i, v := range vs {
		ranges[i] = Range{v, v}
	}
	return &Class{Ranges: normalize(ranges)}
}

func normalize(rs []Range) []Range {
	slices.SortFunc(rs, func(a, b Range) int { return int(a.Lo) - int(b.Lo) })
	out := rs[:0]
	for _, r := range rs {
		if n := len(out); n > 0 && r.Lo <= out[n-1].Hi+1 {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// SyntaxError says what the language's regular expressions do not have, or what is wrong with the pattern.
type SyntaxError struct {
	Msg  string // in the user's words
	Help string
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Msg }

// maxLength is the longest regular expression in bytes.
const maxLength = 4096

// ParseRegexp parses a regular expression of the language: RE2 syntax without \C, \b, \B, (?m) and \p; \d \w \s are
// ASCII; . is any code point but newline unless (?s); (?i) folds as [Fold]. A pattern is at most 4,096 bytes long.
func ParseRegexp(s string) (Node, error) {
	if len(s) > maxLength {
		return nil, &SyntaxError{Msg: fmt.Sprintf("the regular expression is %d bytes long, the limit is %d", len(s), maxLength), Help: "split it into several conditions"}
	}
	if err := scanRegexp(s); err != nil {
		return nil, err
	}
	re, err := syntax.Parse(s, syntax.Perl&^syntax.UnicodeGroups)
	if err != nil {
		return nil, &SyntaxError{Msg: explainRegexpError(err), Help: "regular expressions follow RE2 (see grammar/spec.md, Regular expressions)"}
	}
	return convertRegexp(re)
}

// scanRegexp finds what the parser would accept but the language does not have.
func scanRegexp(s string) error {
	for i := 0; i+1 < len(s); i++ {
		switch {
		case s[i] == '\\':
			switch s[i+1] {
			case 'b', 'B':
				return &SyntaxError{Msg: "word boundaries (\\" + s[i+1:i+2] + ") are not part of the language", Help: `write the neighbours out, such as (^|[^0-9A-Za-z_])word([^0-9A-Za-z_]|$)`}
			case 'p', 'P':
				return &SyntaxError{Msg: "Unicode classes (\\" + s[i+1:i+2] + ") are not part of the language", Help: "write the ranges out"}
			case 'C':
				return &SyntaxError{Msg: `\C is not part of the language`, Help: "use (?s:.) for any code point"}
			case 'Q':
				return &SyntaxError{Msg: `\Q…\E is not part of the language`, Help: "escape each special character"}
			}
			i++
		case s[i] == '(' && s[i+1] == '?':
			for j := i + 2; j < len(s) && s[j] != ')' && s[j] != ':' && s[j] != '<' && s[j] != 'P'; j++ {
				if s[j] == 'm' {
					return &SyntaxError{Msg: "multi-line mode (?m) is not part of the language", Help: `write line edges out, such as (^|\n) and (\n|$)`}
				}
			}
			if i+2 < len(s) && (s[i+2] == '=' || s[i+2] == '!' || s[i+2] == '<' && i+3 < len(s) && (s[i+3] == '=' || s[i+3] == '!')) {
				return &SyntaxError{Msg: "look-around is not part of the language", Help: "use two conditions, one of them with `not`"}
			}
		}
	}
	return nil
}

func explainRegexpError(err error) string {
	var se *syntax.Error
	if errors.As(err, &se) {
		return fmt.Sprintf("the regular expression has a fault: %s: `%s`", se.Code, se.Expr)
	}
	return "the regular expression has a fault: " + err.Error()
}

func convertRegexp(re *syntax.Regexp) (Node, error) {
	fold := re.Flags&syntax.FoldCase != 0
	switch re.Op {
	case syntax.OpNoMatch:
		return &Class{}, nil
	case syntax.OpEmptyMatch:
		return &Concat{}, nil
	case syntax.OpLiteral:
		return Seq(Text(string(re.Rune), fold)...), nil
	case syntax.OpCharClass:
		return convertClass(re), nil
	case syntax.OpAnyCharNotNL:
		return &Class{Ranges: []Range{{0, '\n' - 1}, {'\n' + 1, unicode.MaxRune}}}, nil
	case syntax.OpAnyChar:
		return AnyRune(), nil
	case syntax.OpBeginText:
		return &Begin{}, nil
	case syntax.OpEndText:
		return &End{}, nil
	case syntax.OpBeginLine, syntax.OpEndLine:
		return nil, &SyntaxError{Msg: "multi-line mode (?m) is not part of the language"}
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return nil, &SyntaxError{Msg: `word boundaries (\b) are not part of the language`}
	case syntax.OpCapture:
		return convertRegexp(re.Sub[0])
	case syntax.OpStar:
		return convertRepeat(re, 0, -1)
	case syntax.OpPlus:
		return convertRepeat(re, 1, -1)
	case syntax.OpQuest:
		return convertRepeat(re, 0, 1)
	case syntax.OpRepeat:
		return convertRepeat(re, re.Min, re.Max)
	case syntax.OpConcat, syntax.OpAlternate:
		xs := make([]Node, len(re.Sub))
		for i, s := range re.Sub {
			x, err := convertRegexp(s)
			if err != nil {
				return nil, err
			}
			xs[i] = x
		}
		if re.Op == syntax.OpAlternate {
			return &Alternate{Xs: xs}, nil
		}
		return Seq(xs...), nil
	}
	return nil, &SyntaxError{Msg: fmt.Sprintf("the regular expression has a part that is not part of the language: %s", re)}
}

func convertRepeat(re *syntax.Regexp, lo, hi int) (Node, error) {
	x, err := convertRegexp(re.Sub[0])
	if err != nil {
		return nil, err
	}
	return &Repeat{X: x, Min: lo, Max: hi}, nil
}

// convertClass takes the ranges as parsed. The parser has already closed a folded class under Unicode folding, which
// adds U+212A and U+017F for k and s: a folded class loses the non-ASCII partners of its ASCII letters, unless they stand there by themselves.
func convertClass(re *syntax.Regexp) Node {
	c := &Class{}
	for i := 0; i+1 < len(re.Rune); i += 2 {
		c.Ranges = append(c.Ranges, Range{re.Rune[i], re.Rune[i+1]})
	}
	if re.Flags&syntax.FoldCase != 0 {
		c.Ranges = dropLone(c.Ranges, 'K', 0x212A)
		c.Ranges = dropLone(c.Ranges, 'S', 0x017F)
	}
	c.Ranges = normalize(c.Ranges)
	return c
}

// dropLone removes partner when it is a range of its own and the ASCII letter is in the class.
func dropLone(rs []Range, letter, partner rune) []Range {
	has := slices.ContainsFunc(rs, func(r Range) bool { return r.Lo <= letter && letter <= r.Hi })
	if !has {
		return rs
	}
	return slices.DeleteFunc(rs, func(r Range) bool { return r.Lo == partner && r.Hi == partner })
}

// MatchesEmpty reports whether the expression fits the empty text.
func MatchesEmpty(n Node) bool {
	switch n := n.(type) {
	case *Runes, *Class:
		return false
	case *Concat:
		for _, x := range n.Xs {
			if !MatchesEmpty(x) {
				return false
			}
		}
		return true
	case *Alternate:
		return slices.ContainsFunc(n.Xs, MatchesEmpty)
	case *Repeat:
		return n.Min == 0 || MatchesEmpty(n.X)
	case *Begin, *End:
		return true
	}
	return false
}

// Complement returns the code points that sorted, disjoint ranges leave out.
func Complement(rs []Range) []Range {
	var out []Range
	next := rune(0)
	for _, r := range rs {
		if r.Lo > next {
			out = append(out, Range{Lo: next, Hi: r.Lo - 1})
		}
		next = r.Hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, Range{Lo: next, Hi: unicode.MaxRune})
	}
	return out
}
