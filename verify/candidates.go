package verify

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// candidates returns contents of a field that may decide a leaf, likely ones first.
func (s *solver) candidates(p ir.Pred, f *ir.Field, e schema.Event) [][]any {
	var out [][]any
	if q, is := p.(*ir.Quant); is && q.Over.Name == f.Name {
		out = s.elementLists(q, e)
		if ir.ReadsSubfields(q.Body, q.Var) {
			return append(out, nil)
		}
	}
	held := valuesOf(f, e)
	for _, x := range s.deciding(p, f, e, held) {
		out = append(out, []any{x})
	}
	if f.Array {
		out = append(out, lists(p, f, held, out)...)
	}
	out = append(out, []any{other(f.Type)}, []any{another(f.Type)})
	if f.Type.IsString() {
		out = append(out, []any{""})
	}
	return append(out, nil)
}

// lists returns contents of several values: a deciding one beside another, one behind those that the field holds, and as
// many different ones as a count asks for.
func lists(p ir.Pred, f *ir.Field, held []schema.Value, single [][]any) [][]any {
	var out [][]any
	if c, is := p.(*ir.Cmp); is {
		if call, is := c.L.(*ir.Call); is && call.Func == ir.Values {
			return counted(f, c.R)
		}
	}
	if len(single) == 0 {
		return nil
	}
	out = append(out, []any{other(f.Type), single[0][0]})
	if len(held) > 0 && len(held) < 8 {
		for _, one := range single {
			out = append(out, append(jsonAll(f, held), one...))
		}
	}
	return out
}

// counted returns contents with as many different values as a literal says, one less, one more, and with a value twice.
func counted(f *ir.Field, literals []schema.Value) [][]any {
	var out [][]any
	for _, v := range literals {
		for _, n := range []int64{v.Int64(), v.Int64() + 1, v.Int64() - 1} {
			if n < 1 || n > 20 {
				continue
			}
			var vals []any
			for i := range n {
				vals = append(vals, numbered(f.Type, i))
			}
			out = append(out, vals, append(slices.Clone(vals), vals[0]))
		}
	}
	return out
}

// deciding returns single values of a field for which a leaf is, or is nearly, true.
func (s *solver) deciding(p ir.Pred, f *ir.Field, e schema.Event, held []schema.Value) []any {
	current := ""
	if len(held) > 0 {
		current = held[0].String()
	}
	var out []any
	ir.Walk(p, func(p ir.Pred) bool {
		switch p := p.(type) {
		case *ir.Cmp:
			for _, v := range p.R {
				out = append(out, satisfying(p, f, v, current, held)...)
				if p.Op == ir.Contains && f.Type.IsString() && v.Type().IsString() {
					out = append(out, s.inserted(f, v.Str(), current)...)
				}
			}
			if _, is := p.L.(*ir.Arith); is {
				out = append(out, reckonedFor(f, e, append(termNumbers(p.L, e), p.R...))...)
			}
		case *ir.Rel:
			out = append(out, related(p, f, e)...)
		case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
		}
		return true
	})
	return out
}

// inserted returns a text with a literal put into it where the beginning ends, or the end begins, that goals reached before
// ask for.
func (s *solver) inserted(f *ir.Field, lit, current string) []any {
	head, tail := 0, 0
	for _, g := range s.decided.on(f) {
		c, ok := g.p.(*ir.Cmp)
		if !ok || !g.want || len(c.R) == 0 {
			continue
		}
		for _, v := range c.R {
			switch known := v.String(); {
			case c.Op == ir.StartsWith && strings.HasPrefix(pattern.FoldString(current), pattern.FoldString(known)):
				head = max(head, len(known))
			case c.Op == ir.EndsWith && strings.HasSuffix(pattern.FoldString(current), pattern.FoldString(known)):
				tail = max(tail, len(known))
			}
		}
	}
	if head+tail == 0 || head+tail > len(current) || !pattern.IsASCII(current) {
		return nil
	}
	end := len(current) - tail
	return []any{current[:head] + lit + current[head:], current[:end] + lit + current[end:], current[:head] + "x" + lit + "y" + current[head:]}
}

