package syntax

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unprintable says that a value has no dependable spelling in the language.
type Unprintable struct {
	Value string
	Why   string
}

func (e *Unprintable) Error() string {
	return fmt.Sprintf("%q cannot be written in SECL: %s", e.Value, e.Why)
}

// Text makes "…". Texts with a backslash, a quotation mark, a control character, a character above U+FFFF or something that reads
// as a variable are refused; Exactly says the same as a regular expression.
func Text(v string) (*String, error) {
	if err := plain(v); err != nil {
		return nil, err
	}
	if strings.Contains(v, "${") || strings.Contains(v, "%{") {
		return nil, &Unprintable{v, "it reads as a variable"}
	}
	return &String{Raw: v}, nil
}

func plain(v string) error {
	switch {
	case !utf8.ValidString(v):
		return &Unprintable{v, "it is not valid UTF-8"}
	case strings.ContainsAny(v, `\"`):
		return &Unprintable{v, "agents differ on backslashes and quotation marks in texts"}
	case strings.ContainsFunc(v, unicode.IsControl):
		return &Unprintable{v, "it has a control character"}
	case strings.ContainsFunc(v, func(r rune) bool { return r > 0xFFFF }):
		return &Unprintable{v, "texts end at U+FFFF"}
	}
	return nil
}

// Glob makes ~"…": pieces with a star between each two. Glob("a", "b") is ~"a*b", Glob("", "x", "") is ~"*x*". Pieces with a star,
// and empty inner pieces, are refused.
func Glob(pieces ...string) (*Pattern, error) {
	for i, p := range pieces {
		if err := plain(p); err != nil {
			return nil, err
		}
		if strings.Contains(p, "*") || p == "" && i > 0 && i < len(pieces)-1 {
			return nil, &Unprintable{p, "a pattern has no spelling of a literal star, and ** means something else"}
		}
	}
	return &Pattern{Raw: strings.Join(pieces, "*")}, nil
}

// Below makes ~"dir/**": every path under a directory, which ends in a slash. Several pieces have a star between each two:
// Below("/", "/tmp/") is ~"/*/tmp/**".
func Below(pieces ...string) (*Pattern, error) {
	if len(pieces) == 0 || !strings.HasSuffix(pieces[len(pieces)-1], "/") {
		return nil, &Unprintable{strings.Join(pieces, "*"), "a directory ends in /"}
	}
	p, err := Glob(pieces...)
	if err != nil {
		return nil, err
	}
	p.Raw += "**"
	return p, nil
}

