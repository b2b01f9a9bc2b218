package pass

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// rewriter says the same about the native text as a predicate says about the derived value.
type rewriter struct {
	derivation string
	// assumption is the name of what the rewriting assumes, "" when it is exact.
	assumption string
	// cmp rewrites one comparison with one literal; ok is false when it cannot be said.
	cmp func(f *ir.Field, p *ir.Cmp, text string) (q ir.Pred, ok bool)
	// exists says when there is a derived value.
	exists func(f *ir.Field, span diag.Span) ir.Pred
}

// rewriters has one row for each derivation of the schema; a test compares the two lists.
var rewriters = []rewriter{
	{derivation: "after_at", cmp: lastPart("@", false), exists: holdsText("@")},
	{derivation: "after_backslash", cmp: lastPart(`\`, true), exists: nativeExists},
	{derivation: "basename_posix", cmp: lastPart("/", true), exists: nativeExists},
	{derivation: "basename_windows", cmp: lastPart(`\`, true), exists: nativeExists},
	{derivation: "before_at", cmp: firstPart("@", true), exists: nativeExists},
	{derivation: "before_backslash", cmp: firstPart(`\`, false), exists: holdsText(`\`)},
	{derivation: "before_slash", cmp: firstPart("/", false), exists: holdsText("/")},
	{derivation: "common_name", cmp: commonName, exists: commonNameExists},
	{derivation: "extension", cmp: extension, exists: extensionExists},
	{derivation: "hash_imphash", cmp: hashPart("IMPHASH"), exists: hashExists("IMPHASH")},
	{derivation: "hash_md5", cmp: hashPart("MD5"), exists: hashExists("MD5")},
	{derivation: "hash_sha1", cmp: hashPart("SHA1"), exists: hashExists("SHA1")},
	{derivation: "hash_sha256", cmp: hashPart("SHA256"), exists: hashExists("SHA256")},
	{derivation: "hex", cmp: hexNumber, exists: hexExists},
	{derivation: "json_text", cmp: jsonText, exists: jsonTextExists},
	{derivation: "posix_args", assumption: "plain-words", cmp: argument(""), exists: nonEmpty},
	{derivation: "registry_data", cmp: registryData, exists: nativeExists},
	{derivation: "registry_hive", cmp: registryHive, exists: registryHiveExists},
	{derivation: "registry_key", cmp: registryKey, exists: registryKeyExists},
	{derivation: "registry_path", cmp: registryPath, exists: nativeExists},
	{derivation: "windows_args", assumption: "plain-args", cmp: argument(`"`), exists: nonEmpty},
}

func (b *binder) rewriter(m *schema.Mapping) *rewriter {
	for i := range rewriters {
		if rewriters[i].derivation == m.Derive {
			if a := rewriters[i].assumption; a != "" {
				b.assumptions = append(b.assumptions, a)
			}
			return &rewriters[i]
		}
	}
	panic("bind: no rewriter for derivation " + m.Derive)
}

// derived rewrites a comparison on a derived field, literal by literal; parts of one operator are gathered into lists.
func (b *binder) derived(m *schema.Mapping, p *ir.Cmp) ir.Pred {
	rw := b.rewriter(m)
	f := NativeField(m.Native, p.Span)
	or := &ir.Or{Span: p.Span}
	for _, v := range p.R {
		q, ok := rw.cmp(f, p, v.String())
		if !ok {
			return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("`%s` is computed from `%s` on %s; `%s %q` cannot be said about the whole text", m.Field.Name, m.Native.Path, b.binding.Name, p.Op, v.String()),
				"write the condition on a field that holds the whole text, such as process.command_line or process.executable, or write an `alt` for this binding")
		}
		or.Xs = append(or.Xs, q)
	}
	return gather(or, m.Native)
}

// gather joins the members of an or that compare one field by one operator into one comparison with a list.
func gather(or *ir.Or, f schema.NativeField) ir.Pred {
	var flat []ir.Pred
	for _, x := range or.Xs {
		if inner, ok := x.(*ir.Or); ok {
			flat = append(flat, inner.Xs...)
		} else {
			flat = append(flat, x)
		}
	}
	out := &ir.Or{Span: or.Span}
	type test struct {
		op    ir.Op
		cased bool
	}
	byTest := map[test]*ir.Cmp{}
	for _, x := range flat {
		c, ok := x.(*ir.Cmp)
		if !ok {
			out.Xs = append(out.Xs, x)
			continue
		}
		if have := byTest[test{c.Op, c.Cased}]; have != nil {
			have.R = append(have.R, c.R...)
			continue
		}
		byTest[test{c.Op, c.Cased}] = c
		out.Xs = append(out.Xs, c)
	}
	for i, x := range out.Xs {
		if c, ok := x.(*ir.Cmp); ok {
			out.Xs[i] = respell(c, f)
		}
	}
	return out
}

func nativeExists(f *ir.Field, span diag.Span) ir.Pred { return &ir.Exists{F: f, Span: span} }

func nonEmpty(f *ir.Field, span diag.Span) ir.Pred {
	return &ir.Not{X: &ir.Empty{F: f, Span: span}, Span: span}
}

func holdsText(sep string) func(*ir.Field, diag.Span) ir.Pred {
	return func(f *ir.Field, span diag.Span) ir.Pred {
		return &ir.Cmp{Op: ir.Contains, Cased: true, L: f, R: []schema.Value{schema.String(sep)}, Span: span}
	}
}

// with returns a comparison of the native field that keeps the case rule of p.
func with(f *ir.Field, p *ir.Cmp, op ir.Op, texts ...string) *ir.Cmp {
	c := &ir.Cmp{Op: op, Cased: p.Cased, L: f, Span: p.Span}
	if !op.Info().Folds {
		c.Cased = false
	}
	for _, t := range texts {
		c.R = append(c.R, schema.String(t))
	}
	return c
}

// byRegexp returns the comparison with a regular expression, with the case rule of p.
func byRegexp(f *ir.Field, p *ir.Cmp, re string) ir.Pred {
	if !p.Cased {
		re = "(?i)" + re
	}
	return with(f, p, ir.Matches, "(?s)"+re)
}

// lastPart rewrites about the text behind the last separator; whole says that a text without separator is its own last part.
func lastPart(sep string, whole bool) func(*ir.Field, *ir.Cmp, string) (ir.Pred, bool) {
	notSep := "[^" + regexp.QuoteMeta(sep) + "]*"
	start := regexp.QuoteMeta(sep)
	if whole {
		start = "(?:^|" + start + ")"
	}
	return func(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
		if p.Op != ir.Like && p.Op != ir.Matches && strings.Contains(v, sep) {
			return &ir.Const{Span: p.Span}, true
		}
		q := regexp.QuoteMeta(v)
		switch p.Op {
		case ir.Eq:
			if v == "" || !whole {
				return endsOrEmpty(f, p, sep, v, whole), true
			}
			return &ir.Or{Xs: []ir.Pred{with(f, p, ir.EndsWith, sep+v), with(f, p, ir.Eq, v)}, Span: p.Span}, true
		case ir.EndsWith:
			if whole {
				return with(f, p, ir.EndsWith, v), true
			}
			return with(f, p, ir.Like, "*"+pattern.QuoteGlob(sep)+"*"+pattern.QuoteGlob(v)), true
		case ir.Contains:
			return byRegexp(f, p, start+notSep+q+notSep+"$"), true
		case ir.StartsWith:
			return byRegexp(f, p, start+q+notSep+"$"), true
		case ir.Like:
			return byRegexp(f, p, start+globBetween(pattern.ParseGlob(v), sep)+"$"), true
		case ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		}
		return nil, false
	}
}

func endsOrEmpty(f *ir.Field, p *ir.Cmp, sep, v string, whole bool) ir.Pred {
	ends := with(f, p, ir.EndsWith, sep+v)
	if whole && v == "" {
		return &ir.Or{Xs: []ir.Pred{ends, with(f, p, ir.Eq, "")}, Span: p.Span}
	}
	return ends
}

// firstPart rewrites about the text before the last separator; whole says that a text without separator is its own first part.
func firstPart(sep string, whole bool) func(*ir.Field, *ir.Cmp, string) (ir.Pred, bool) {
	gs, rs := pattern.QuoteGlob(sep), regexp.QuoteMeta(sep)
	notSep := "[^" + rs + "]*"
	end := rs + notSep + "$"
	return func(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
		gv, rv := pattern.QuoteGlob(v), regexp.QuoteMeta(v)
		has := strings.Contains(v, sep)
		or := func(behind ir.Pred, alone *ir.Cmp) ir.Pred { // alone speaks of a text without separator
			if !whole || has {
				return behind
			}
			none := &ir.Not{X: with(f, p, ir.Contains, sep), Span: p.Span}
			return &ir.Or{Xs: []ir.Pred{behind, &ir.And{Xs: []ir.Pred{none, alone}, Span: p.Span}}, Span: p.Span}
		}
		switch p.Op {
		case ir.Eq: // v, the separator, and no separator behind it
			one := with(f, p, ir.Like, gv+gs+"*")
			two := with(f, p, ir.Like, gv+gs+"*"+gs+"*")
			behind := &ir.And{Xs: []ir.Pred{one, &ir.Not{X: two, Span: p.Span}}, Span: p.Span}
			if whole && !has {
				return &ir.Or{Xs: []ir.Pred{behind, with(f, p, ir.Eq, v)}, Span: p.Span}, true
			}
			return behind, true
		case ir.StartsWith:
			return or(with(f, p, ir.Like, gv+"*"+gs+"*"), with(f, p, ir.StartsWith, v)), true
		case ir.Contains:
			return or(with(f, p, ir.Like, "*"+gv+"*"+gs+"*"), with(f, p, ir.Contains, v)), true
		case ir.EndsWith:
			return or(byRegexp(f, p, rv+end), with(f, p, ir.EndsWith, v)), true
		case ir.Like:
			re := "^" + globBetween(pattern.ParseGlob(v), "")
			return or(byRegexp(f, p, re+end), with(f, p, ir.Like, v)), true
		case ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		}
		return nil, false
	}
}

// globBetween prints a glob as a regular expression whose wildcards do not cross the separator ("" crosses everything).
func globBetween(g pattern.Glob, sep string) string {
	any := "."
	if sep != "" {
		any = "[^" + regexp.QuoteMeta(sep) + "]"
	}
	var b strings.Builder
	for _, part := range g {
		switch part.Kind {
		case pattern.Literal:
			if sep != "" && strings.Contains(part.Text, sep) {
				return `[^\x{0}-\x{10FFFF}]` // no part holds its separator
			}
			b.WriteString(regexp.QuoteMeta(part.Text))
		case pattern.Star:
			b.WriteString(any + "*")
		case pattern.One:
			b.WriteString(any)
		}
	}
	return b.String()
}

// argument rewrites about one argument of a command line whose arguments single blanks separate. quote is what may stand
// round the program, which holds no blank then either, and nowhere else (plain-args), or "" when nothing is quoted (plain-words).
func argument(quote string) func(*ir.Field, *ir.Cmp, string) (ir.Pred, bool) {
	either := func(plain, quoted string) []string { // the program may stand in quotes
		if quote == "" {
			return []string{plain}
		}
		return []string{plain, quoted}
	}
	return func(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
		if strings.ContainsAny(v, " \t\n\"'") || v == "" {
			return nil, false
		}
		or := func(xs ...ir.Pred) (ir.Pred, bool) { return &ir.Or{Xs: xs, Span: p.Span}, true }
		switch p.Op {
		case ir.Eq:
			whole, first := with(f, p, ir.Eq, either(v, quote+v+quote)...), with(f, p, ir.StartsWith, either(v+" ", quote+v+quote+" ")...)
			return or(whole, first, with(f, p, ir.EndsWith, " "+v), with(f, p, ir.Contains, " "+v+" "))
		case ir.Contains:
			return with(f, p, ir.Contains, v), true
		case ir.StartsWith:
			return or(with(f, p, ir.StartsWith, either(v, quote+v)...), with(f, p, ir.Contains, " "+v))
		case ir.EndsWith:
			return or(with(f, p, ir.EndsWith, either(v, v+quote)...), with(f, p, ir.Contains, either(v+" ", v+quote+" ")...))
		case ir.Like:
			open, end := "(?:^| )", "(?:$| )"
			if quote != "" {
				open, end = "(?:^"+quote+"?| )", "(?:"+quote+"?$|"+quote+"? )"
			}
			return byRegexp(f, p, open+globBetween(pattern.ParseGlob(v), " ")+end), true
		case ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		}
		return nil, false
	}
}
