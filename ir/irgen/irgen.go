// Package irgen draws random predicates and events over given fields, for property tests: of passes, of the text form,
// and of every language against the evaluator. Values are drawn so that comparisons are often decided by a hair: literals
// return in events with their case flipped, cut, extended, doubled, empty, or with characters that languages treat as special.
package irgen

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Config says what to draw.
type Config struct {
	Fields []*ir.Field
	// Constructs that are never drawn.
	NoRel, NoQuant, NoCalc, NoMatches bool
	// Keywords draws keywords as well; languages have none.
	Keywords bool
	// Nulls draws explicit null values, which mean missing.
	Nulls bool
}

// specials are pieces of text that some language quotes, escapes or folds in its own way.
var specials = []string{
	`\`, `\\`, `"`, `'`, `*`, `?`, `%`, `_`, `$`, `(`, `)`, `[`, `]`, `{`, `}`, `|`, `&`, `~`, `#`, `@`, `<`, `>`, `:`, `/`, `-`, `+`, `^`, `.`, ` `, `,`, `;`, `=`, `!`,
	`not `, ` and `, ` or `, `AND`, `\n`, `é`, `Ä`, `ß`, "k", "S", "i", "İ", "\u212A", "😀", `C:\Windows\`, `/add`, `10.0.0.1`, `1.0`, `null`, `true`,
}

var words = []string{"net", "user", "Add", "cmd.exe", "a", "B", "admin", "svc", "x1"}

// Text draws a text of up to three pieces, never empty.
func Text(t *rapid.T, label string) string {
	n := rapid.IntRange(1, 3).Draw(t, label+" pieces")
	var b strings.Builder
	for range n {
		if rapid.IntRange(0, 2).Draw(t, label+" kind") == 0 {
			b.WriteString(rapid.SampledFrom(specials).Draw(t, label))
		} else {
			b.WriteString(rapid.SampledFrom(words).Draw(t, label))
		}
	}
	return b.String()
}

// Pred draws a predicate of at most the depth.
func (c Config) Pred(t *rapid.T, depth int) ir.Pred {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "node") > 0 {
		switch rapid.IntRange(0, 2).Draw(t, "junction") {
		case 0:
			return &ir.And{Xs: c.preds(t, depth-1)}
		case 1:
			return &ir.Or{Xs: c.preds(t, depth-1)}
		default:
			return &ir.Not{X: c.Pred(t, depth-1)}
		}
	}
	return c.leaf(t)
}

func (c Config) preds(t *rapid.T, depth int) []ir.Pred {
	xs := make([]ir.Pred, rapid.IntRange(1, 3).Draw(t, "members"))
	for i := range xs {
		xs[i] = c.Pred(t, depth)
	}
	return xs
}

func (c Config) leaf(t *rapid.T) ir.Pred {
	f := rapid.SampledFrom(c.Fields).Draw(t, "field")
	switch k := rapid.IntRange(0, 11).Draw(t, "leaf"); {
	case k == 0:
		return &ir.Exists{F: f}
	case k == 1 && f.Type.IsString():
		return &ir.Empty{F: f}
	case k == 2 && !c.NoQuant && f.Array:
		return c.quant(t, f)
	case k == 3 && !c.NoRel:
		if r := c.rel(t, f); r != nil {
			return r
		}
	case k == 5 && c.Keywords:
		return keyword(t)
	case k == 4 && !c.NoCalc:
		if p := c.calc(t, f); p != nil {
			return p
		}
	}
	return c.cmp(t, f)
}

func keyword(t *rapid.T) ir.Pred {
	p := &ir.Keyword{Op: rapid.SampledFrom([]ir.Op{ir.Contains, ir.Like, ir.Matches}).Draw(t, "op")}
	p.Text = literal(t, p.Op, schema.Keyword).Str()
	p.Cased = p.Op.Info().Folds && rapid.Bool().Draw(t, "cased")
	return p
}

func (c Config) quant(t *rapid.T, f *ir.Field) ir.Pred {
	q := &ir.Quant{Kind: rapid.SampledFrom([]ir.QuantKind{ir.Any, ir.All}).Draw(t, "quantifier"), Var: "e", Over: f}
	body := func() ir.Pred {
		p := c.cmp(t, f)
		p.L = &ir.Elem{Var: "e", Type: f.Type}
		if rapid.Bool().Draw(t, "negate") {
			return &ir.Not{X: p}
		}
		return p
	}
	q.Body = body()
	if rapid.Bool().Draw(t, "compound") {
		q.Body = &ir.And{Xs: []ir.Pred{q.Body, body()}}
	}
	return q
}

func (c Config) rel(t *rapid.T, f *ir.Field) ir.Pred {
	var others []*ir.Field
	for _, g := range c.Fields {
		if g.Name != f.Name && ir.Comparable(f.Type, g.Type) {
			others = append(others, g)
		}
	}
	if len(others) == 0 {
		return nil
	}
	r := &ir.Rel{Op: ir.Eq, L: f, R: rapid.SampledFrom(others).Draw(t, "other")}
	if f.Type.IsString() {
		r.Op = rapid.SampledFrom([]ir.Op{ir.Eq, ir.Contains, ir.StartsWith, ir.EndsWith}).Draw(t, "op")
		r.Cased = rapid.Bool().Draw(t, "cased")
	} else if f.Type.IsNumber() || f.Type == schema.Date {
		r.Op = rapid.SampledFrom([]ir.Op{ir.Eq, ir.Lt, ir.Ge}).Draw(t, "op")
	}
	return r
}

func (c Config) calc(t *rapid.T, f *ir.Field) ir.Pred {
	n := schema.Int(rapid.Int64Range(0, 24).Draw(t, "number"))
	op := rapid.SampledFrom([]ir.Op{ir.Eq, ir.Ge, ir.Lt}).Draw(t, "op")
	switch {
	case f.Type.IsString() && rapid.Bool().Draw(t, "length"):
		return &ir.Cmp{Op: op, L: &ir.Call{Func: ir.Length, X: f}, R: []schema.Value{n}}
	case f.Array:
		return &ir.Cmp{Op: op, L: &ir.Call{Func: ir.Values, X: f}, R: []schema.Value{schema.Int(rapid.Int64Range(0, 2).Draw(t, "count"))}}
	case f.Type == schema.Date:
		fn := rapid.SampledFrom([]ir.Func{ir.Minute, ir.Hour, ir.Weekday, ir.Day, ir.Week, ir.Month}).Draw(t, "function")
		return &ir.Cmp{Op: op, L: &ir.Call{Func: fn, X: f}, R: []schema.Value{n}}
	case f.Type == schema.Long:
		a := &ir.Arith{Op: rapid.SampledFrom([]byte("+-*")).Draw(t, "arithmetic"), X: f, Y: &ir.Lit{Value: schema.Int(3)}, Type: schema.Long}
		return &ir.Cmp{Op: op, L: a, R: []schema.Value{n}}
	}
	return nil
}

func (c Config) cmp(t *rapid.T, f *ir.Field) *ir.Cmp {
	var ops []ir.Op
	for _, o := range ir.Ops {
		if !containsType(o.Types, f.Type) || o.Op == ir.Matches && c.NoMatches {
			continue
		}
		ops = append(ops, o.Op)
	}
	p := &ir.Cmp{Op: rapid.SampledFrom(ops).Draw(t, "op"), L: f}
	if p.Op.Info().Folds && f.Type.IsString() {
		p.Cased = rapid.IntRange(0, 2).Draw(t, "cased") == 0
	}
	n := 1
	if p.Op != ir.Lt && p.Op != ir.Le && p.Op != ir.Gt && p.Op != ir.Ge && rapid.IntRange(0, 3).Draw(t, "list") == 0 {
		n = rapid.IntRange(2, 3).Draw(t, "literals")
	}
	for range n {
		p.R = append(p.R, literal(t, p.Op, f.Type))
	}
	return p
}

func containsType(ts []schema.Type, t schema.Type) bool {
	for _, x := range ts {
		if x == t {
			return true
		}
	}
	return false
}

var regexps = []string{
	`net`, `^net$`, `(?i)^user`, `a+b?`, `[A-C]x|\.exe$`, `(?i)admin\d*`, `^.{2,5}$`, `\\[^\\]+\\`, `(net|cmd)1?\.exe`, `"/add"`, `k`, `(?i)sk`, `(?s)a.b`, `[^a-z]`, `^$`, `x*`, `\s/[a-z]{2,3}`, `é|ß`, `@#&~<>`,
}