// RegularExpression makes r"…" from an expression in RE2 syntax: quotation marks, control characters and characters above U+FFFF
// are written as \x escapes, the rest as it is. \Q and \C are refused.
func RegularExpression(re string) (*Regexp, error) {
	if !utf8.ValidString(re) {
		return nil, &Unprintable{re, "it is not valid UTF-8"}
	}
	var b strings.Builder
	escaped := false
	for _, r := range re {
		needsHex := r == '"' || r > 0xFFFF || unicode.IsControl(r)
		switch {
		case escaped && (r == 'Q' || r == 'C'):
			return nil, &Unprintable{re, `\` + string(r) + " is not allowed"}
		case escaped && !needsHex:
			b.WriteByte('\\')
			b.WriteRune(r)
			escaped = false
		case !escaped && r == '\\':
			escaped = true
		case needsHex && r > 0xFF:
			fmt.Fprintf(&b, `\x{%x}`, r)
			escaped = false
		case needsHex:
			fmt.Fprintf(&b, `\x%02x`, r)
			escaped = false
		default:
			b.WriteRune(r)
		}
	}
	if escaped {
		return nil, &Unprintable{re, "it ends with a backslash"}
	}
	return &Regexp{Raw: b.String()}, nil
}

// QuoteRegexp writes a text so that a regular expression matches exactly it.
func QuoteRegexp(v string) string {
	var b strings.Builder
	for _, r := range v {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Exactly makes the regular expression that matches a whole text and no other: r"^…$". It reads back exactly for every valid text.
func Exactly(v string) (*Regexp, error) { return RegularExpression("^" + QuoteRegexp(v) + "$") }

// Field makes a field, constant or macro name, with a register or not.
func Field(name string) (*Ident, error) {
	field, _, _, ok := SplitRegister(name)
	if !ok || field == "" || !letter(field[0]) {
		return nil, &Unprintable{name, "it is no field name"}
	}
	for i := 0; i < len(field); i++ {
		if !letter(field[i]) && !digit(field[i]) && field[i] != '.' {
			return nil, &Unprintable{name, "it is no field name"}
		}
	}
	return &Ident{Name: name}, nil
}

// Integer makes a number.
func Integer(v int64) *Number { return &Number{Value: v} }

// Milliseconds makes a duration in its largest whole unit.
func Milliseconds(ms int64) (*Duration, error) {
	if ms < 0 {
		return nil, &Unprintable{fmt.Sprint(ms), "durations are not negative"}
	}
	v, unit := ms, "ms"
	for _, u := range []struct {
		name string
		by   int64
	}{{"s", 1000}, {"m", 60}, {"h", 60}} {
		if v == 0 || v%u.by != 0 {
			break
		}
		v, unit = v/u.by, u.name
	}
	if v > (1<<63-1)/nanos[unit] {
		return nil, &Unprintable{fmt.Sprint(ms), "the duration is too long"}
	}
	return &Duration{Text: fmt.Sprintf("%d%s", v, unit), Nanos: v * nanos[unit]}, nil
}

// Block makes an address block; host bits are cleared, and a bare address gets /32 or /128.
func Block(text string) (*Address, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err2 := netip.ParseAddr(text)
		if err2 != nil || a.Zone() != "" {
			return nil, &Unprintable{text, "it is no address block"}
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return &Address{Text: p.Masked().String()}, nil
}

// ListOf makes [a, b]; items are all texts, patterns and regular expressions, or all numbers, addresses or names.
func ListOf(items ...Expr) (*List, error) {
	if len(items) == 0 {
		return nil, &Unprintable{"[]", "an empty list does not parse"}
	}
	for _, i := range items {
		if g := groupOf(i); g == 0 || g != groupOf(items[0]) {
			return nil, &Unprintable{"[…]", "a list may not mix kinds of values"}
		}
	}
	return &List{Items: items}, nil
}

// All joins with &&; one item is itself, none is nil (the language has no constant condition that an agent would take).
func All(items ...Expr) Expr { return chain(And, items) }

// Any joins with ||.
func Any(items ...Expr) Expr { return chain(Or, items) }

// chain nests to the right, as the parser reads a chain; an item that is a chain of the same operator is taken in, and a nil
// item left out.
func chain(op LogicOp, items []Expr) Expr {
	var flat []Expr
	for _, x := range items {
		for {
			l, ok := x.(*Logic)
			if !ok || l.Op != op {
				break
			}
			flat, x = append(flat, l.X), l.Y
		}
		if x != nil {
			flat = append(flat, x)
		}
	}
	if len(flat) == 0 {
		return nil
	}
	x := flat[len(flat)-1]
	for i := len(flat) - 2; i >= 0; i-- {
		x = &Logic{Op: op, X: flat[i], Y: x}
	}
	return x
}

// Not makes !x; where x has an opposite of its own (!=, not in, the operand of another !) it makes that.
func Not(x Expr) Expr {
	switch x := x.(type) {
	case *Compare:
		if op, ok := opposite[x.Op]; ok {
			return &Compare{Op: op, X: x.X, Y: x.Y}
		}
	case *Member:
		switch x.Op {
		case In:
			return &Member{Op: NotIn, X: x.X, List: x.List}
		case NotIn:
			return &Member{Op: In, X: x.X, List: x.List}
		case AllIn:
		}
	case *Unary:
		if x.Op == '!' {
			return x.X
		}
	case *Address, *Arith, *Bits, *Duration, *FieldRef, *Ident, *List, *Logic, *Number, *Pattern, *Regexp, *String, *Variable:
	}
	return &Unary{Op: '!', X: x}
}

// opposite has the operators that are the negation of each other, on lists and bound list elements too.
var opposite = map[CompareOp]CompareOp{Equal: NotEqual, NotEqual: Equal, Matches: NotMatches, NotMatches: Matches}

// Truth makes the constant true or false, which stands beside a field only.
func Truth(v bool) Expr { return &Ident{Name: strconv.FormatBool(v)} }