// related returns the values of the other side of a comparison of two terms, and those next to them.
func related(p *ir.Rel, f *ir.Field, e schema.Event) []any {
	if !plainFields(p) || f.Type.IsNumber() || f.Type == schema.Date {
		return reckonedFor(f, e, append(termNumbers(p.L, e), termNumbers(p.R, e)...))
	}
	var out []any
	for _, g := range ir.FieldsOf(p) {
		if g.Name == f.Name {
			continue
		}
		for _, x := range valuesOf(g, e) {
			if v, ok := schema.FromText(f.Type, x.String()); ok {
				out = append(out, jsonOf(f, v))
			}
		}
	}
	for _, x := range slices.Clone(out) {
		if s, is := x.(string); is && f.Type.IsString() {
			out = append(out, beside(s)...)
		}
	}
	return append(out, other(f.Type)) // both sides may be missing: one begins
}

// beside returns the texts next to one that is compared with: with something before or behind it, or on both sides, of the
// other case, and cut at one or both ends.
func beside(s string) []any {
	out := []any{s + "x", "x" + s, "x" + s + "y", strings.Map(flip, s)}
	if r := []rune(s); len(r) > 2 {
		out = append(out, string(r[:len(r)-1]), string(r[1:]), string(r[1:len(r)-1]))
	}
	return out
}

func plainFields(p *ir.Rel) bool {
	_, l := p.L.(*ir.Field)
	_, r := p.R.(*ir.Field)
	return l && r
}

// reckonedFor returns values of a field for a calculation with the given numbers; of a text field, of which a calculation
// takes the length, texts of the lengths that it may turn on.
func reckonedFor(f *ir.Field, e schema.Event, vals []schema.Value) []any {
	if !f.Type.IsString() {
		return reckoned(f, e, vals)
	}
	var out []any
	for _, x := range reckoned(&ir.Field{Name: f.Name, Type: schema.Long}, e, vals) {
		if n, ok := x.(int64); ok && n > 0 && n < maxTextLength {
			out = append(out, strings.Repeat("x", int(n)))
		}
	}
	return out
}

// maxTextLength bounds the texts that are made for their length.
const maxTextLength = 10_000

// termNumbers returns the numbers, times and lengths that a term is made of.
func termNumbers(t ir.Term, e schema.Event) []schema.Value {
	switch t := t.(type) {
	case *ir.Field:
		return valuesOf(t, e)
	case *ir.Lit:
		return []schema.Value{t.Value}
	case *ir.Arith:
		return append(termNumbers(t.X, e), termNumbers(t.Y, e)...)
	case *ir.Call:
		in := termNumbers(t.X, e)
		if t.Func != ir.Length {
			return in
		}
		for i, v := range in {
			in[i] = schema.Int(int64(utf8.RuneCountInString(v.String())))
		}
		return in
	case *ir.Elem:
	}
	return nil
}

// maxReckoned bounds the values that are reckoned from those of a calculation.
const maxReckoned = 80

// reckoned returns numbers or times that a calculation with the given ones may turn on: sums, differences, products and
// quotients of two of them, and those next to them.
func reckoned(f *ir.Field, e schema.Event, vals []schema.Value) []any {
	var base []float64
	for _, v := range vals {
		if v.Type() == schema.Date {
			base = append(base, float64(v.Millis()))
		} else if v.Type().IsNumber() {
			base = append(base, v.Float64())
		}
	}
	if f.Type == schema.Date {
		base = append(base, float64(schema.DefaultMillis))
	} else {
		base = append(base, 7, 1)
	}
	found := slices.Clone(base)
	for i, a := range base {
		for _, b := range base[i+1:] {
			found = append(found, a+b, a-b, b-a, a*b)
			if b != 0 {
				found = append(found, a/b)
			}
		}
	}
	var out []any
	for _, x := range found {
		for _, d := range []float64{0, 1, -1} {
			if v, ok := numberAs(f.Type, x+d); ok && len(out) < maxReckoned {
				out = append(out, jsonOf(f, v))
			}
		}
	}
	return out
}

