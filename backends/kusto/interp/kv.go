package interp

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// kvParser cuts a text into key and value pairs.
type kvParser struct {
	pair, kv string
	quotes   [][2]rune
	escapes  []rune
	greedy   bool
	re       *regexp.Regexp
	keys     []string
}

// kvOptions reads the options behind with.
func (b *binder) kvOptions(x *syntax.ParseKv, sc *scope) (*kvParser, bool) {
	p := &kvParser{}
	rs := b.rowScope(nil, sc)
	for _, o := range x.Props {
		c := rs.expr(o.Value)
		if !c.konst {
			b.run(o.At, "the option `"+o.Name+"` must be a constant")
			return nil, false
		}
		v := c.value(b.x)
		s := text(v)
		switch o.Name {
		case "pair_delimiter":
			p.pair = s
		case "kv_delimiter":
			p.kv = s
		case "quote":
			r := []rune(s)
			if len(r) == 1 {
				r = append(r, r[0])
			}
			if len(r) != 2 {
				b.run(o.At, "a quote has one or two characters")
				return nil, false
			}
			p.quotes = append(p.quotes, [2]rune{r[0], r[1]})
		case "escape":
			r, _ := utf8.DecodeRuneInString(s)
			p.escapes = append(p.escapes, r)
		case "greedy":
			p.greedy = isTrue(v)
		case "regex":
			re, ok := b.regex(s, o.At)
			if !ok {
				return nil, false
			}
			if re.NumSubexp() != 2 {
				b.run(o.At, "the regular expression of parse-kv needs two groups, for the key and the value")
				return nil, false
			}
			p.re = re
		default:
			b.unknown(o.At, "parse-kv has no option `"+o.Name+"`", o.Name, []string{"pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex"})
			return nil, false
		}
	}
	return p, true
}

// pairs gives the first value of every key.
func (p *kvParser) pairs(s string) map[string]string {
	out := map[string]string{}
	put := func(k, v string) {
		k = strings.TrimSpace(k)
		if _, ok := out[k]; !ok {
			out[k] = strings.TrimSpace(v)
		}
	}
	switch {
	case p.re != nil:
		for _, m := range p.re.FindAllStringSubmatch(s, -1) {
			put(m[1], m[2])
		}
	case p.pair == "" && p.kv == "":
		p.loose(s, put)
	case p.greedy:
		p.scanGreedy(s, put)
	default:
		p.delimited(s, put)
	}
	return out
}

// token reads a quoted text, or up to one of the delimiters.
func (p *kvParser) token(s string, stop func(rest string) bool) (tok, rest string, quoted bool) {
	trimmed := strings.TrimLeft(s, " \t")
	if r, n := utf8.DecodeRuneInString(trimmed); n > 0 {
		for _, q := range p.quotes {
			if r == q[0] {
				if t, after, ok := p.quoted(trimmed[n:], q[1]); ok {
					return t, after, true
				}
			}
		}
	}
	for i := range s {
		if stop(s[i:]) {
			return s[:i], s[i:], false
		}
	}
	return s, "", false
}

func (p *kvParser) quoted(s string, end rune) (tok, rest string, ok bool) {
	var b strings.Builder
	escaped := false
	for i, r := range s {
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case strings.ContainsRune(string(p.escapes), r):
			escaped = true
		case r == end:
			return b.String(), s[i+utf8.RuneLen(r):], true
		default:
			b.WriteRune(r)
		}
	}
	return "", s, false
}

func (p *kvParser) delimited(s string, put func(k, v string)) {
	atPair := func(r string) bool { return p.pair != "" && strings.HasPrefix(r, p.pair) }
	atKv := func(r string) bool { return p.kv != "" && strings.HasPrefix(r, p.kv) }
	for s != "" {
		k, rest, _ := p.token(s, func(r string) bool { return atKv(r) || atPair(r) })
		rest = strings.TrimLeft(rest, " \t")
		if !atKv(rest) && atKv(strings.TrimLeft(rest, " ")) {
			rest = strings.TrimLeft(rest, " ")
		}
		if !atKv(rest) {
			// No key: go on behind the next pair delimiter.
			i := strings.Index(s, p.pair)
			if p.pair == "" || i < 0 {
				return
			}
			s = s[i+len(p.pair):]
			continue
		}
		v, after, _ := p.token(rest[len(p.kv):], atPair)
		put(k, v)
		if i := strings.Index(after, p.pair); p.pair != "" && i >= 0 {
			s = after[i+len(p.pair):]
		} else {
			return
		}
	}
}

// scanGreedy lets a value run up to the next known key.
func (p *kvParser) scanGreedy(s string, put func(k, v string)) {
	type hit struct {
		key      string
		at, from int
	}
	var hits []hit
	for i := range s {
		if i > 0 && !strings.HasSuffix(s[:i], p.pair) {
			continue
		}
		for _, k := range p.keys {
			if strings.HasPrefix(s[i:], k+p.kv) {
				hits = append(hits, hit{k, i, i + len(k) + len(p.kv)})
			}
		}
	}
	for n, h := range hits {
		end := len(s)
		if n+1 < len(hits) {
			end = hits[n+1].at
		}
		v, _, quoted := p.token(s[h.from:end], func(string) bool { return false })
		if !quoted {
			v = strings.TrimSuffix(s[h.from:end], p.pair)
		}
		put(h.key, v)
	}
}

// loose takes every character that is neither letter, digit nor underscore for a delimiter.
func (p *kvParser) loose(s string, put func(k, v string)) {
	var words []string
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		quoted := false
		for _, q := range p.quotes {
			if r == q[0] {
				if t, after, ok := p.quoted(s[n:], q[1]); ok {
					words, s, quoted = append(words, t), after, true
				}
				break
			}
		}
		if quoted {
			continue
		}
		if !isWordRune(r) {
			s = s[n:]
			continue
		}
		end := strings.IndexFunc(s, func(r rune) bool { return !isWordRune(r) })
		if end < 0 {
			end = len(s)
		}
		words, s = append(words, s[:end]), s[end:]
	}
	for i := 0; i+1 < len(words); i++ {
		for _, k := range p.keys {
			if words[i] == k {
				put(k, words[i+1])
			}
		}
	}
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
