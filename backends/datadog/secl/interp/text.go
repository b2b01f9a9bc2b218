package interp

import (
	"regexp"
	"strconv"
	"strings"
)

// literalKind tells the three spellings of a text apart.
type literalKind int

const (
	scalar  literalKind = iota // "…"
	wild                       // ~"…"
	regular                    // r"…"
)

// literal is a text written in the expression.
type literal struct {
	kind literalKind
	text string
}

// textMatcher tests one value; fold says that case is to be ignored.
type textMatcher func(c *context, value string, fold bool) bool

func sameText(a, b string, fold bool) bool {
	if fold {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// matcher makes the test of a value against a literal. glob says that a pattern is a path glob.
func (s settings) matcher(l literal, glob bool) (textMatcher, error) {
	switch l.kind {
	case scalar:
		return func(_ *context, v string, fold bool) bool { return sameText(v, l.text, fold) }, nil
	case regular:
		re, err := regexp.Compile(l.text)
		if err != nil {
			return nil, err
		}
		folded, err := regexp.Compile("(?i)" + l.text)
		if err != nil {
			return nil, err
		}
		return func(c *context, v string, fold bool) bool {
			c.spend(len(v))
			if fold {
				return folded.MatchString(v)
			}
			return re.MatchString(v)
		}, nil
	case wild:
		if glob && strings.Contains(l.text, "*") {
			return s.globMatcher(l.text), nil
		}
		return func(c *context, v string, fold bool) bool {
			c.spend(len(v))
			ok := s.pattern(l.text, v, fold)
			if ok && !pieceByPiece(l.text, v, fold, true) {
				c.warn("later agents do not match the pattern " + strconv.Quote(l.text) + " on " + strconv.Quote(v) +
					": they take each piece at its first place; write a regular expression")
			}
			return ok
		}, nil
	}
	panic("a kind of text has no meaning here")
}

// pattern matches a text with stars against a whole value.
func (s settings) pattern(p, v string, fold bool) bool {
	switch {
	case !s.newline.On() && strings.Contains(v, "\n") && !strings.Contains(p, "\n") && strings.Contains(p, "*"):
		return false
	case !s.anchored.On():
		return pieceByPiece(p, v, fold, false)
	case !s.backtrack.On():
		return pieceByPiece(p, v, fold, true)
	}
	return starMatch(p, v, fold)
}

// starMatch matches pieces between stars: the first at the start, the last at the end, the others in order between them.
func starMatch(p, v string, fold bool) bool {
	if fold {
		p, v = strings.ToLower(p), strings.ToLower(v)
	}
	pieces := strings.Split(p, "*")
	if len(pieces) == 1 {
		return p == v
	}
	v, ok := strings.CutPrefix(v, pieces[0])
	last := pieces[len(pieces)-1]
	if !ok {
		return false
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		i := strings.Index(v, piece)
		if i < 0 {
			return false
		}
		v = v[i+len(piece):]
	}
	return strings.HasSuffix(v, last)
}

// pieceByPiece is the walk of newer agents: every piece, also the last, at its first place. anchored says that nothing may follow
// a last piece that no star stands behind.
func pieceByPiece(p, v string, fold, anchored bool) bool {
	if fold {
		p, v = strings.ToLower(p), strings.ToLower(v)
	}
	pieces := strings.Split(p, "*")
	v, ok := strings.CutPrefix(v, pieces[0])
	if !ok {
		return false
	}
	for _, piece := range pieces[1:] {
		i := strings.Index(v, piece)
		if i < 0 {
			return false
		}
		v = v[i+len(piece):]
	}
	return !anchored || v == "" || pieces[len(pieces)-1] == "" && len(pieces) > 1
}

// globMatcher matches a path element by element: * stays inside an element, ** stands for any number of them.
func (s settings) globMatcher(glob string) textMatcher {
	elements := strings.Split(glob, "/")
	deep := -1
	for i, e := range elements {
		switch {
		case e == "**":
			deep = i
		case strings.Contains(e, "**"):
			if !s.globInner.On() {
				return never
			}
			elements[i] = strings.ReplaceAll(e, "**", "*")
		}
	}
	if deep >= 0 && deep != len(elements)-1 && !s.globInner.On() {
		return never
	}
	return func(c *context, path string, fold bool) bool {
		c.spend(len(path))
		if path == "" {
			return false
		}
		if deep < 0 {
			return s.globPrefix(elements, path, fold)
		}
		return s.globPrefix(elements[:deep+1], path, fold) && s.globSuffix(elements[deep:], path, fold)
	}
}

func never(*context, string, bool) bool { return false }

// globPrefix matches elements from the front; a last ** takes whatever follows. A glob that begins with */ is one that begins
// with /*/.
func (s settings) globPrefix(elements []string, path string, fold bool) bool {
	if elements[0] == "*" {
		path = path[1:]
	}
	names := strings.Split(path, "/")
	for i, name := range names {
		last := i == len(names)-1
		e := elements[i]
		if e == "**" {
			return s.globInner.On() || !last || name != ""
		}
		if last {
			return (name == "" && e == "*" || s.pattern(e, name, fold)) && i+1 == len(elements)
		}
		if !s.pattern(e, name, fold) || i+1 == len(elements) {
			return false
		}
	}
	return false
}

// globSuffix matches the elements behind ** from the back. Front and back may share elements of the path, as in the agent.
func (s settings) globSuffix(elements []string, path string, fold bool) bool {
	names := strings.Split(path, "/")
	for i := len(elements) - 1; i > 0; i-- {
		n := len(names) - (len(elements) - i)
		if n < 0 || !s.pattern(elements[i], names[n], fold) {
			return false
		}
	}
	return true
}
