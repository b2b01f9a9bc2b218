package grammar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sebdah/goldie/v2"

	"github.com/onerule/onerule/diag"
)

// dumper writes a tree as text, every field that is set, without places.
type dumper struct {
	b     strings.Builder
	level int
}

func (d *dumper) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.level))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

func (d *dumper) in(f func()) {
	d.level++
	f()
	d.level--
}

// show writes an expression on one line: operators in prefix form, parentheses of the author as braces.
func show(x Expr) string {
	switch x := x.(type) {
	case nil:
		return "-"
	case *Binary:
		return "(" + x.Op + " " + show(x.X) + " " + show(x.Y) + ")"
	case *Unary:
		return "(" + x.Op + " " + show(x.X) + ")"
	case *Compare:
		op := x.Op
		if x.Negated {
			op = "not-" + op
		}
		if x.Cased {
			op += "/cased"
		}
		return "(" + op + " " + show(x.X) + " " + show(x.Y) + ")"
	case *Presence:
		return "(" + x.Op + " " + show(x.X) + ")"
	case *Keyword:
		return "(" + keywordHead(x) + show(x.Text) + ")"
	case *Quant:
		return "(" + x.Kind + " " + x.Var.Text + " " + showPath(x.Over) + " " + show(x.Body) + ")"
	case *Call:
		return x.Func.Text + "(" + showAll(x.Args) + ")"
	case *PathExpr:
		return showPath(x.Path)
	case *VarRef:
		return "$" + x.Name
	case *String:
		return fmt.Sprintf("%q", x.Value)
	case *Number:
		return x.Text
	case *Bool:
		return fmt.Sprint(x.Value)
	case *Null:
		return "null"
	case *Duration:
		return showDuration(x)
	case *List:
		return "[" + showAll(x.Items) + "]"
	case *Object:
		return "{" + showFields(x.Fields) + "}"
	case *Paren:
		return "{" + show(x.X) + "}"
	}
	return "?"
}

func showAll(xs []Expr) string {
	var out []string
	for _, x := range xs {
		out = append(out, show(x))
	}
	return strings.Join(out, ", ")
}

func showPath(p *Path) string {
	if p == nil {
		return "-"
	}
	return strings.Join(p.Segments, "/")
}

func showDuration(d *Duration) string {
	if d == nil {
		return "-"
	}
	return d.Value.Round(time.Millisecond).String()
}

func showFields(fields []TestField) string {
	var out []string
	for _, f := range fields {
		out = append(out, showPath(f.Path)+"="+show(f.Value))
	}
	return strings.Join(out, " ")
}

func (d *dumper) item(it Item) {
	switch it := it.(type) {
	case *Import:
		d.line("import %q", it.Path.Value)
	case *Def:
		d.line("def %s = %s", it.Name.Text, show(it.Body))
	case *ListDecl:
		d.list(it)
	case *Rule:
		d.line("rule %s %d", it.Name.Text, it.Version)
		d.in(func() {
			for _, c := range it.Clauses {
				d.clause(c)
			}
		})
	case *Tune:
		d.line("tune %s %d", it.Rule.Text, it.Version)
		d.in(func() {
			for _, s := range it.Params {
				d.line("set %s = %s", s.Name.Text, show(s.Value))
			}
			for _, w := range it.Exclude {
				d.line("exclude %s", show(w.X))
			}
		})
	}
}

func (d *dumper) list(l *ListDecl) {
	if l.Inline != nil {
		d.line("list %s = %s", l.Name.Text, show(l.Inline))
		return
	}
	d.line("list %s from %q column %q", l.Name.Text, l.File.Value, l.Column)
}

