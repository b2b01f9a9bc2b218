package interp

import (
	"errors"
	"regexp"
	resyntax "regexp/syntax"
	"strings"

	"github.com/onerule/onerule/diag"
)

// maxGroups is the number of capture groups that matches regex takes (matches-regex-operator).
const maxGroups = 16

// compileRegex compiles an expression of Kusto's dialect (page regex): no look-around, no back-references, \d \w \s beyond ASCII
// unless the doubt says otherwise, \u and \U escapes.
func (x *exec) compileRegex(pattern string) (*regexp.Regexp, error) {
	unicodeClasses := x.in.On(doubtRegexUnicode)
	id := "a" + pattern
	if unicodeClasses {
		id = "u" + pattern
	}
	x.re.mu.Lock()
	defer x.re.mu.Unlock()
	if e, ok := x.re.m[id]; ok {
		return e.re, e.err
	}
	re, err := translateRegex(pattern, unicodeClasses)
	x.re.m[id] = regexEntry{re, err}
	return re, err
}

// regex compiles while the query runs: a fault ends it.
func (x *exec) regex(pattern string, at diag.Span) *regexp.Regexp {
	re, err := x.compileRegex(pattern)
	if err != nil {
		x.fail(diag.KustoRun, at, "the regular expression is not valid: "+err.Error(), regexHelp)
	}
	return re
}

const regexHelp = "the engine has no look-around and no back-references; a literal backslash needs @\"…\" or two backslashes"

// regex compiles a constant expression while binding.
func (b *binder) regex(pattern string, at diag.Span) (*regexp.Regexp, bool) {
	re, err := b.x.compileRegex(pattern)
	if err != nil {
		b.run(at, "the regular expression is not valid: "+err.Error(), regexHelp)
		return nil, false
	}
	return re, true
}

// translateRegex rewrites the parts of the dialect that Go's engine reads otherwise, and compiles the rest as it is.
func translateRegex(pattern string, unicodeClasses bool) (*regexp.Regexp, error) {
	t := regexTranslator{src: pattern, unicode: unicodeClasses}
	if err := t.run(); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(t.out.String())
	if err != nil {
		return nil, explainRegex(err)
	}
	if re.NumSubexp() > maxGroups {
		return nil, errors.New("it has more than 16 groups")
	}
	return re, nil
}

// explainRegex puts the compiler's message into the user's words.
func explainRegex(err error) error {
	var e *resyntax.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case strings.HasPrefix(e.Expr, "(?=") || strings.HasPrefix(e.Expr, "(?!") || strings.HasPrefix(e.Expr, "(?<"):
		return errors.New("look-around `" + e.Expr + "` is not supported")
	case len(e.Expr) == 2 && e.Expr[0] == '\\' && e.Expr[1] >= '1' && e.Expr[1] <= '9':
		return errors.New("the back-reference `" + e.Expr + "` is not supported")
	}
	if e.Expr == "" {
		return errors.New(string(e.Code))
	}
	return errors.New(string(e.Code) + " `" + e.Expr + "`")
}

type regexTranslator struct {
	src     string
	i       int
	unicode bool
	out     strings.Builder
}

func (t *regexTranslator) run() error {
	for t.i < len(t.src) {
		c := t.src[t.i]
		switch {
		case c == '\\':
			if err := t.escape(false); err != nil {
				return err
			}
		case c == '[':
			if err := t.class(); err != nil {
				return err
			}
		default:
			t.out.WriteByte(c)
			t.i++
		}
	}
	return nil
}

// unicodeEscapes are the classes of the dialect's escapes inside and outside brackets.
var unicodeEscapes = map[byte]string{
	'd': `\p{Nd}`,
	'w': `\p{L}\p{M}\p{Nd}\p{Pc}`,
	's': "\\s\\x0b\\x{85}\\p{Z}",
}

func (t *regexTranslator) escape(inClass bool) error {
	if t.i+1 >= len(t.src) {
		return errors.New("it ends in a backslash")
	}
	c := t.src[t.i+1]
	switch {
	case (c == '<' || c == '>') && !inClass:
		return errors.New("the word boundary `\\" + string(c) + "` is not known to this interpreter")
	case c == 'b' && strings.HasPrefix(t.src[t.i+2:], "{") && !inClass:
		return errors.New("the word boundary `\\b{…}` is not known to this interpreter")
	case c == 'u' || c == 'U':
		return t.codePoint(c)
	case t.unicode && unicodeEscapes[c] != "":
		if inClass {
			t.out.WriteString(unicodeEscapes[c])
		} else {
			t.out.WriteString("[" + unicodeEscapes[c] + "]")
		}
		t.i += 2
		return nil
	case t.unicode && !inClass && (c == 'D' || c == 'W' || c == 'S'):
		t.out.WriteString("[^" + unicodeEscapes[c+'a'-'A'] + "]")
		t.i += 2
		return nil
	}
	t.out.WriteString(t.src[t.i : t.i+2])
	t.i += 2
	return nil
}

// codePoint rewrites \u007F, \U0000007F and \u{7F} as \x{7F}.
func (t *regexTranslator) codePoint(c byte) error {
	rest := t.src[t.i+2:]
	if strings.HasPrefix(rest, "{") {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return errors.New("`\\" + string(c) + "{` is not closed")
		}
		t.out.WriteString(`\x` + rest[:end+1])
		t.i += 2 + end + 1
		return nil
	}
	n := 4
	if c == 'U' {
		n = 8
	}
	if len(rest) < n {
		return errors.New("`\\" + string(c) + "` needs hexadecimal digits")
	}
	t.out.WriteString(`\x{` + rest[:n] + "}")
	t.i += 2 + n
	return nil
}

// class copies […]; the set operations of the dialect are refused.
func (t *regexTranslator) class() error {
	t.out.WriteByte('[')
	t.i++
	first := true
	for t.i < len(t.src) {
		c := t.src[t.i]
		switch {
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case c == ']' && !first:
			t.out.WriteByte(c)
			t.i++
			return nil
		case c == '[' && strings.HasPrefix(t.src[t.i:], "[:"):
			end := strings.Index(t.src[t.i:], ":]")
			if end < 0 {
				end = -1
			}
			t.out.WriteString(t.src[t.i : t.i+end+2])
			t.i += end + 2
		case t.i+1 < len(t.src) && t.src[t.i+1] == c && (c == '&' || c == '~' || c == '-' && !first):
			return errors.New("the set operation `" + string(c) + string(c) + "` in brackets is not known to this interpreter")
		case c == '^' && first:
			t.out.WriteByte(c)
			t.i++
			continue
		default:
			t.out.WriteByte(c)
			t.i++
		}
		first = false
	}
	return errors.New("a bracket `[` is not closed")
}
