package pass

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// never is the answer about a literal that the derived value cannot have.
func never(p *ir.Cmp) (ir.Pred, bool) { return &ir.Const{Span: p.Span}, true }

// parts gives, for a value that stands between two regular expressions in the native text, the regular expression of a
// comparison with it: char is the class of characters that the value is made of.
func parts(p *ir.Cmp, before, char, after, v string) (string, bool) {
	return partsOf(p.Op, before, char, after, regexp.QuoteMeta(v))
}

// partsOf is parts with a literal that is already a regular expression.
func partsOf(op ir.Op, before, char, after, q string) (string, bool) {
	switch op {
	case ir.Eq:
		return before + q + after, true
	case ir.StartsWith:
		return before + q + char + "*" + after, true
	case ir.EndsWith:
		return before + char + "*" + q + after, true
	case ir.Contains:
		return before + char + "*" + q + char + "*" + after, true
	case ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return "", false
}

// matches is the comparison of the native text with a regular expression that minds case.
func matches(f *ir.Field, span diag.Span, re string) ir.Pred {
	return &ir.Cmp{Op: ir.Matches, L: f, R: []schema.Value{schema.String("(?s)" + re)}, Span: span}
}

// hashPart rewrites about one hash of a list NAME=VALUE,….
func hashPart(name string) func(*ir.Field, *ir.Cmp, string) (ir.Pred, bool) {
	return func(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
		if strings.Contains(v, ",") {
			return never(p)
		}
		if h := name + "=" + v; p.Op == ir.Eq && !p.Cased {
			return &ir.Or{Span: p.Span, Xs: []ir.Pred{with(f, p, ir.Eq, h), with(f, p, ir.StartsWith, h+","), with(f, p, ir.EndsWith, ","+h), with(f, p, ir.Contains, ","+h+",")}}, true
		}
		re, ok := parts(p, "(?:^|,)(?i:"+name+")=", "[^,]", "(?:,|$)", v)
		return byRegexp(f, p, re), ok
	}
}

func hashExists(name string) func(*ir.Field, diag.Span) ir.Pred {
	return func(f *ir.Field, span diag.Span) ir.Pred {
		cmp := func(op ir.Op, text string) ir.Pred {
			return &ir.Cmp{Op: op, L: f, R: []schema.Value{schema.String(text)}, Span: span}
		}
		return &ir.Or{Span: span, Xs: []ir.Pred{cmp(ir.StartsWith, name+"="), cmp(ir.Contains, ","+name+"=")}}
	}
}

// What a value of a distinguished name is made of. At its edges a blank and a number sign are escaped, elsewhere not.
const (
	nameMust  = `,+"\\<>;=`
	nameChar  = `(?:[^` + nameMust + `]|\\[` + nameMust + ` #])`
	nameFirst = `(?:[^ #` + nameMust + `]|\\[ #` + nameMust + `])`
	nameLast  = `(?:[^ ` + nameMust + `]|\\[ ` + nameMust + `])`
	nameInner = `(?:[^` + nameMust + `]|\\[` + nameMust + `])*`
)

// commonName rewrites about the first common name of a distinguished name.
func commonName(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	if v == "" && p.Op == ir.Eq {
		return never(p)
	}
	e := schema.EscapeName(v)
	if p.Op == ir.Eq && !p.Cased {
		return &ir.Or{Span: p.Span, Xs: []ir.Pred{with(f, p, ir.Eq, "CN="+e), with(f, p, ir.StartsWith, "CN="+e+",")}}, true
	}
	q := regexp.QuoteMeta(e)
	if p.Op != ir.Eq { // an end of the literal need not be an end of the name
		q = nameParts(v)
	}
	re, ok := partsOf(p.Op, "^(?i:CN)=", nameChar, "(?:,|$)", q)
	return &ir.And{Span: p.Span, Xs: []ir.Pred{byRegexp(f, p, re), commonNameExists(f, p.Span)}}, ok
}

// nameParts matches a text within the written form of a name.
func nameParts(v string) string {
	var b strings.Builder
	for _, r := range v {
		switch {
		case r == ' ' || r == '#':
			b.WriteString(`\\?`)
		case strings.ContainsRune(`,+"\<>;=`, r):
			b.WriteString(`\\`)
		}
		b.WriteString(regexp.QuoteMeta(string(r)))
	}
	return b.String()
}

func commonNameExists(f *ir.Field, span diag.Span) ir.Pred {
	return matches(f, span, "^(?i:CN)=(?:"+nameFirst+"|"+nameFirst+nameInner+nameLast+")(?:,|$)")
}

// extension rewrites about the text behind the last dot of the last segment of a path.
func extension(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	switch {
	case strings.ContainsAny(v, `./\`):
		return never(p)
	case p.Op == ir.Eq:
		return with(f, p, ir.EndsWith, "."+v), true
	}
	re, ok := parts(p, `\.`, `[^./\\]`, "$", v)
	return byRegexp(f, p, re), ok
}

func extensionExists(f *ir.Field, span diag.Span) ir.Pred { return matches(f, span, `\.[^./\\]*$`) }

// hexNumber rewrites about a number that the native text writes in hexadecimal.
func hexNumber(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	n, err := strconv.ParseInt(v, 10, 64)
	switch {
	case p.Op != ir.Eq || err != nil:
		return nil, false
	case n < 0:
		return never(p)
	}
	c := with(f, p, ir.Eq, "0x"+strconv.FormatInt(n, 16))
	c.Cased = true
	return c, true
}

func hexExists(f *ir.Field, span diag.Span) ir.Pred {
	return matches(f, span, `^0x(?:0|[1-9a-f][0-9a-f]*)$`)
}

// jsonText rewrites about the text in a JSON string.
func jsonText(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	switch {
	case strings.ContainsAny(v, `"\`):
		return never(p)
	case p.Op == ir.Eq:
		return with(f, p, ir.Eq, `"`+v+`"`), true
	}
	re, ok := parts(p, `^"`, `[^"\\]`, `"$`, v)
	return byRegexp(f, p, re), ok
}

func jsonTextExists(f *ir.Field, span diag.Span) ir.Pred { return matches(f, span, `^"[^"\\]*"$`) }

// numberForm has the characters of a number in Sysmon's form, in lower case.
const numberForm = "qwor (0x123456789abcdef)-"

// registryData rewrites about the data of a registry value, where numbers stand in Sysmon's form.
func registryData(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	number, err := strconv.ParseUint(v, 10, 64)
	decimal := err == nil && strconv.FormatUint(number, 10) == v
	isNumber := regexp.MustCompile("(?i)^" + schema.RegistryNumber + "$")
	switch {
	case p.Op == ir.Eq && decimal:
		forms := []string{fmt.Sprintf("QWORD (0x%08x-0x%08x)", number>>32, number&0xffffffff)}
		if number>>32 == 0 {
			forms = append(forms, fmt.Sprintf("DWORD (0x%08x)", number))
		}
		c := with(f, p, ir.Eq, forms...)
		c.Cased = true
		return &ir.Or{Span: p.Span, Xs: []ir.Pred{with(f, p, ir.Eq, v), c}}, true
	case p.Op == ir.Eq && !isNumber.MatchString(v):
		return with(f, p, ir.Eq, v), true
	case p.Op == ir.Like:
		foreign := ""
		for _, part := range pattern.ParseGlob(v) {
			foreign += strings.Trim(strings.ToLower(part.Text), numberForm)
		}
		return with(f, p, ir.Like, v), foreign != ""
	case p.Op != ir.Contains && p.Op != ir.StartsWith && p.Op != ir.EndsWith && p.Op != ir.Eq, strings.Trim(v, "0123456789") == "":
		return nil, false // part of a decimal number
	case strings.Trim(strings.ToLower(v), numberForm) != "":
		return with(f, p, p.Op, v), true // no number in Sysmon's form has such characters
	}
	not := &ir.Not{X: matches(f, p.Span, "^"+schema.RegistryNumber+"$"), Span: p.Span}
	return &ir.And{Span: p.Span, Xs: []ir.Pred{with(f, p, p.Op, v), not}}, true
}

// hiveRegexp matches the names of all hives.
func hiveRegexp() string {
	var all []string
	for _, names := range schema.HiveNames() {
		all = append(all, names...)
	}
	slices.Sort(all)
	return "(?i:" + strings.Join(all, "|") + ")"
}

// registryHive rewrites about the short name of the hive: the comparison is decided for each hive.
func registryHive(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	match, err := ir.Matcher(p.Op, p.Cased, []schema.Value{schema.String(v)})
	if err != nil {
		return nil, false
	}
	eq, starts := with(f, p, ir.Eq), with(f, p, ir.StartsWith)
	eq.Cased, starts.Cased = false, false
	hives := schema.HiveNames()
	for _, short := range slices.Sorted(maps.Keys(hives)) {
		if !match(schema.String(short)) {
			continue
		}
		for _, name := range hives[short] {
			eq.R = append(eq.R, schema.String(name))
			starts.R = append(starts.R, schema.String(name+`\`))
		}
	}
	if len(eq.R) == 0 {
		return never(p)
	}
	return &ir.Or{Span: p.Span, Xs: []ir.Pred{eq, starts}}, true
}

func registryHiveExists(f *ir.Field, span diag.Span) ir.Pred {
	return matches(f, span, "^"+hiveRegexp()+`(?:\\|$)`)
}

// registryKey rewrites about the key between the hive and the last backslash.
func registryKey(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	re, ok := parts(p, "^"+hiveRegexp()+`\\`, ".", `\\[^\\]*$`, v)
	return byRegexp(f, p, re), ok
}

func registryKeyExists(f *ir.Field, span diag.Span) ir.Pred {
	return matches(f, span, "^"+hiveRegexp()+`\\.*\\[^\\]*$`)
}

// registryPath rewrites about a path whose hive the native text may write in another way.
func registryPath(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	alts, ok := registryPaths(p, v)
	if !ok {
		return nil, false
	}
	or := &ir.Or{Span: p.Span}
	for _, h := range alts.hives {
		or.Xs = append(or.Xs, h.pred(f, p))
	}
	if !alts.plain {
		return or, true
	}
	plain := with(f, p, p.Op, v)
	if len(alts.clash) == 0 {
		or.Xs = append(or.Xs, plain)
		return or, true
	}
	clash := &ir.Or{Span: p.Span}
	for _, h := range alts.clash {
		clash.Xs = append(clash.Xs, with(f, &ir.Cmp{Span: p.Span}, h.op, h.name+h.tail))
	}
	or.Xs = append(or.Xs, &ir.And{Span: p.Span, Xs: []ir.Pred{plain, &ir.Not{X: clash, Span: p.Span}}})
	if p.Op == ir.Contains {
		or.Xs = append(or.Xs, byRegexp(f, p, `\\.*`+regexp.QuoteMeta(v)))
	}
	return or, true
}

// A hiveTest compares the native path with the name of a hive and what follows it.
type hiveTest struct {
	op         ir.Op
	name, tail string
}

// pred is the test under the case rule of p, which the name of the hive does not follow: the derivation folds it.
func (h hiveTest) pred(f *ir.Field, p *ir.Cmp) ir.Pred {
	if !p.Cased || h.tail == "" {
		return with(f, &ir.Cmp{Span: p.Span}, h.op, h.name+h.tail)
	}
	re := "^(?i:" + h.name + ")" + regexp.QuoteMeta(h.tail)
	if h.op == ir.Eq {
		re += "$"
	}
	return byRegexp(f, p, re)
}

// pathTests say which native paths have a comparison: those with one of the tests in hives, and, when plain is set, those
// that have the comparison themselves; but not when a test in clash holds, where the literal was found in a hive's name
// that the canonical path has in another form.
type pathTests struct {
	hives, clash []hiveTest
	plain        bool
}

// registryPaths returns the tests for one literal. A literal that begins with a backslash lies behind the hive as a whole;
// any other may begin within the hive's name, which is then written out.
func registryPaths(p *ir.Cmp, v string) (out pathTests, ok bool) {
	if p.Op == ir.Like {
		return registryGlob(p, v)
	}
	if p.Op != ir.Eq && p.Op != ir.StartsWith && p.Op != ir.EndsWith && p.Op != ir.Contains {
		return out, false
	}
	head, tail, cut := strings.Cut(v, `\`)
	if cut {
		tail = `\` + tail
	}
	out.plain = true
	within := withinHive(p.Op, cut)
	hives := schema.HiveNames()
	for _, short := range slices.Sorted(maps.Keys(hives)) {
		has := within(short, head, p.Cased)
		for _, name := range hives[short] {
			plain := within(name, head, false) // the plain comparison finds the literal in this name
			tests := hiveTests(p.Op, name, tail, cut)
			switch {
			case has && (p.Cased || !plain):
				out.hives = append(out.hives, tests...)
			case !has && plain:
				out.clash = append(out.clash, tests...)
			}
		}
	}
	if p.Op == ir.Eq || p.Op == ir.StartsWith && cut { // the literal has the whole hive
		out.plain = len(out.clash) == 0 && !p.Cased || len(out.clash)+len(out.hives) == 0
		out.clash = nil
	}
	return out, true
}

// withinHive returns the test whether the first piece of a literal lies at the right place in the name of a hive.
func withinHive(op ir.Op, cut bool) func(name, head string, cased bool) bool {
	return func(name, head string, cased bool) bool {
		if !cased {
			name, head = strings.ToLower(name), strings.ToLower(head)
		}
		switch {
		case op == ir.Eq, op == ir.StartsWith && cut:
			return name == head
		case op == ir.StartsWith:
			return strings.HasPrefix(name, head)
		case op == ir.Contains && !cut:
			return strings.Contains(name, head)
		case head == "" && cut:
			return false // the literal lies behind the hive
		}
		return strings.HasSuffix(name, head)
	}
}

// hiveTests says that the native path begins with the name and has the rest of the literal behind it.
func hiveTests(op ir.Op, name, tail string, cut bool) []hiveTest {
	switch {
	case op == ir.Eq, op == ir.EndsWith:
		return []hiveTest{{ir.Eq, name, tail}}
	case cut:
		return []hiveTest{{ir.StartsWith, name, tail}}
	}
	return []hiveTest{{ir.Eq, name, ""}, {ir.StartsWith, name + `\`, ""}}
}

// registryGlob is registryPaths for a pattern that begins with a whole hive, or with a star and a backslash.
func registryGlob(p *ir.Cmp, v string) (out pathTests, ok bool) {
	g := pattern.ParseGlob(v)
	switch {
	case len(g) > 1 && g[0].Kind == pattern.Star && g[1].Kind == pattern.Literal && strings.HasPrefix(g[1].Text, `\`):
		return pathTests{plain: true}, true
	case len(g) == 0 || g[0].Kind != pattern.Literal || p.Cased:
		return out, false
	}
	head, tail, cut := strings.Cut(g[0].Text, `\`)
	if !cut {
		return out, false
	}
	out.plain = true
	for short, names := range schema.HiveNames() {
		for _, name := range names {
			switch {
			case pattern.FoldString(short) == pattern.FoldString(head):
				out.plain = false
				out.hives = append(out.hives, hiveTest{ir.Like, "", append(pattern.Glob{{Kind: pattern.Literal, Text: name + `\` + tail}}, g[1:]...).String()})
			case pattern.FoldString(name) == pattern.FoldString(head):
				out.plain = false // no path has the long name
			}
		}
	}
	slices.SortFunc(out.hives, func(a, b hiveTest) int { return strings.Compare(a.tail, b.tail) })
	return out, true
}

// joinedPath rewrites about a registry path that is joined from a key and a value's name.
func (b *binder) joinedPath(m *schema.Mapping, p *ir.Cmp) ir.Pred {
	or := &ir.Or{Span: p.Span}
	natives := m.Natives()
	for _, v := range p.R {
		alts, ok := registryPaths(p, v.Str())
		if !ok || p.Op == ir.Like || p.Cased && len(alts.hives) > 0 || len(alts.clash) > 0 || len(natives) != 2 || m.Derive != "registry_path" {
			return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("`%s` is made of %s and %s on %s; `%s %q` cannot be said there", m.Field.Name, natives[0].Path, natives[len(natives)-1].Path, b.binding.Name, p.Op, v.Str()),
				"begin the text with a backslash or a whole hive, use ==, contains, starts_with or ends_with, or write an `alt` for this binding")
		}
		if alts.plain {
			alts.hives = append(alts.hives, hiveTest{p.Op, v.Str(), ""})
		}
		for _, h := range alts.hives {
			j := joint{p: &ir.Cmp{Op: h.op, Cased: p.Cased, L: p.L, Span: p.Span}, sep: m.Separator, a: NativeField(natives[0], p.Span), z: NativeField(natives[1], p.Span)}
			or.Xs = append(or.Xs, j.literal(h.name+h.tail)...)
		}
	}
	return or
}