func literal(t *rapid.T, op ir.Op, typ schema.Type) schema.Value {
	switch {
	case op == ir.InCIDR:
		return schema.String(rapid.SampledFrom([]string{"10.0.0.0/8", "10.16.0.0/12", "192.168.1.7", "0.0.0.0/0", "2001:db8::/32", "::1"}).Draw(t, "block"))
	case op == ir.Matches:
		return schema.String(rapid.SampledFrom(regexps).Draw(t, "regexp"))
	case op == ir.Like:
		s := Text(t, "glob")
		return schema.String(rapid.SampledFrom([]string{s, s + "*", "*" + s, "*" + s + "*", s + "?x", s + "*" + s, "?" + s, `\*` + s}).Draw(t, "glob form"))
	case typ.IsString():
		if op == ir.Eq && rapid.IntRange(0, 9).Draw(t, "empty literal") == 0 {
			return schema.String("")
		}
		return schema.String(Text(t, "literal"))
	}
	return scalar(t, typ)
}

// scalar draws from a small set, so that equal values and neighbours are frequent.
func scalar(t *rapid.T, typ schema.Type) schema.Value {
	switch typ {
	case schema.Long:
		return schema.Int(rapid.SampledFrom([]int64{-5, 0, 1, 2, 3, 4, 5, 6, 21, 24, 1 << 40}).Draw(t, "long"))
	case schema.Double:
		return schema.Float(rapid.SampledFrom([]float64{-0.5, 0, 0.25, 1, 5.5, 5, 100}).Draw(t, "double"))
	case schema.Boolean:
		return schema.Bool(rapid.Bool().Draw(t, "boolean"))
	case schema.Date:
		return schema.DateMillis(rapid.SampledFrom([]int64{1772438400000, 1772438399999, 1772438400001, 1772449200000, 1772524800000}).Draw(t, "date"))
	case schema.IP:
		s := rapid.SampledFrom([]string{"10.0.0.0", "9.255.255.255", "10.255.255.255", "10.16.0.1", "192.168.1.7", "192.168.1.8", "2001:db8::1", "2001:db9::", "::1"}).Draw(t, "address")
		return schema.Addr(netip.MustParseAddr(s))
	case schema.Keyword, schema.Text, schema.Invalid:
	}
	return schema.String(Text(t, "text"))
}

