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
	"github.com/onerule/onerule/schema"
)

// never is the answer about a literal that the derived value cannot have.
func never(p *ir.Cmp) (ir.Pred, bool) { return &ir.Const{Span: p.Span}, true }

// parts gives, for a value that stands between two regular expressions in the native text, the regular expression of a
// comparison with it: char is the class of characters that the value is made of.
func parts(p *ir.Cmp, before, char, after, v string) (string, bool) {
	q := regexp.QuoteMeta(v)
	switch p.Op {
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
		if h := name + "=" + v; p.Op == ir.Eq {
			return &ir.Or{Span: p.Span, Xs: []ir.Pred{with(f, p, ir.Eq, h), with(f, p, ir.StartsWith, h+","), with(f, p, ir.EndsWith, ","+h), with(f, p, ir.Contains, ","+h+",")}}, true
		}
		re, ok := parts(p, "(?:^|,)"+name+"=", "[^,]", "(?:,|$)", v)
		return byRegexp(f, p, re), ok
	}
}

func hashExists(name string) func(*ir.Field, diag.Span) ir.Pred {
	return func(f *ir.Field, span diag.Span) ir.Pred {
		cmp := func(op ir.Op, text string) ir.Pred {
			return &ir.Cmp{Op: op, Cased: true, L: f, R: []schema.Value{schema.String(text)}, Span: span}
		}
		return &ir.Or{Span: span, Xs: []ir.Pred{cmp(ir.StartsWith, name+"="), cmp(ir.Contains, ","+name+"=")}}
	}
}

// nameValue is what a value of a distinguished name is made of.
const nameValue = `(?:[^,+"\\<>;=]|\\[,+"\\<>;=# ])`

// commonName rewrites about the first common name of a distinguished name.
func commonName(f *ir.Field, p *ir.Cmp, v string) (ir.Pred, bool) {
	if v == "" {
		return never(p)
	}
	e := schema.EscapeName(v)
	if p.Op == ir.Eq {
		return &ir.Or{Span: p.Span, Xs: []ir.Pred{with(f, p, ir.Eq, "CN="+e), with(f, p, ir.StartsWith, "CN="+e+",")}}, true
	}
	re, ok := parts(p, "^CN=", nameValue, "(?:,|$)", e)
	return byRegexp(f, p, re), ok
}

func commonNameExists(f *ir.Field, span diag.Span) ir.Pred {
	return matches(f, span, "^(?i:CN)="+nameValue+"+(?:,|$)")
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
	case p.Op != ir.Contains && p.Op != ir.StartsWith && p.Op != ir.EndsWith && p.Op != ir.Eq, strings.Trim(v, "0123456789") == "":
		return nil, false // part of a decimal number
	case strings.Trim(strings.ToLower(v), "dqwor (0x123456789abcdef)-") != "":
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
	alts, ok := registryPaths(p.Op, v)
	if !ok {
		return nil, false
	}
	or := &ir.Or{Span: p.Span}
	for _, a := range alts {
		or.Xs = append(or.Xs, with(f, p, a.op, a.text))
	}
	return or, true
}

type textTest struct {
	op   ir.Op
	text string
}

// registryPaths returns the tests of the native path, one of which must hold. A path begins with a hive, so that a literal
// that begins with a backslash lies behind the hive as a whole; any other may begin within the hive's name, which is then
// written out. ok is false when a literal could be found in the long name of a hive and nowhere else.
func registryPaths(op ir.Op, v string) (alts []textTest, ok bool) {
	hives := schema.HiveNames()
	head, _, cut := strings.Cut(v, `\`)
	tail := strings.TrimPrefix(v, head) // "" or from the first backslash on
	fold := strings.EqualFold
	for _, short := range slices.Sorted(maps.Keys(hives)) {
		for _, name := range hives[short] {
			long := len(name) > len(short)
			switch op {
			case ir.Eq:
				if fold(head, short) {
					alts = append(alts, textTest{ir.Eq, name + tail})
				} else if long && fold(head, name) {
					return nil, true // no path has the long name
				}
			case ir.StartsWith:
				switch {
				case cut && fold(head, short), !cut && len(v) <= len(short) && fold(short[:len(v)], v):
					alts = append(alts, textTest{ir.StartsWith, name + tail})
				case long && len(head) <= len(name) && fold(name[:len(head)], head):
					return nil, true
				}
			case ir.Contains, ir.EndsWith:
				if head == "" {
					continue
				}
				if long && (cut && len(head) <= len(name) && fold(name[len(name)-len(head):], head) || !cut && strings.Contains(strings.ToLower(name), strings.ToLower(head))) {
					return nil, false
				}
			default:
				return nil, false
			}
		}
	}
	if len(alts) == 0 {
		alts = []textTest{{op, v}}
	}
	return alts, true
}

// joinedPath rewrites about a registry path that is joined from a key and a value's name.
func (b *binder) joinedPath(m *schema.Mapping, p *ir.Cmp) ir.Pred {
	or := &ir.Or{Span: p.Span}
	natives := m.Natives()
	for _, v := range p.R {
		alts, ok := registryPaths(p.Op, v.Str())
		if !ok || len(natives) != 2 || m.Derive != "registry_path" {
			return b.fail(diag.NoNativeForm, p.Span, fmt.Sprintf("`%s` is made of %s and %s on %s; `%s %q` cannot be said there", m.Field.Name, natives[0].Path, natives[len(natives)-1].Path, b.binding.Name, p.Op, v.Str()),
				"begin the text with a backslash or a whole hive, use ==, contains, starts_with or ends_with, or write an `alt` for this binding")
		}
		for _, a := range alts {
			j := joint{p: &ir.Cmp{Op: a.op, Cased: p.Cased, L: p.L, Span: p.Span}, sep: m.Separator, a: NativeField(natives[0], p.Span), z: NativeField(natives[1], p.Span)}
			or.Xs = append(or.Xs, j.literal(a.text)...)
		}
	}
	return or
}
