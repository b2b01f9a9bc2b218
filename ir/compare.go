package ir

import (
	"cmp"
	"strings"

	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Compare compares two values of comparable types by an operator whose right side is a plain value (not a glob, regular
// expression or block, which [Matcher] handles). Text is folded unless cased.
func Compare(op Op, cased bool, l, r schema.Value) bool {
	if l.Type().IsString() && r.Type().IsString() {
		return compareText(op, cased, l.Str(), r.Str())
	}
	c, ok := order(l, r)
	if !ok {
		return op == Eq && l == r
	}
	switch op {
	case Eq:
		return c == 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	case Contains, StartsWith, EndsWith, Like, Matches, InCIDR:
	}
	return false
}

func compareText(op Op, cased bool, a, b string) bool {
	if !cased {
		a, b = pattern.FoldString(a), pattern.FoldString(b)
	}
	switch op {
	case Eq:
		return a == b
	case Contains:
		return strings.Contains(a, b)
	case StartsWith:
		return strings.HasPrefix(a, b)
	case EndsWith:
		return strings.HasSuffix(a, b)
	case Like, Matches, InCIDR, Lt, Le, Gt, Ge:
	}
	return false
}

// order compares two numbers or two dates.
func order(l, r schema.Value) (int, bool) {
	switch {
	case l.Type() == schema.Long && r.Type() == schema.Long:
		return cmp.Compare(l.Int64(), r.Int64()), true
	case l.Type().IsNumber() && r.Type().IsNumber():
		return cmp.Compare(l.Float64(), r.Float64()), true
	case l.Type() == schema.Date && r.Type() == schema.Date:
		return cmp.Compare(l.Millis(), r.Millis()), true
	}
	return 0, false
}

// Matcher returns a function that says whether a value stands in relation to one of the literals of a comparison. It
// fails when a literal is no glob, regular expression or block.
func Matcher(op Op, cased bool, literals []schema.Value) (func(schema.Value) bool, error) {
	tests := make([]func(schema.Value) bool, 0, len(literals))
	for _, lit := range literals {
		switch op {
		case Like, Matches:
			n, err := pattern.ParseRegexp(lit.Str())
			if op == Like {
				n, err = pattern.ParseGlob(lit.Str()).Regexp(!cased), nil
			}
			if err != nil {
				return nil, err
			}
			re, err := pattern.Compile(n)
			if err != nil {
				return nil, err
			}
			tests = append(tests, func(v schema.Value) bool { return re.MatchString(v.Str()) })
		case InCIDR:
			block, err := ParseCIDR(lit.Str())
			if err != nil {
				return nil, err
			}
			tests = append(tests, func(v schema.Value) bool { return block.Contains(v.Addr()) })
		case Eq, Contains, StartsWith, EndsWith, Lt, Le, Gt, Ge:
			tests = append(tests, func(v schema.Value) bool { return Compare(op, cased, v, lit) })
		}
	}
	return func(v schema.Value) bool {
		for _, t := range tests {
			if t(v) {
				return true
			}
		}
		return false
	}, nil
}