// Event draws an event whose values play on the literals of the predicate. Fields are set at their paths.
func (c Config) Event(t *rapid.T, p ir.Pred, id string) schema.Event {
	lits := map[string][]schema.Value{}
	ir.Walk(p, func(p ir.Pred) bool {
		if cmp, ok := p.(*ir.Cmp); ok {
			if f, ok := cmp.L.(*ir.Field); ok {
				lits[f.Name] = append(lits[f.Name], cmp.R...)
			} else {
				lits[""] = append(lits[""], cmp.R...)
			}
		}
		return true
	})
	related := relations(p)
	e := schema.Event{ID: id, Object: map[string]any{}}
	for _, f := range c.Fields {
		n := rapid.SampledFrom([]int{0, 1, 1, 1, 2}).Draw(t, f.Name+" values")
		if !f.Array {
			n = min(n, 1)
		}
		var vals []any
		for range n {
			v := value(t, f, append(lits[f.Name], lits[""]...))
			for _, g := range related[f.Name] {
				lits[g] = append(lits[g], v)
			}
			vals = append(vals, jsonOf(v))
		}
		switch {
		case n > 0:
			put(e.Object, f, vals)
		case c.Nulls && rapid.IntRange(0, 3).Draw(t, "null") == 0:
			schema.SetPath(e.Object, f.Name, []any{nil})
		}
	}
	return roundTrip(e)
}

// relations returns for each text field those that the predicate compares it with, whose values play on its own.
func relations(p ir.Pred) map[string][]string {
	out := map[string][]string{}
	ir.Walk(p, func(p ir.Pred) bool {
		if r, ok := p.(*ir.Rel); ok && ir.TermType(r.L).IsString() {
			for _, f := range ir.FieldsOf(r) {
				for _, g := range ir.FieldsOf(r) {
					if f.Name != g.Name {
						out[f.Name] = append(out[f.Name], g.Name)
					}
				}
			}
		}
		return true
	})
	return out
}

func value(t *rapid.T, f *ir.Field, lits []schema.Value) schema.Value {
	if len(lits) > 0 && rapid.IntRange(0, 4).Draw(t, "from literal") > 0 {
		v := rapid.SampledFrom(lits).Draw(t, "literal of the rule")
		if f.Type.IsString() && v.Type().IsString() {
			return schema.String(mutate(t, v.Str()))
		}
		if v.Type() == f.Type {
			if f.Type == schema.Long {
				return schema.Int(v.Int64() + rapid.Int64Range(-1, 1).Draw(t, "delta"))
			}
			return v
		}
	}
	return scalar(t, f.Type)
}

func mutate(t *rapid.T, s string) string {
	switch rapid.IntRange(0, 9).Draw(t, "mutation") {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return flipCase(s)
	case 2:
		return s + Text(t, "suffix")
	case 3:
		return Text(t, "prefix") + s
	case 4:
		return Text(t, "prefix") + s + Text(t, "suffix")
	case 5:
		return ""
	case 6:
		return strings.NewReplacer("*", Text(t, "star"), "?", "é").Replace(s)
	case 7:
		if r := []rune(s); len(r) > 1 {
			return string(r[1:])
		}
	case 8: // code points that Unicode folds to ASCII letters, and the rule does not
		return strings.NewReplacer("k", "\u212A", "s", "\u017F").Replace(s)
	}
	return s
}

func flipCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

// put writes values of a field; a native array is written as an array.
func put(obj map[string]any, f *ir.Field, vals []any) {
	if f.Native != nil {
		f.Native.Put(obj, vals)
		return
	}
	schema.SetPath(obj, f.Name, vals)
}

func jsonOf(v schema.Value) any { return v.JSON() }

// roundTrip gives the event the form that reading JSON gives: numbers are json.Number.
func roundTrip(e schema.Event) schema.Event {
	data, err := json.Marshal(e.Object)
	if err != nil {
		panic(fmt.Sprintf("irgen: %v", err))
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	e.Object = nil
	if err := dec.Decode(&e.Object); err != nil {
		panic(fmt.Sprintf("irgen: %v", err))
	}
	return e
}