func (d *dumper) clause(c Clause) {
	switch c := c.(type) {
	case *Meta:
		d.line("meta")
		for _, e := range c.Entries {
			d.line("  %s = %s", e.Key.Text, show(e.Value))
		}
	case *Param:
		d.line("param %s: %s in %s..%s = %s %q", c.Name.Text, c.Type.Text, show(c.Lo), show(c.Hi), show(c.Default), c.Doc)
	case *FieldDecl:
		d.line("field %q: %s %v %q", c.Path.Segments, c.Type.Text, c.Array, c.Doc)
	case *ListDecl:
		d.list(c)
	case *Def:
		d.line("def %s = %s", c.Name.Text, show(c.Body))
	case *From:
		d.line("%s", showFrom(c))
	case *Where:
		d.line("where %s", show(c.X))
	case *Window:
		d.line("%s size %s every %s max %s", c.Kind, showDuration(c.Size), showDuration(c.Every), showDuration(c.Max))
	case *Count:
		d.line("count total=%v per [%s] as %s", c.Total, showAll(c.Per), c.As.Text)
		for _, a := range c.Aggs {
			d.line("  %s", showAgg(a))
		}
	case *When:
		d.line("when %s", show(c.X))
	case *Measure:
		d.line("measure %s per [%s]", showAgg(c.Agg), showAll(c.Per))
	case *Baseline:
		d.line("baseline of %s learn %s own %d population=%v", c.Of.Text, showDuration(c.Learn), c.OwnHistory, c.Population)
	case *Sequence:
		d.line("sequence ordered=%v by [%s] within %s", c.Ordered, showAll(c.By), showDuration(c.Within))
		for _, s := range c.Steps {
			d.line("  step %q %q %s where %s by [%s] repeat %d", s.Kind, s.Name.Text, showFrom(s.From), showWhere(s.Where), showAll(s.By), s.Repeat)
		}
	case *FirstSeen:
		d.line("first_seen %s per [%s] every %s history %s warmup %s", show(c.Field), showAll(c.Per), showDuration(c.Every), showDuration(c.History), showDuration(c.Warmup))
	case *Expect:
		d.line("expect %d per %s in $%s grace %s", c.Min, show(c.Per), c.In.Name, showDuration(c.Grace))
	case *Schedule:
		d.line("schedule every %s delay %s lookback %s", showDuration(c.Every), showDuration(c.Delay), showDuration(c.Lookback))
	case *Emit:
		d.line("emit per [%s] once %s", showAll(c.Per), showDuration(c.Once))
		for _, it := range c.Items {
			d.line("  %q %s", it.Kind.Text, showAll(it.Shown))
		}
	case *Allow:
		d.line("allow %s on %v %q", c.Level.Text, nameTexts(c.On), c.Why.Value)
	case *Alt:
		d.line("alt %s where %s", c.Binding.Text, showWhere(c.Where))
	case *Test:
		d.test(c)
	}
}

func showFrom(f *From) string {
	var classes []string
	for _, p := range f.Classes {
		classes = append(classes, showPath(p))
	}
	return fmt.Sprintf("from %v on %v", classes, nameTexts(f.Sources))
}

func showWhere(w *Where) string {
	if w == nil {
		return "-"
	}
	return show(w.X)
}

func showAgg(a Agg) string { return a.Name.Text + " = " + show(a.Call) + " where " + show(a.Where) }

func (d *dumper) test(t *Test) {
	d.line("test %q expect %d at_least=%v where %s", t.Name.Value, t.Expect, t.ExpectAtLeast, show(t.Where))
	d.in(func() {
		for _, s := range t.Params {
			d.line("set %s = %s", s.Name.Text, show(s.Value))
		}
		for _, l := range t.Lists {
			d.list(l)
		}
		for _, e := range t.Events {
			if e.Native != nil {
				d.line("native %s %q phase %q arrives %s", e.Binding.Text, e.Native.Value, e.Phase, showDuration(e.Arrives))
				continue
			}
			d.line("event phase %q offset %s absolute=%v times %d every %s source %q class %s arrives %s", e.Phase, showDuration(e.Offset), e.Absolute, e.Times,
				showDuration(e.Every), e.Source.Text, showPath(e.Class), showDuration(e.Arrives))
			d.line("  %s", showFields(e.Fields))
		}
	})
}

