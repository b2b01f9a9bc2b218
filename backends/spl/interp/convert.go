package interp

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// conversions are the functions of convert.
var conversions = map[string]func(v value, format string) value{
	"ctime": func(v value, format string) value {
		t, ok := v.number()
		if !ok || t > 1e11 {
			return v
		}
		return fieldText(strftime(t, format))
	},
	"mktime": func(v value, format string) value {
		t, ok := strptime(v.text(), format)
		if !ok {
			return value{}
		}
		return timeValue(t)
	},
	"num": func(v value, _ string) value {
		if n, ok := leadingNumber(strings.ReplaceAll(v.text(), ",", "")); ok {
			return numValue(n)
		}
		return value{}
	},
	"auto": func(v value, _ string) value {
		if n, ok := parseNumber(v.text()); ok {
			return numValue(n)
		}
		return v
	},
	"rmcomma": func(v value, _ string) value { return fieldText(strings.ReplaceAll(v.text(), ",", "")) },
	"rmunit": func(v value, _ string) value {
		if n, ok := leadingNumber(v.text()); ok {
			return numValue(n)
		}
		return v
	},
	"memk": func(v value, _ string) value { // kilobytes
		s := strings.ToLower(strings.TrimSpace(v.text()))
		factor := 1.0
		switch {
		case strings.HasSuffix(s, "m"):
			factor = 1024
		case strings.HasSuffix(s, "g"):
			factor = 1024 * 1024
		}
		if n, ok := parseNumber(strings.TrimSpace(strings.TrimRight(s, "kmg"))); ok {
			return numValue(n * factor)
		}
		return value{}
	},
	"dur2sec": func(v value, _ string) value {
		if n, ok := durationSeconds(v.text()); ok {
			return numValue(n)
		}
		return value{}
	},
	"mstime": func(v value, _ string) value {
		min, rest, ok := strings.Cut(v.text(), ":")
		if !ok {
			min, rest = "0", v.text()
		}
		m, ok1 := parseNumber(min)
		s, ok2 := parseNumber(rest)
		if !ok1 || !ok2 {
			return value{}
		}
		return numValue(m*60 + s)
	},
	"none": func(v value, _ string) value { return v },
}

// convert applies conversions to fields.
func (k *compiler) convert(st *syntax.Convert) stage {
	o := k.options("convert", st.Options, "timeformat")
	format := o.text("timeformat", "%m/%d/%Y %H:%M:%S")
	var known []string
	for n := range conversions {
		known = append(known, n)
	}
	for _, c := range st.Calls {
		if conversions[c.Func] == nil {
			k.unknown(c.Span, "conversion", c.Func, known, "")
			return nil
		}
	}
	return func(r *run, in set) set {
		for _, c := range st.Calls {
			pat := newWildcard(c.Name)
			names := []string{c.Name}
			if !pat.isPlain() {
				names = expandNames(names, in)
			}
			for _, name := range names {
				as := name
				if c.As != "" {
					as = c.As
				}
				for _, w := range in.rows {
					var out []value
					for _, v := range w.get(name).values() {
						out = append(out, conversions[c.Func](v, format).values()...)
					}
					if len(out) > 0 || as == name {
						w.set(as, listOf(out))
					}
				}
				in = in.with(as)
			}
		}
		return in
	}
}

// leadingNumber reads the number at the start of a text.
func leadingNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	for n := min(len(s), 40); n > 0; n-- {
		if x, ok := parseNumber(s[:n]); ok {
			return x, true
		}
	}
	return 0, false
}

// durationSeconds reads [D+]HH:MM:SS.
func durationSeconds(s string) (float64, bool) {
	total := 0.0
	if days, rest, ok := strings.Cut(s, "+"); ok {
		d, err := strconv.Atoi(days)
		if err != nil {
			return 0, false
		}
		total, s = float64(d)*86400, rest
	}
	part := 0.0
	for _, p := range strings.Split(s, ":") {
		x, ok := parseNumber(p)
		if !ok {
			return 0, false
		}
		part = part*60 + x
	}
	return total + part, true
}

// replace replaces whole values; a wildcard on the right takes what the one on the left stood for.
func (k *compiler) replace(st *syntax.Replace) stage {
	for _, p := range st.Pairs {
		if n := strings.Count(p.To, "*"); n > 0 && n != strings.Count(p.From, "*") {
			k.invalid(st.Span, "the two values of a replacement have different numbers of wildcards", "write as many `*` on the right as on the left, or none")
		}
	}
	return func(_ *run, in set) set {
		names := st.In
		if len(names) == 0 {
			names = []string{"*"}
		}
		for _, name := range expandNames(names, in) {
			for _, w := range in.rows {
				var out []value
				for _, v := range w.get(name).values() {
					out = append(out, replaced(st.Pairs, v))
				}
				if len(out) > 0 {
					w.set(name, listOf(out))
				}
			}
		}
		return in
	}
}

func replaced(pairs []syntax.ReplacePair, v value) value {
	s := v.text()
	for _, p := range pairs {
		pat := wildcard{pieces: strings.Split(p.From, "*")}
		if !globFits(pat.pieces, s) {
			continue
		}
		if !strings.Contains(p.To, "*") {
			return fieldText(p.To)
		}
		return fieldText(fillStars(p.To, pat.parts(s)))
	}
	return v
}
