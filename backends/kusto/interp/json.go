package interp

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonText writes a dynamic value as JSON without blanks, as tostring() does.
func jsonText(v any) string {
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}

func writeJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool, int64, decimal:
		b.WriteString(text(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			quoteJSON(b, text(v))
			return
		}
		b.WriteString(realText(v))
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, e)
		}
		b.WriteByte(']')
	case *bag:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			quoteJSON(b, k)
			b.WriteByte(':')
			writeJSON(b, v.vals[k])
		}
		b.WriteByte('}')
	default:
		quoteJSON(b, text(v))
	}
}

const hexDigits = "0123456789abcdef"

func quoteJSON(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r < 0x20:
			b.WriteString(`\u00`)
			b.WriteByte(hexDigits[r>>4])
			b.WriteByte(hexDigits[r&15])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// parseJSON is parse_json(): JSON text becomes its value, "" null, and any other text a dynamic string
// (parse-json-function).
func parseJSON(s string) any {
	if v, ok := decodeJSON(s); ok {
		return v
	}
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return s
}

// decodeJSON reads one JSON value and nothing after it.
func decodeJSON(s string) (any, bool) {
	p := jsonParser{s: s}
	p.blanks()
	v, ok := p.value(0)
	p.blanks()
	return v, ok && p.i == len(s)
}

// maxJSONDepth bounds nesting; deeper text is taken for a string.
const maxJSONDepth = 200

type jsonParser struct {
	s string
	i int
}

func (p *jsonParser) blanks() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t' || p.s[p.i] == '\n' || p.s[p.i] == '\r') {
		p.i++
	}
}

func (p *jsonParser) word(w string) bool {
	if strings.HasPrefix(p.s[p.i:], w) {
		p.i += len(w)
		return true
	}
	return false
}

func (p *jsonParser) value(depth int) (any, bool) {
	if p.i >= len(p.s) || depth > maxJSONDepth {
		return nil, false
	}
	switch p.s[p.i] {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return p.str()
	case 't':
		return true, p.word("true")
	case 'f':
		return false, p.word("false")
	case 'n':
		return nil, p.word("null")
	}
	return p.number()
}

func (p *jsonParser) array(depth int) (any, bool) {
	p.i++
	out := []any{}
	for {
		p.blanks()
		if p.i < len(p.s) && p.s[p.i] == ']' && len(out) == 0 {
			p.i++
			return out, true
		}
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		out = append(out, v)
		p.blanks()
		if p.i >= len(p.s) {
			return nil, false
		}
		c := p.s[p.i]
		p.i++
		if c == ']' {
			return out, true
		}
		if c != ',' {
			return nil, false
		}
	}
}

func (p *jsonParser) object(depth int) (any, bool) {
	p.i++
	b := newBag()
	for {
		p.blanks()
		if p.i < len(p.s) && p.s[p.i] == '}' && len(b.keys) == 0 {
			p.i++
			return b, true
		}
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			return nil, false
		}
		k, ok := p.str()
		p.blanks()
		if !ok || p.i >= len(p.s) || p.s[p.i] != ':' {
			return nil, false
		}
		p.i++
		p.blanks()
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		b.set(k.(string), v)
		p.blanks()
		if p.i >= len(p.s) {
			return nil, false
		}
		c := p.s[p.i]
		p.i++
		if c == '}' {
			return b, true
		}
		if c != ',' {
			return nil, false
		}
	}
}

func (p *jsonParser) str() (any, bool) {
	p.i++
	start := p.i
	for p.i < len(p.s) && p.s[p.i] != '"' && p.s[p.i] != '\\' && p.s[p.i] >= 0x20 {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '"' {
		p.i++
		return p.s[start : p.i-1], true
	}
	var b strings.Builder
	b.WriteString(p.s[start:p.i])
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return b.String(), true
		case c == '\\':
			if !p.escape(&b) {
				return nil, false
			}
		case c < 0x20 && c != '\t':
			return nil, false
		default:
			b.WriteByte(c)
		}
	}
	return nil, false
}

func (p *jsonParser) escape(b *strings.Builder) bool {
	if p.i >= len(p.s) {
		return false
	}
	c := p.s[p.i]
	p.i++
	switch c {
	case '"', '\\', '/':
		b.WriteByte(c)
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'u':
		r, ok := p.hex4()
		if !ok {
			return false
		}
		if utf16.IsSurrogate(r) && strings.HasPrefix(p.s[p.i:], `\u`) {
			mark := p.i
			p.i += 2
			low, ok := p.hex4()
			if full := utf16.DecodeRune(r, low); ok && full != utf8.RuneError {
				r = full
			} else {
				p.i = mark
			}
		}
		b.WriteRune(r)
	default:
		return false
	}
	return true
}

func (p *jsonParser) hex4() (rune, bool) {
	if p.i+4 > len(p.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.i:p.i+4], 16, 32)
	p.i += 4
	return rune(n), err == nil
}

// number reads a JSON number: a long when it is a whole number that fits, else a real.
func (p *jsonParser) number() (any, bool) {
	start := p.i
	if p.i < len(p.s) && p.s[p.i] == '-' {
		p.i++
	}
	digits := func() int {
		n := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		return p.i - n
	}
	lead := p.i
	n := digits()
	if n == 0 || n > 1 && p.s[lead] == '0' {
		return nil, false
	}
	whole := true
	if p.i < len(p.s) && p.s[p.i] == '.' {
		whole = false
		p.i++
		if digits() == 0 {
			return nil, false
		}
	}
	if p.i < len(p.s) && (p.s[p.i] == 'e' || p.s[p.i] == 'E') {
		whole = false
		p.i++
		if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if digits() == 0 {
			return nil, false
		}
	}
	return numberValue(p.s[start:p.i], whole), true
}

func numberValue(s string, whole bool) any {
	if whole {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}
