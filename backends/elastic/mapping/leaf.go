package mapping

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/lucene"
)

// Matcher decides on one indexed value of a field. A document matches a leaf query if any of its values does.
type Matcher func(Value) bool

// Context is what reading a query value may depend on.
type Context struct {
	// Now is the instant of `now` in date math.
	Now time.Time
	// Zone is the zone of dates without one; nil is UTC.
	Zone *time.Location
	// Fold compares strings without regard to the case of ASCII letters (case_insensitive).
	Fold bool
}

// Term compiles the term query: the value as a whole, no analysis. On text fields the value is compared with the words
// that are indexed. On dates the value stands for all instants that its text covers, on addresses it may be a block. The
// error is what Elasticsearch would fail the search with.
func (f *Field) Term(text string, c Context) (Matcher, error) {
	switch f.family {
	case Keyword:
		want := f.Normalize(text)
		if c.Fold {
			return func(v Value) bool { return lucene.EqualFold(v.(string), want) }, nil
		}
		return func(v Value) bool { return v.(string) == want }, nil
	case Text:
		return f.anyWord(func(w string) bool { return w == text || c.Fold && lucene.EqualFold(w, text) }), nil
	case Whole:
		d, err := f.decimal(text)
		if err != nil {
			return nil, err
		}
		floor, ceil := d.bounds()
		if floor.Cmp(ceil) != 0 {
			return never, nil
		}
		return func(v Value) bool { return compareWhole(v, floor) == 0 }, nil
	case Real:
		d, err := f.decimal(text)
		if err != nil {
			return nil, err
		}
		want := f.round(d.Float64())
		return func(v Value) bool { return v.(float64) == want }, nil
	case Boolean:
		want, err := f.boolean(text)
		return func(v Value) bool { return v.(bool) == want }, err
	case Date:
		return f.Range(&Bound{Text: text, Inclusive: true}, &Bound{Text: text, Inclusive: true}, c)
	case IP:
		if strings.Contains(text, "/") {
			p, err := ParseCIDR(text)
			if err != nil {
				err = fmt.Errorf("`%s` is no block of addresses, and the field `%s` is of type ip", text, f.Name)
			}
			return func(v Value) bool { return InCIDR(p, v.(netip.Addr)) }, err
		}
		a, err := f.address(text)
		return func(v Value) bool { return v.(netip.Addr) == a }, err
	case Object, Opaque:
	}
	return nil, f.unsupported("term")
}

// Bound is one end of a range; the other end of a range with one bound is nil.
type Bound struct {
	Text      string
	Inclusive bool
}

// Range compiles the range query. Strings compare by code point order, whole numbers and addresses exactly, other numbers
// with the precision of the field.
func (f *Field) Range(lo, hi *Bound, c Context) (Matcher, error) {
	switch f.family {
	case Keyword:
		return stringRange(lo, hi, f.Normalize), nil
	case Text:
		m := stringRange(lo, hi, func(s string) string { return s })
		return f.anyWord(func(w string) bool { return m(w) }), nil
	case Whole:
		return f.wholeRangeQuery(lo, hi)
	case Real:
		return f.realRangeQuery(lo, hi)
	case Boolean:
		return orderedRange(lo, hi, f.boolean, func(v Value, w bool) int { return b2i(v.(bool)) - b2i(w) })
	case Date:
		return f.dateRange(lo, hi, c)
	case IP:
		return orderedRange(lo, hi, f.address, func(v Value, w netip.Addr) int { return CompareIP(v.(netip.Addr), w) })
	case Object, Opaque:
	}
	return nil, f.unsupported("range")
}

// Wildcard compiles the wildcard query. On keyword fields the pattern goes through the normalizer, on text fields it is
// compared as it is with the words that are indexed.
func (f *Field) Wildcard(pattern string, c Context) (Matcher, error) {
	if f.family == Keyword {
		pattern = f.NormalizePattern(pattern)
	}
	return f.whole("wildcard", lucene.CompileWildcard(pattern, c.Fold).Match)
}

// Prefix compiles the prefix query.
func (f *Field) Prefix(prefix string, c Context) (Matcher, error) {
	return f.whole("prefix", lucene.CompileWildcard(lucene.EscapeWildcard(f.Normalize(prefix))+"*", c.Fold).Match)
}

// Regexp compiles the regexp query with a compiled expression.
func (f *Field) Regexp(re *lucene.Regexp) (Matcher, error) { return f.whole("regexp", re.Match) }

// Fuzzy compiles the fuzzy query: at most so many characters inserted, removed, replaced, or swapped with a neighbour.
func (f *Field) Fuzzy(text string, edits int) (Matcher, error) {
	want := []rune(f.Normalize(text))
	return f.whole("fuzzy", func(s string) bool { return withinEdits(want, []rune(s), edits) })
}

// whole compiles a test on whole strings, or on the words of a text.
func (f *Field) whole(query string, fits func(string) bool) (Matcher, error) {
	switch f.family {
	case Keyword:
		return func(v Value) bool { return fits(v.(string)) }, nil
	case Text:
		return f.anyWord(fits), nil
	case Object, Whole, Real, Boolean, Date, IP, Opaque:
	}
	return nil, f.unsupported(query)
}

