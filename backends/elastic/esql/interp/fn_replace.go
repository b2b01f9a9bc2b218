package interp

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// javaPattern compiles a Java regular expression once for a run.
func (r *run) javaPattern(text string) (*pattern, error) {
	if p, ok := r.regexes[text]; ok {
		if err, bad := p.(error); bad {
			return nil, err
		}
		return p.(*pattern), nil
	}
	p, err := compilePattern(text, true)
	if len(r.regexes) > 1000 {
		clear(r.regexes)
	}
	if err != nil {
		f := &failure{"java.util.regex.PatternSyntaxException", err.Error() + "\n" + text}
		r.regexes[text] = f
		return nil, f
	}
	r.regexes[text] = p
	return p, nil
}

// bindReplace is REPLACE: every match of a Java regular expression becomes the replacement, in which $1 and ${name} are
// groups and a backslash makes the next character literal.
func bindReplace(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	return k.all(tKeyword, func(xs []any) (any, error) {
		p, err := k.r.javaPattern(xs[1].(string))
		if err != nil {
			return nil, err
		}
		return k.r.replaceAll(p, xs[0].(string), xs[2].(string))
	})
}

func (r *run) replaceAll(p *pattern, s, with string) (any, error) {
	var b strings.Builder
	last := 0
	for from := 0; from <= len(s); {
		r.spend(1 + (len(s)-from)/32)
		caps, err := p.find(s, from)
		if err != nil {
			return nil, illegal("%s", err.Error())
		}
		if caps == nil {
			break
		}
		b.WriteString(s[last:caps[0]])
		if err := expand(&b, p, s, with, caps); err != nil {
			return nil, err
		}
		if b.Len() > maxText {
			return nil, illegal("Creating strings longer than [%d] bytes is not supported", maxText)
		}
		last, from = caps[1], caps[1]
		if caps[1] == caps[0] {
			if from == len(s) {
				break
			}
			_, n := utf8.DecodeRuneInString(s[from:])
			from += n
		}
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

// expand writes a replacement.
func expand(b *strings.Builder, p *pattern, s, with string, caps []int) error {
	for i := 0; i < len(with); i++ {
		switch c := with[i]; c {
		case '\\':
			i++
			if i == len(with) {
				return illegal("character to be escaped is missing")
			}
			b.WriteByte(with[i])
		case '$':
			g, used, err := groupRef(p, with[i+1:])
			if err != nil {
				return err
			}
			i += used
			if caps[2*g] >= 0 {
				b.WriteString(s[caps[2*g]:caps[2*g+1]])
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil
}

// groupRef reads the group behind a dollar: a name in braces, or the longest number that is a group.
func groupRef(p *pattern, s string) (group, used int, err error) {
	if strings.HasPrefix(s, "{") {
		if end := strings.IndexByte(s, '}'); end > 0 {
			for i, n := range p.names {
				if n != "" && n == s[1:end] {
					return i, end + 1, nil
				}
			}
			return 0, 0, illegal("No group with name {%s}", s[1:end])
		}
	}
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, 0, illegal("Illegal group reference")
	}
	for n := 1; n <= len(s) && n <= 4; n++ {
		g, e := strconv.Atoi(s[:n])
		if e != nil || g >= p.groups {
			break
		}
		group, used = g, n
	}
	if used == 0 {
		return 0, 0, &failure{"java.lang.IndexOutOfBoundsException", "No group " + s[:1]}
	}
	return group, used, nil
}