func numberAs(t schema.Type, x float64) (schema.Value, bool) {
	switch t {
	case schema.Double:
		return schema.Float(x), true
	case schema.Long:
		return schema.Int(int64(x)), x == float64(int64(x)) && x < 1<<50 && x > -1<<50
	case schema.Date:
		return schema.DateMillis(int64(x)), x > 0 && x < 1<<43
	case schema.Keyword, schema.Text, schema.Boolean, schema.IP, schema.Invalid:
	}
	return schema.Value{}, false
}

// other, another and numbered are plain values that rules hardly name.
func other(t schema.Type) any {
	return plain(t, "zq7", "7", "2026-01-05T00:00:00.000Z", "198.51.100.7")
}

func another(t schema.Type) any {
	return plain(t, "other value", "-3", "2026-01-06T03:30:00.000Z", "2001:db8:ffff::7")
}

func numbered(t schema.Type, i int64) any {
	n := strconv.FormatInt(i, 10)
	return plain(t, "zq"+n, n, schema.DateMillis(schema.DefaultMillis+i).String(), "198.51.100."+n)
}

func plain(t schema.Type, text, number, date, addr string) any {
	s := text
	switch t {
	case schema.Long, schema.Double:
		s = number
	case schema.Boolean:
		s = strconv.FormatBool(number == "7")
	case schema.Date:
		s = date
	case schema.IP:
		s = addr
	case schema.Keyword, schema.Text, schema.Invalid:
	}
	if v, ok := schema.FromText(t, s); ok {
		return v.JSON()
	}
	return s
}

// satisfying returns values of a field for which a comparison with one literal is, or is nearly, true. current is what the
// field holds for other conditions: text operators can share one value.
func satisfying(p *ir.Cmp, f *ir.Field, v schema.Value, current string, held []schema.Value) []any {
	if c, ok := p.L.(*ir.Call); ok {
		return called(c.Func, f, v, held)
	}
	if f.Type.IsString() {
		if !v.Type().IsString() {
			return nil
		}
		return texts(p.Op, v.Str(), current)
	}
	switch {
	case p.Op == ir.InCIDR:
		block, err := ir.ParseCIDR(v.Str())
		if err != nil {
			return nil
		}
		return []any{block.Addr().String(), ir.LastAddr(block).String(), block.Addr().Next().String()}
	case f.Type == schema.Long && v.Type() == schema.Long:
		return []any{v.Int64(), v.Int64() + 1, v.Int64() - 1}
	case f.Type.IsNumber() && v.Type().IsNumber():
		return []any{v.Float64(), v.Float64() + 1, v.Float64() - 1}
	case f.Type == schema.Date && v.Type() == schema.Date:
		return []any{jsonOf(f, v), jsonOf(f, schema.DateMillis(v.Millis()+1)), jsonOf(f, schema.DateMillis(v.Millis()-1))}
	case f.Type == schema.Boolean && v.Type() == schema.Boolean:
		return []any{v.Bool(), !v.Bool()}
	}
	return []any{v.JSON()}
}

