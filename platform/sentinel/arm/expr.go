package arm

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// MaxExpression is the length of an expression that a template may have, in characters (page `best-practices` of the templates'
// documentation).
const MaxExpression = 24_576

// Literal writes a text so that a template takes it as it is. A value that begins with [ and ends with ] is an expression, and
// [[ at its beginning stands for one [ (page `template-expressions`). What [[ means in a text that does not end with ] is not
// documented, so such a text is written as an expression of its own.
func Literal(s string) string {
	switch {
	case strings.HasPrefix(s, "[["):
		return "[concat(" + quote(s) + ")]"
	case strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]"):
		return "[" + s
	}
	return s
}

// quote writes a text in an expression.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Evaluate returns the text that a value of a template stands for: what [Literal] and a call of concat of texts and parameters
// write. Other expressions are errors.
func Evaluate(s string, params map[string]int64) (string, error) {
	inner, isExpr := strings.CutPrefix(s, "[")
	if !isExpr || !strings.HasSuffix(s, "]") {
		return s, nil
	}
	if strings.HasPrefix(inner, "[") {
		return inner, nil
	}
	p := &exprParser{rest: strings.TrimSuffix(inner, "]"), params: params}
	if !p.take("concat(") {
		return "", fmt.Errorf("the expression %.60q is no call of concat", s)
	}
	var b strings.Builder
	for {
		text, err := p.argument()
		if err != nil {
			return "", fmt.Errorf("in the expression %.60q: %w", s, err)
		}
		b.WriteString(text)
		switch {
		case p.take(","):
		case p.rest == ")":
			return b.String(), nil
		default:
			return "", fmt.Errorf("in the expression %.60q: %.20q is not expected", s, p.rest)
		}
	}
}

type exprParser struct {
	rest   string
	params map[string]int64
}

func (p *exprParser) take(s string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(p.rest, " "), s)
	if ok {
		p.rest = strings.TrimLeft(rest, " ")
	}
	return ok
}

// argument is 'a text' or string(parameters('a name')).
func (p *exprParser) argument() (string, error) {
	if !p.take("string(parameters(") {
		return p.text()
	}
	name, err := p.text()
	if err != nil {
		return "", err
	}
	value, ok := p.params[name]
	if !ok {
		return "", fmt.Errorf("there is no parameter %q of type int", name)
	}
	if !p.take("))") {
		return "", fmt.Errorf("a parenthesis is missing")
	}
	return strconv.FormatInt(value, 10), nil
}

func (p *exprParser) text() (string, error) {
	rest, ok := strings.CutPrefix(p.rest, "'")
	if !ok {
		return "", fmt.Errorf("%.20q is no text", p.rest)
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(rest, '\'')
		if i < 0 {
			return "", fmt.Errorf("a text has no end")
		}
		b.WriteString(rest[:i])
		rest = rest[i+1:]
		if !strings.HasPrefix(rest, "'") {
			p.rest = rest
			return b.String(), nil
		}
		b.WriteByte('\'')
		rest = rest[1:]
	}
}

// MapTexts returns a copy of the properties with every text changed by f.
func MapTexts(p Properties, f func(string) (string, error)) (Properties, error) {
	var failed error
	v := reflect.New(reflect.TypeFor[Properties]()).Elem()
	copyTexts(v, reflect.ValueOf(p), func(s string) string {
		t, err := f(s)
		if err != nil && failed == nil {
			failed = err
		}
		return t
	})
	return v.Interface().(Properties), failed
}

func copyTexts(to, from reflect.Value, f func(string) string) {
	switch from.Kind() { //nolint:exhaustive // the others hold no texts
	case reflect.String:
		to.SetString(f(from.String()))
	case reflect.Struct:
		for i := range from.NumField() {
			copyTexts(to.Field(i), from.Field(i), f)
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			copyTexts(to.Elem(), from.Elem(), f)
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				copyTexts(to.Index(i), from.Index(i), f)
			}
		}
	case reflect.Map: // the names of custom details are letters, digits and _
		if !from.IsNil() {
			to.Set(reflect.MakeMap(from.Type()))
			for _, k := range from.MapKeys() {
				v := reflect.New(from.Type().Elem()).Elem()
				copyTexts(v, from.MapIndex(k), f)
				to.SetMapIndex(k, v)
			}
		}
	default:
		to.Set(from)
	}
}
