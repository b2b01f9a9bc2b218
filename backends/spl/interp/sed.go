package interp

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// sed runs the script of rex mode=sed: s/regex/replacement/flags or y/from/to/.
func (k *compiler) sed(st *syntax.Rex, name string) stage {
	script := st.Pattern
	if len(script) < 4 || script[0] != 's' && script[0] != 'y' {
		k.invalid(st.Span, "the sed script is neither s/…/…/ nor y/…/…/", "write s/regex/replacement/g")
		return nil
	}
	parts := splitSed(script[2:], script[1])
	if len(parts) != 3 {
		k.invalid(st.Span, "the sed script is not closed", "write s/regex/replacement/g")
		return nil
	}
	if script[0] == 'y' {
		from, to := []rune(parts[0]), []rune(parts[1])
		if len(from) != len(to) {
			k.invalid(st.Span, "the two halves of y/…/…/ have different lengths", "write one character for each")
			return nil
		}
		return each([]string{name}, func(r *run, w *row) {
			k := strings.Map(func(c rune) rune {
				if i := slices.Index(from, c); i >= 0 {
					return to[i]
				}
				return c
			}, w.get(name).text())
			if !w.get(name).isNull() {
				w.set(name, fieldText(k))
			}
		})
	}
	nth := 1
	if parts[2] != "g" && parts[2] != "" {
		if nth, _ = strconv.Atoi(parts[2]); nth < 1 {
			k.unsupported(st.Span, "the sed flag `"+parts[2]+"`", "use g, the number of the match to replace, or no flag")
		}
	}
	k.checkRegex(parts[0], st.Span)
	return each([]string{name}, func(r *run, w *row) {
		v := w.get(name)
		if v.isNull() {
			return
		}
		if parts[2] == "g" {
			w.set(name, r.replaceAll(v.text(), parts[0], parts[1]))
			return
		}
		s, at := v.text(), 0
		for n := 1; at <= len(s); n++ {
			caps := r.find(r.regex(parts[0]), s, at)
			if caps == nil {
				return
			}
			if at = after(s, at, caps); n < nth {
				continue
			}
			var b strings.Builder
			b.WriteString(s[:caps[0]])
			expandGroups(&b, s, parts[1], caps)
			b.WriteString(s[caps[1]:])
			w.set(name, r.textOf(b.String()))
			return
		}
	})
}

// splitSed splits at the delimiter, which a backslash hides.
func splitSed(s string, delim byte) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			if s[i+1] != delim {
				b.WriteByte('\\')
			}
			i++
			b.WriteByte(s[i])
		case s[i] == delim:
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(parts, b.String())
}
