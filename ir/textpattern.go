package ir

import "github.com/onerule/onerule/ir/pattern"

// TextPattern returns the regular expression, searched anywhere, that says the same as a text operator.
func TextPattern(op Op, cased bool, v string) (pattern.Node, bool) {
	text := pattern.Text(v, !cased)
	switch op {
	case Eq:
		return pattern.Seq(append(append([]pattern.Node{&pattern.Begin{}}, text...), &pattern.End{})...), true
	case Contains:
		return pattern.Seq(text...), true
	case StartsWith:
		return pattern.Seq(append([]pattern.Node{&pattern.Begin{}}, text...)...), true
	case EndsWith:
		return pattern.Seq(append(text, &pattern.End{})...), true
	case Like:
		return pattern.ParseGlob(v).Regexp(!cased), true
	case Matches:
		n, err := pattern.ParseRegexp(v)
		return n, err == nil
	case InCIDR, Lt, Le, Gt, Ge:
	}
	return nil, false
}