// The tree of canonical.rule, which has every construct, is golden.
func TestCanonicalTree(t *testing.T) {
	file, list := Parse("canonical.rule", []byte(readFile(t, "canonical.rule")))
	if len(list) > 0 {
		t.Fatal(list)
	}
	var d dumper
	for _, it := range file.Items {
		d.item(it)
	}
	goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithNameSuffix(".tree")).Assert(t, "canonical", []byte(d.b.String()))
}

func TestConditions(t *testing.T) {
	tests := []struct{ text, want string }{
		{`a`, `a`},
		{`a or b and c`, `(or a (and b c))`},
		{`a and b or c`, `(or (and a b) c)`},
		{`a and b and c`, `(and (and a b) c)`},
		{`(a or b) and c`, `(and {(or a b)} c)`},
		{`not a and b`, `(and (not a) b)`},
		{`not a == 1`, `(not (== a 1))`},
		{`not not a`, `(not (not a))`},
		{`not any x in f: x == 1`, `(not (any x f (== x 1)))`},
		{`a + b * c == d - e / f`, `(== (+ a (* b c)) (- d (/ e f)))`},
		{`a - b - c > 1`, `(> (- (- a b) c) 1)`},
		{`a-b > 1`, `(> a-b 1)`},
		{`$n-1 > a`, `(> (- $n 1) a)`},
		{`n-1 > a`, `(> (- n 1) a)`},
		{`-a * -1 < 0`, `(< (* (- a) (- 1)) 0)`},
		{`a - -1 > 0`, `(> (- a (- 1)) 0)`},
		{`a == cased "x"`, `(==/cased a "x")`},
		{`a in ["x", 'y', 1, true,]`, `(in a ["x", "y", 1, true])`},
		{`a not in cased ["x"]`, `(not-in/cased a ["x"])`},
		{`a in []`, `(in a [])`},
		{`a.b.c starts_with $x`, `(starts_with a/b/c $x)`},
		{"`a b`.c == 1", `(== a b/c 1)`},
		{"`a``b` == 1", "(== a`b 1)"},
		{"@timestamp > \"2024\"", `(> @timestamp "2024")`},
		{`any x in f: x == 1 and b`, `(and (any x f (== x 1)) b)`},
		{`any x in f: not x == 1 or b`, `(or (any x f (not (== x 1))) b)`},
		{`none x in f: (x == 1 or b)`, `(none x f {(or (== x 1) b)})`},
		{`all x in f.g: exists x`, `(all x f/g (exists x))`},
		{`exists a.b or empty c`, `(or (exists a/b) (empty c))`},
		{`keyword "x" and a`, `(and (keyword "x") a)`},
		{`length(a) > 3`, `(> length(a) 3)`},
		{`max(a.b, 1 + 2, f()) > 3`, `(> max(a/b, (+ 1 2), f()) 3)`},
		{`count() > 3`, `(> count() 3)`},
		{`a < 1h30m`, `(< a 1h30m0s)`},
		{`a < 500ms`, `(< a 500ms)`},
		{`a < 2w`, `(< a 336h0m0s)`},
		{`a == "\u{1F600}\n\\\"\t\r"`, `(== a "😀\n\\\"\t\r")`},
		{`a == 'C:\x'`, `(== a "C:\\x")`},
		{`a == """x"y"""`, `(== a "x\"y")`},
		{"a == 1\n    and b // comment\n    or c", `(or (and (== a 1) b) c)`},
		{"a in [\n1,\n  // comment\n2\n]", `(in a [1, 2])`},
		{"(\na\n)", `{a}`},
		{"a ==\n1", `(== a 1)`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			file, list := Parse("t.rule", []byte("rule r v1 {\n  where "+tt.text+"\n}\n"))
			if len(list) > 0 {
				t.Fatal(list)
			}
			if got := show(file.Items[0].(*Rule).Clauses[0].(*Where).X); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTexts(t *testing.T) {
	tests := []struct{ literal, want string }{
		{`"""abc"""`, "abc"},
		{`"""  abc """`, "  abc "},
		{"\"\"\"\n  a\n    b\n  \"\"\"", "a\n  b"},
		{"\"\"\"\n  a\n    b\n\"\"\"", "  a\n    b"},
		{"\"\"\"\n  a\n\n   \n  b\n  \"\"\"", "a\n\n\nb"},
		{"\"\"\"\n  a\n\n  \"\"\"", "a\n"},
		{"\"\"\"a\n    b\n    \"\"\"", "a\nb"},
		{"\"\"\"\n  a\n  b\"\"\"", "a\nb"},
		{"\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "a\nb"},
		{"\"\"\"\n\ta\n\t b\n\t\"\"\"", "a\n b"},
		{"\"\"\"\n\ta\n  b\n\"\"\"", "\ta\n  b"},
		{"\"\"\"\n\"\"\"", ""},
		{`""""""`, ""},
		{`""`, ""},
		{`''`, ""},
		{`'a\n"'`, `a\n"`},
		{`"\u{E9}\u{0041}"`, "éA"},
	}
	for _, tt := range tests {
		f := &faults{}
		toks, _ := read("t", tt.literal, f)
		if len(f.list) > 0 || len(toks) != 2 || toks[0].Type != kindString {
			t.Errorf("%s: %v, %d tokens", tt.literal, f.list, len(toks))
			continue
		}
		if got := decode(toks[0].Value); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.literal, got, tt.want)
		}
	}
}

// Positions count lines and code points from 1, also behind wide letters, tabs and texts of several lines.
func TestPositions(t *testing.T) {
	text := "rule r v1 {\r\n\twhere a == \"é😀\" and b == \"\"\"\r\n  x\r\n  \"\"\" and c = 1\r\n}\r\n"
	_, list := Parse("t.rule", []byte(text))
	if len(list) != 1 || list[0].Span.Start.Line != 4 || list[0].Span.Start.Col != 13 || text[list[0].Span.Start.Offset] != '=' {
		t.Errorf("got %v", list)
	}
}

func TestBroken(t *testing.T) {
	file, list := Parse("t.rule", []byte(`rule good v1 {
  from process.start on windows
}
rule bad v1 {
  from process.start on windows
  where process.name = "a"
  schedule every 5m
}
rule good_too v1 {
  from process.start on windows
}
tune bad v1 {
  limit 5
}
`))
	if len(list) != 2 {
		t.Errorf("got %v", list)
	}
	var got []string
	for _, it := range file.Items {
		switch it := it.(type) {
		case *Rule:
			got = append(got, fmt.Sprintf("%s %d %v", it.Name.Text, len(it.Clauses), it.Broken))
		case *Tune:
			got = append(got, fmt.Sprintf("%s %d %v", it.Rule.Text, len(it.Params), it.Broken))
		case *Def, *Import, *ListDecl:
		}
	}
	if want := "good 1 false, bad 2 true, good_too 1 false, bad 0 true"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

// What `check --fix` may change without asking, and what it leaves to the author.
func TestFixes(t *testing.T) {
	tests := []struct{ from, to string }{
		{`a = 1 && !b || c === 2`, `a == 1 and not b or c == 2`},
		{`a == 1 AND NOT b IN [1 2,]`, `a == 1 and not b in [1, 2,]`},
		{`a startswith "x" and b eq 1`, `a starts_with "x" and b == 1`},
		{`exists(a)`, `exists a`},
		{`list == 10.0.0.1`, "`list` == \"10.0.0.1\""},
		{`a < 5min; # why`, `a < 5m // why`},
		{`a contain "x"`, `a contain "x"`},
		{`a has "x"`, `a has "x"`},
		{`a == 007`, `a == 007`},
		{`a < 5M`, `a < 5M`},
		{`a : "x*"`, `a : "x*"`},
	}
	for _, tt := range tests {
		text := "rule r v1 {\n  where " + tt.from + "\n}\n"
		for range 5 {
			_, list := Parse("t.rule", []byte(text))
			text, _ = diag.ApplyFixes("t.rule", text, list)
		}
		words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if want := "rule r v1 { where " + tt.to + " }"; words(text) != want {
			t.Errorf("%s becomes\n%s", tt.from, text)
		}
	}
}
