package interp

import (
	"regexp"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// parse binds parse and parse-where: the pattern becomes one regular expression with a group per column
// (parse-operator). In simple and relaxed kind texts are literal and columns take as little as possible; in regex kind texts
// are expressions and columns take as much as possible, as the page's examples show.
func (b *binder) parse(in *node, x *syntax.ParseOp, sc *scope) *node {
	switch x.Kind {
	case "", "simple", "relaxed", "regex":
	default:
		b.fail(diag.KustoUnknown, x.At, "there is no kind `"+x.Kind+"` of parse", "it is simple, relaxed or regex")
		return in
	}
	rs := b.rowScope(in, sc)
	subject := rs.expr(x.X)
	pattern, ok := b.parsePattern(x)
	if !ok {
		return in
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		b.run(x.At, "the pattern of parse is not valid: "+explainRegex(err).Error(), regexHelp)
		return in
	}
	cols := append([]column{}, in.cols...)
	var at, groups []int
	for i, p := range x.Pattern {
		if p.Column == "" {
			continue
		}
		j := find(cols, p.Column)
		if j < 0 {
			j = len(cols)
			cols = append(cols, column{name: p.Column})
		}
		cols[j].typ = p.Type
		at = append(at, j)
		groups = append(groups, re.SubexpIndex("c"+text(int64(i))))
	}
	strict := x.Kind != "relaxed"
	return &node{cols: cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.grow(len(rows), len(cols))
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		out := make([]row, 0, len(rows))
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			v := make([]any, len(cols))
			copy(v, r.v)
			good := parseRow(re, text(subject.eval(&e)), v, cols, at, groups, strict)
			if good || !x.Where {
				out = append(out, row{v, r.src})
			}
		}
		return out
	}}
}

// parseRow fills the columns of a row; when the pattern does not fit, or a value does not convert in a strict kind, all
// are null.
func parseRow(re *regexp.Regexp, s string, v []any, cols []column, at, groups []int, strict bool) bool {
	m := re.FindStringSubmatchIndex(s)
	vals := make([]any, len(at))
	good := m != nil
	for k, j := range at {
		vals[k] = fix(nil, cols[j].typ)
		if m == nil || m[2*groups[k]] < 0 {
			continue
		}
		cell := s[m[2*groups[k]]:m[2*groups[k]+1]]
		vals[k] = parsedValue(cell, cols[j].typ)
		if vals[k] == nil && strict {
			good = false
		}
	}
	for k, j := range at {
		v[j] = vals[k]
		if !good {
			v[j] = fix(nil, cols[j].typ)
		}
	}
	return good
}

func parsedValue(s string, t syntax.Type) any {
	switch t {
	case tStr:
		return s
	case tDyn:
		return parseJSON(s)
	case tNone, tBool, tInt, tLong, tReal, tDec, tDate, tSpan, tGUID:
	}
	return castTo(strings.TrimSpace(s), t)
}

// parsePattern builds the expression of a pattern.
func (b *binder) parsePattern(x *syntax.ParseOp) (string, bool) {
	isRegex := x.Kind == "regex"
	any, star := "(?P<c%>.*?)", ".*?"
	if isRegex {
		any, star = "(?P<c%>.*)", ".*"
	}
	var s strings.Builder
	flags := "s"
	if isRegex {
		flags = x.Flags
	}
	if flags != "" {
		s.WriteString("(?" + flags + ")")
	}
	if !x.Pattern[0].Star {
		s.WriteString("^")
	}
	for i, p := range x.Pattern {
		switch {
		case p.Star:
			s.WriteString(star)
		case p.Text != nil && isRegex:
			t := regexTranslator{src: p.Text.Value, unicode: b.x.in.On(doubtRegexUnicode)}
			if err := t.run(); err != nil {
				b.run(p.At, "the regular expression is not valid: "+err.Error(), regexHelp)
				return "", false
			}
			s.WriteString("(?:" + t.out.String() + ")")
		case p.Text != nil:
			s.WriteString(regexp.QuoteMeta(p.Text.Value))
		default:
			group := strings.ReplaceAll(any, "%", text(int64(i)))
			if typed := typedGroup(p, i, x); typed != "" {
				group = "(?P<c" + text(int64(i)) + ">" + typed + ")"
			}
			s.WriteString(group)
		}
	}
	if !x.Pattern[len(x.Pattern)-1].Star {
		s.WriteString("$")
	}
	return s.String(), true
}

// typedGroup gives the expression of a column that is delimited by its type: before a star, and in regex kind always.
func typedGroup(p syntax.ParsePart, i int, x *syntax.ParseOp) string {
	beforeStar := i+1 < len(x.Pattern) && x.Pattern[i+1].Star
	if !beforeStar && x.Kind != "regex" {
		return ""
	}
	switch p.Type {
	case tInt, tLong:
		return `-?\d+`
	case tReal, tDec:
		return `-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?`
	case tBool:
		return `(?i:true|false)|\d+`
	case tGUID:
		return `[0-9a-fA-F-]{32,38}`
	case tDate, tSpan:
		if beforeStar {
			return `[-+/\d.:TZ ]+`
		}
	case tNone, tStr, tDyn:
	}
	return ""
}

// parseKv extracts pairs (parse-kv-operator).
func (b *binder) parseKv(in *node, x *syntax.ParseKv, sc *scope) *node {
	rs := b.rowScope(in, sc)
	subject := rs.expr(x.X)
	p, ok := b.kvOptions(x, sc)
	if !ok {
		return in
	}
	cols := append([]column{}, in.cols...)
	at := make([]int, len(x.Columns))
	for i, c := range x.Columns {
		p.keys = append(p.keys, c.Name)
		j := find(cols, c.Name)
		if j < 0 {
			j = len(cols)
			cols = append(cols, column{name: c.Name})
		}
		cols[j].typ = c.Type
		at[i] = j
	}
	return &node{cols: cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.grow(len(rows), len(cols))
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		out := make([]row, len(rows))
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			v := make([]any, len(cols))
			copy(v, r.v)
			pairs := p.pairs(text(subject.eval(&e)))
			for k, j := range at {
				v[j] = fix(nil, cols[j].typ)
				if s, ok := pairs[p.keys[k]]; ok {
					v[j] = parsedValue(s, cols[j].typ)
				}
			}
			out[i] = row{v, r.src}
		}
		return out
	}}
}