func texts(op ir.Op, lit, current string) []any {
	switch op {
	case ir.Contains:
		return []any{lit, current + lit, lit + current, current + " " + lit + " x", "x" + lit + "y", `"` + lit + "x"}
	case ir.StartsWith:
		return []any{lit, lit + current, lit + "x", lit + " " + current}
	case ir.EndsWith:
		return []any{lit, current + lit, "x" + lit, current + " " + lit, `"` + lit}
	case ir.Like:
		g := pattern.ParseGlob(lit)
		return []any{fillGlob(g, "ab"), fillGlob(g, ""), fillGlob(g, current), fillGlob(g, "x/y"), fillGlob(g, " x ")}
	case ir.Matches:
		n, err := pattern.ParseRegexp(lit)
		if err != nil {
			return nil
		}
		var out []any
		for _, s := range pattern.Samples(n) {
			out = append(out, s, current+s, s+current, s+" x", "x "+s)
		}
		return out
	case ir.Eq, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return []any{lit}
}

// fillGlob returns a text that fits a glob, with a text for each star and a letter for each question mark.
func fillGlob(g pattern.Glob, star string) string {
	var b strings.Builder
	for _, part := range g {
		switch part.Kind {
		case pattern.Literal:
			b.WriteString(part.Text)
		case pattern.Star:
			b.WriteString(star)
		case pattern.One:
			b.WriteByte('q')
		}
	}
	return b.String()
}

// called returns field values for a comparison of a function with a number.
func called(fn ir.Func, f *ir.Field, v schema.Value, held []schema.Value) []any {
	n := v.Int64()
	now := int64(schema.DefaultMillis)
	if len(held) > 0 && f.Type == schema.Date {
		now = held[0].Millis()
	}
	var out []any
	times := func(ms ...int64) []any {
		for _, t := range ms {
			out = append(out, jsonOf(f, schema.DateMillis(t)))
		}
		return out
	}
	switch fn {
	case ir.Length:
		for _, k := range []int64{n, n + 1, n - 1} {
			if k >= 0 && k < maxTextLength {
				out = append(out, strings.Repeat("x", int(k)))
			}
		}
		return out
	case ir.Hour: // on the day that it is
		start := now - now%dayMillis + n*hourMillis
		return times(start, start+hourMillis, start-1, start+hourMillis-1)
	case ir.Weekday: // at the time of day that it is, and at the edges of the day
		at := schema.DefaultMillis + (n-1)*dayMillis // the default time is a Monday
		return times(at+now%dayMillis, at+dayMillis+now%dayMillis, at-dayMillis+now%dayMillis, at, at+dayMillis-1, at+dayMillis, at-1)
	case ir.Minute: // in the hour that it is
		start := now - now%hourMillis + n*minuteMillis
		return times(start, start+minuteMillis, start-1, start+minuteMillis-1)
	case ir.Day, ir.Week, ir.Month:
		if n < 0 || n > 60 { // no calendar has it
			break
		}
		return calendarTimes(fn, int(n), time.UnixMilli(now).UTC(), times)
	case ir.Values:
	}
	return []any{other(f.Type)}
}

// calendarTimes returns times in a day of the month, a week or a month, before and behind it: what the parts have beside it
// stays as it is, because other conditions may ask for it, and then the edges.
func calendarTimes(fn ir.Func, n int, now time.Time, times func(ms ...int64) []any) []any {
	midnight := now.Truncate(24 * time.Hour)
	sinceMonday := (int(now.Weekday()) + 6) % 7
	var same, from time.Time
	var step func(t time.Time, by int) time.Time
	switch fn {
	case ir.Day:
		step = func(t time.Time, by int) time.Time { return t.AddDate(0, 0, by) }
		same, from = step(now, n-now.Day()), step(midnight, n-now.Day())
	case ir.Week:
		step = func(t time.Time, by int) time.Time { return t.AddDate(0, 0, 7*by) }
		_, week := now.ISOWeek()
		same, from = step(now, n-week), step(midnight.AddDate(0, 0, -sinceMonday), n-week)
	case ir.Month:
		step = func(t time.Time, by int) time.Time { return t.AddDate(0, by, 0) }
		same, from = step(now, n-int(now.Month())), step(midnight.AddDate(0, 0, 1-now.Day()), n-int(now.Month()))
	case ir.Length, ir.Values, ir.Minute, ir.Hour, ir.Weekday:
		return nil
	}
	to := step(from, 1)
	return times(same.UnixMilli(), step(same, 1).UnixMilli(), step(same, -1).UnixMilli(), from.UnixMilli(), to.UnixMilli(), from.UnixMilli()-1, to.UnixMilli()-1)
}

const (
	minuteMillis = 60_000
	hourMillis   = 3600_000
	dayMillis    = 24 * hourMillis
)