// withinEdits reports whether the optimal string alignment distance of a and b is at most limit.
func withinEdits(a, b []rune, limit int) bool {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return false
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return false
		}
		before, last, row = last, row, before
	}
	return last[len(b)] <= limit
}

func never(Value) bool { return false }

// anyWord lifts a test on indexed words to a test on the text that they come from.
func (f *Field) anyWord(fits func(string) bool) Matcher {
	return func(v Value) bool {
		return slices.ContainsFunc(f.Analyze(v.(string)), func(t Token) bool { return fits(t.Text) })
	}
}

func (f *Field) unsupported(query string) error {
	return fmt.Errorf("a %s query cannot be used on `%s`, which is of type %s", query, f.Name, f.Type)
}

func (f *Field) decimal(text string) (Decimal, error) {
	d, err := ParseDecimal(text)
	if err != nil {
		return d, fmt.Errorf("`%s` is not a number, and the field `%s` is of type %s", text, f.Name, f.Type)
	}
	return d, nil
}

func (f *Field) boolean(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, fmt.Errorf("`%s` is neither true nor false, and the field `%s` is of type boolean", text, f.Name)
	}
	return text == "true", nil
}

func (f *Field) address(text string) (netip.Addr, error) {
	a, err := ParseIP(text)
	if err != nil {
		err = fmt.Errorf("`%s` is no address, and the field `%s` is of type ip", text, f.Name)
	}
	return a, err
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func wholeOf(v Value) *big.Int {
	if u, ok := v.(uint64); ok {
		return new(big.Int).SetUint64(u)
	}
	return big.NewInt(v.(int64))
}

func stringRange(lo, hi *Bound, normalize func(string) string) Matcher {
	m, _ := orderedRange(lo, hi, func(s string) (string, error) { return normalize(s), nil },
		func(v Value, w string) int { return strings.Compare(v.(string), w) })
	return m
}

// orderedRange compiles a range over values that are read and ordered by the two functions.
func orderedRange[T any](lo, hi *Bound, read func(string) (T, error), order func(Value, T) int) (Matcher, error) {
	var low, high T
	var err error
	if lo != nil {
		if low, err = read(lo.Text); err != nil {
			return nil, err
		}
	}
	if hi != nil {
		if high, err = read(hi.Text); err != nil {
			return nil, err
		}
	}
	return func(v Value) bool {
		if lo != nil {
			if c := order(v, low); c < 0 || c == 0 && !lo.Inclusive {
				return false
			}
		}
		if hi != nil {
			if c := order(v, high); c > 0 || c == 0 && !hi.Inclusive {
				return false
			}
		}
		return true
	}, nil
}

func (f *Field) wholeRangeQuery(lo, hi *Bound) (Matcher, error) {
	read := func(text string) (wholeBound, error) {
		d, err := f.decimal(text)
		if err != nil {
			return wholeBound{}, err
		}
		floor, ceil := d.bounds()
		return wholeBound{floor, ceil}, nil
	}
	return orderedRange(lo, hi, read, func(v Value, b wholeBound) int { return b.order(v) })
}

// wholeBound is a number between two neighbouring whole numbers, or on one.
type wholeBound struct{ floor, ceil *big.Int }

// order says on which side of the bound a value lies, 0 for on it.
func (b wholeBound) order(v Value) int {
	below, above := compareWhole(v, b.floor), compareWhole(v, b.ceil)
	switch {
	case below == 0 && above == 0:
		return 0
	case below <= 0:
		return -1
	}
	return 1
}

func compareWhole(v Value, w *big.Int) int {
	if i, ok := v.(int64); ok && w.IsInt64() {
		return cmp.Compare(i, w.Int64())
	}
	return wholeOf(v).Cmp(w)
}

func (f *Field) realRangeQuery(lo, hi *Bound) (Matcher, error) {
	read := func(text string) (float64, error) {
		d, err := f.decimal(text)
		v := d.Float64()
		switch f.Type {
		case "float", "half_float":
			v = float64(float32(v))
		}
		return v, err
	}
	return orderedRange(lo, hi, read, func(v Value, w float64) int {
		x := v.(float64)
		if f.factor > 0 {
			x, w = math.Floor(x*f.factor+0.5), w*f.factor
		}
		switch {
		case x < w:
			return -1
		case x > w:
			return 1
		}
		return 0
	})
}

func (f *Field) dateRange(lo, hi *Bound, c Context) (Matcher, error) {
	options := DateOptions{Now: c.Now, Zone: c.Zone, Math: true}
	var low, high time.Time
	var err error
	if lo != nil {
		options.RoundUp = !lo.Inclusive
		if low, err = f.ParseDate(lo.Text, options); err != nil {
			return nil, err
		}
	}
	if hi != nil {
		options.RoundUp = hi.Inclusive
		if high, err = f.ParseDate(hi.Text, options); err != nil {
			return nil, err
		}
	}
	return func(v Value) bool {
		t := v.(time.Time)
		if lo != nil && (t.Before(low) || !lo.Inclusive && t.Equal(low)) {
			return false
		}
		return hi == nil || !t.After(high) && (hi.Inclusive || !t.Equal(high))
	}, nil
}
