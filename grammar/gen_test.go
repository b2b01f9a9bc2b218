package grammar

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// generator makes trees as a program would: without places, spellings and parentheses.
type generator struct{ t *rapid.T }

func (g generator) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(g.t, label) }

func (g generator) coin() bool { return rapid.Bool().Draw(g.t, "coin") }

func (g generator) name() Name {
	s := rapid.StringMatching(`[a-z][a-z0-9_]{0,8}`).Draw(g.t, "name")
	if IsReserved(s) {
		s += "_1"
	}
	return Name{Text: s}
}

func (g generator) path() *Path {
	segment := rapid.OneOf(
		rapid.StringMatching(`[a-z@_][a-z0-9_]{0,6}(-[a-z]{1,3})?`),
		rapid.SampledFrom([]string{"list", "and", "a b", "1", "ö", "`", "a`b", "x.y", "not", "r", "sha-256", "a-"}),
	)
	return &Path{Segments: rapid.SliceOfN(segment, 1, 4).Draw(g.t, "segments")}
}

func (g generator) field() *PathExpr { return &PathExpr{Path: g.path()} }

func (g generator) text() *String {
	s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z\\"'\n\t $%{}/]{0,12}`),
		rapid.SampledFrom([]string{"", `C:\Windows\`, "it's \"x\"", "a\nb", "  a\n b\n", `"""`, "\n", "a\n\nb ", "\u202e", "é"})).Draw(g.t, "text")
	return &String{Value: s}
}

func (g generator) duration() *Duration {
	n := rapid.Int64Range(0, 1<<40).Draw(g.t, "ms")
	return &Duration{Value: time.Duration(n) * time.Millisecond}
}

func (g generator) number() Expr {
	var x Expr = &Number{Text: rapid.SampledFrom([]string{"0", "1", "42", "0.5", "1e9", "12345678901234567890"}).Draw(g.t, "number")}
	if g.pick("negative", 4) == 0 {
		x = &Unary{Op: "-", X: x}
	}
	return x
}

// literal makes a value as parameters and test events have them.
func (g generator) literal(depth int, test bool) Expr {
	switch g.pick("literal", 7) {
	case 0:
		return g.number()
	case 1:
		return &Bool{Value: g.coin()}
	case 2:
		return g.duration()
	case 3:
		if depth > 0 {
			l := &List{}
			for range g.pick("items", 4) {
				if test && g.pick("object", 4) == 0 {
					l.Items = append(l.Items, &Object{Fields: g.fields(depth - 1)})
					continue
				}
				l.Items = append(l.Items, g.literal(depth-1, test))
			}
			return l
		}
	case 4:
		if test {
			return &Null{}
		}
	}
	return g.text()
}

func (g generator) fields(depth int) []TestField {
	var out []TestField
	for range g.pick("fields", 4) {
		out = append(out, TestField{Path: g.path(), Value: g.literal(depth, true)})
	}
	return out
}

// operand makes a value with arithmetic.
func (g generator) operand(depth int) Expr {
	if depth <= 0 {
		return g.field()
	}
	switch g.pick("operand", 10) {
	case 0:
		return g.number()
	case 1:
		return g.duration()
	case 2:
		return &VarRef{Name: g.name().Text}
	case 3:
		return &Binary{Op: rapid.SampledFrom([]string{"+", "-", "*", "/"}).Draw(g.t, "op"), X: g.operand(depth - 1), Y: g.operand(depth - 1)}
	case 4:
		c := &Call{Func: g.name()}
		for range g.pick("args", 3) {
			c.Args = append(c.Args, g.operand(depth-1))
		}
		return c
	case 5:
		l := &List{}
		for range g.pick("items", 5) {
			l.Items = append(l.Items, g.operand(depth-2))
		}
		return l
	case 6:
		return &Unary{Op: "-", X: g.operand(depth - 1)}
	case 7:
		return g.field()
	}
	return g.text()
}

func (g generator) condition(depth int) Expr {
	if depth <= 0 {
		return g.field()
	}
	switch g.pick("condition", 8) {
	case 0:
		op := rapid.SampledFrom([]string{"and", "or"}).Draw(g.t, "op")
		x := g.chainMember(op, depth-1)
		for range 1 + g.pick("members", 4) {
			x = &Binary{Op: op, X: x, Y: g.chainMember(op, depth-1)}
		}
		return x
	case 1:
		return &Unary{Op: "not", X: g.condition(depth - 1)}
	case 2:
		return &Presence{Op: rapid.SampledFrom([]string{"exists", "empty"}).Draw(g.t, "op"), X: g.field()}
	case 3:
		return &Keyword{Op: rapid.SampledFrom([]string{"", "like", "matches"}).Draw(g.t, "op"), Cased: g.coin(), Text: g.text()}
	case 4:
		return &Quant{Kind: rapid.SampledFrom([]string{"any", "all", "none"}).Draw(g.t, "kind"), Var: g.name(), Over: g.path(), Body: g.condition(depth - 1)}
	case 5:
		return &Bool{Value: g.coin()}
	}
	c := &Compare{Op: rapid.SampledFrom(compareWords).Draw(g.t, "op"), Cased: g.coin(), X: g.operand(depth - 1), Y: g.operand(depth - 1)}
	c.Negated = c.Op == "in" && g.coin()
	return c
}

// chainMember makes a condition that is no chain of the same operator: those would be one longer chain.
func (g generator) chainMember(op string, depth int) Expr {
	x := g.condition(depth)
	if b, ok := x.(*Binary); ok && b.Op == op {
		return &Unary{Op: "not", X: x}
	}
	return x
}

var compareWords = func() []string {
	var out []string
	for _, w := range Words {
		if w.Kind == Infix && w.Text != "not in" {
			out = append(out, w.Text)
		}
	}
	return out
}()

func (g generator) key() Expr {
	if g.pick("key", 4) == 0 {
		return &Call{Func: Name{Text: "fold"}, Args: []Expr{g.field()}}
	}
	return g.field()
}

func (g generator) keys(least int) []Expr {
	var out []Expr
	for range least + g.pick("keys", 6) {
		out = append(out, g.key())
	}
	return out
}

func (g generator) names() []Name {
	var out []Name
	for range 1 + g.pick("names", 3) {
		out = append(out, g.name())
	}
	return out
}

func (g generator) from() *From {
	f := &From{Sources: g.names()}
	for range 1 + g.pick("classes", 3) {
		f.Classes = append(f.Classes, g.path())
	}
	return f
}

func (g generator) agg() Agg {
	a := Agg{Name: g.name(), Call: &Call{Func: g.name()}}
	if g.coin() {
		a.Call = &Call{Func: Name{Text: "count"}}
		a.Where = g.condition(2)
	}
	return a
}

func (g generator) step(i int) *Step {
	s := &Step{From: g.from(), Kind: rapid.SampledFrom([]StepKind{Positive, Missing, Until}).Draw(g.t, "kind")}
	if s.Kind == Positive || g.coin() {
		s.Name = Name{Text: fmt.Sprintf("step_%d", i)}
	}
	if g.coin() {
		s.Where = &Where{X: g.condition(2)}
	}
	if g.coin() {
		s.By = g.keys(1)
	}
	s.Repeat = g.pick("repeat", 3)
	return s
}

func (g generator) maybe() *Duration {
	if g.coin() {
		return g.duration()
	}
	return nil
}

func (g generator) clause() Clause {
	switch g.pick("clause", 20) {
	case 0:
		m := &Meta{}
		for i := range g.pick("entries", 3) {
			m.Entries = append(m.Entries, MetaEntry{Key: Name{Text: fmt.Sprintf("key_%d", i)}, Value: g.literal(1, false)})
		}
		return m
	case 1:
		p := &Param{Name: g.name(), Type: Name{Text: rapid.SampledFrom([]string{"int", "list", "duration"}).Draw(g.t, "type")}}
		if g.coin() {
			p.Lo, p.Hi = g.number(), g.number()
		}
		if g.coin() {
			p.Default = g.literal(2, false)
		}
		if g.coin() {
			p.Doc = "a text"
		}
		return p
	case 2:
		return g.list()
	case 3:
		return &Def{Name: g.name(), Body: g.condition(3)}
	case 4:
		return g.from()
	case 5:
		return &Where{X: g.condition(4)}
	case 6:
		return &Window{Kind: Hopping, Size: g.duration(), Every: g.duration()}
	case 7:
		return &Window{Kind: Session, Size: g.duration(), Max: g.duration()}
	case 8:
		c := &Count{Total: g.coin(), As: g.name()}
		if !c.Total {
			c.Per = g.keys(1)
		}
		for range 1 + g.pick("aggs", 3) {
			c.Aggs = append(c.Aggs, g.agg())
		}
		return c
	case 9:
		return &When{X: g.condition(3)}
	case 10:
		return &Measure{Agg: g.agg(), Per: g.keys(1)}
	case 11:
		return &Baseline{Of: g.name(), Learn: g.duration(), OwnHistory: g.pick("own", 20), Population: g.coin()}
	case 12:
		s := &Sequence{Ordered: g.coin(), By: g.keys(1), Within: g.duration()}
		for i := range 1 + g.pick("steps", 3) {
			s.Steps = append(s.Steps, g.step(i))
		}
		return s
	case 13:
		return &FirstSeen{Field: g.key(), Per: g.keys(0), Every: g.duration(), History: g.duration(), Warmup: g.maybe()}
	case 14:
		return &Expect{Min: 1 + g.pick("min", 5), Per: g.key(), In: &VarRef{Name: g.name().Text}, Grace: g.maybe()}
	case 15:
		return &Schedule{Every: g.duration(), Delay: g.maybe(), Lookback: g.maybe()}
	case 16:
		return g.emit()
	case 17:
		return &FieldDecl{Path: g.path(), Type: Name{Text: rapid.SampledFrom([]string{"keyword", "long", "x"}).Draw(g.t, "type")}, Array: g.coin(), Doc: rapid.SampledFrom([]string{"", "a text"}).Draw(g.t, "doc")}
	case 18:
		return &Alt{Binding: Name{Text: "a.b-c"}, Where: &Where{X: g.condition(3)}}
	}
	return &Allow{Level: g.name(), On: g.names(), Why: g.text()}
}

func (g generator) list() *ListDecl {
	l := &ListDecl{Name: g.name()}
	if g.coin() {
		l.File = g.text()
		l.Column = rapid.SampledFrom([]string{"", "user_id", "User ID", "list", "x-y"}).Draw(g.t, "column")
		return l
	}
	l.Inline = &List{}
	for range g.pick("items", 3) {
		l.Inline.Items = append(l.Inline.Items, g.text())
	}
	return l
}

func (g generator) emit() *Emit {
	e := &Emit{Per: g.keys(0), Once: g.maybe()}
	for range g.pick("items", 3) {
		if g.coin() {
			e.Items = append(e.Items, EmitItem{Kind: g.name(), Shown: []Expr{g.key()}})
			continue
		}
		e.Items = append(e.Items, EmitItem{Shown: g.keys(1)})
	}
	return e
}

func (g generator) test() *Test {
	t := &Test{Name: &String{Value: rapid.StringMatching(`[a-z "']{0,20}`).Draw(g.t, "test")}, Expect: g.pick("expect", 4), ExpectAtLeast: g.coin()}
	for range g.pick("params", 3) {
		t.Params = append(t.Params, ParamSet{Name: g.name(), Value: g.literal(2, false)})
	}
	if g.coin() {
		l := g.list()
		for l.Inline == nil {
			l = &ListDecl{Name: l.Name, Inline: &List{}}
		}
		t.Lists = append(t.Lists, l)
	}
	for range g.pick("events", 4) {
		t.Events = append(t.Events, g.event())
	}
	if g.coin() {
		t.Where = g.condition(2)
	}
	return t
}

func (g generator) event() TestEvent {
	e := TestEvent{Times: 1, Arrives: g.maybe(), Phase: rapid.SampledFrom([]string{"", "history", "now"}).Draw(g.t, "phase")}
	if g.pick("native", 5) == 0 {
		e.Binding, e.Native = Name{Text: "sysmon"}, &String{Value: "{\"a\": \"b\\\\c\"}\n{}"}
		return e
	}
	e.Fields = g.fields(2)
	if e.Offset = g.maybe(); e.Offset != nil {
		e.Absolute = g.coin()
	}
	if g.coin() {
		e.Times = 1 + g.pick("times", 30)
		e.Every = g.maybe()
	}
	if g.coin() {
		e.Source = g.name()
	}
	if g.coin() {
		e.Class = &Path{Segments: []string{"process", "start"}}
	}
	return e
}

func (g generator) file() *File {
	f := &File{}
	for range 1 + g.pick("items", 3) {
		switch g.pick("item", 5) {
		case 0:
			f.Items = append(f.Items, &Import{Path: &String{Value: "x.rule"}})
		case 1:
			f.Items = append(f.Items, g.list())
		case 2:
			t := &Tune{Rule: g.name(), Version: 1 + g.pick("version", 9)}
			for range g.pick("params", 3) {
				t.Params = append(t.Params, ParamSet{Name: g.name(), Value: g.literal(1, false)})
			}
			for range g.pick("excludes", 3) {
				t.Exclude = append(t.Exclude, &Where{X: g.condition(3)})
			}
			f.Items = append(f.Items, t)
		default:
			r := &Rule{Name: g.name(), Version: 1 + g.pick("version", 9)}
			for range g.pick("clauses", 4) {
				r.Clauses = append(r.Clauses, g.clause())
			}
			for range g.pick("tests", 2) {
				r.Clauses = append(r.Clauses, g.test())
			}
			f.Items = append(f.Items, r)
		}
	}
	return f
}

// A tree made by a program prints as text that reads back as the same tree, and that the formatter leaves alone.
func TestPrintParses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := generator{t}.file()
		text := Print(tree)
		back, list := Parse("p.rule", text)
		if len(list) > 0 {
			t.Fatalf("%v %v\n%s", list, list[0].Help, text)
		}
		if d := difference(tree, back); d != "" {
			t.Fatalf("%s\n%s", d, text)
		}
		if got := mustFormat(t, string(text)); got != string(text) {
			t.Fatalf("the formatter changes\n%s\n--- to\n%s", text, got)
		}
	})
}

// Any text becomes a literal that stands for it, in each of the forms.
func TestQuoteRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := generator{t}.text().Value
		for _, literal := range []string{quote(s), stringLiteral(&String{Value: s})} {
			f := &faults{}
			toks, _ := read("q", literal, f)
			if len(f.list) > 0 || len(toks) != 2 || toks[0].Value != literal || decode(literal) != s {
				t.Fatalf("%q is written %s, read %q, %v", s, literal, decode(literal), f.list)
			}
		}
		if literal, ok := blockString(s, "    "); ok && decode(literal) != s {
			t.Fatalf("%q is written %s, read %q", s, literal, decode(literal))
		}
	})
}

// Any path of segments is read back as written.
func TestFormatPathRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := generator{t}.path()
		f := &faults{}
		toks, _ := read("q", FormatPath(p.Segments), f)
		if len(f.list) > 0 || len(toks) != 2 || fmt.Sprint(pathSegments(toks[0].Value)) != fmt.Sprint(p.Segments) {
			t.Fatalf("%q is written %s: %v", p.Segments, FormatPath(p.Segments), f.list)
		}
	})
}
