package interp

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/elastic/kibana/judge"
	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/native"
)

// naive is a query on the keyword fields f and g together with its meaning, said plainly.
type naive struct {
	node syntax.Node
	fits func(doc map[string][]string) bool
}

// naiveValue is a right side with its meaning on the values of the field.
type naiveValue struct {
	value syntax.Value
	fits  func(values []string) bool
}

var words = rapid.StringOfN(rapid.SampledFrom([]rune(`ab *\?"(not)`)), 0, 5, -1)

func genAtom() *rapid.Generator[naiveValue] {
	return rapid.Custom(func(t *rapid.T) naiveValue {
		if rapid.Bool().Draw(t, "literal") {
			s := words.Draw(t, "text")
			return naiveValue{syntax.String(s), func(values []string) bool { return slices.Contains(values, s) }}
		}
		var parts []syntax.Part
		pattern := ""
		for _, s := range rapid.SliceOfN(words, 1, 3).Draw(t, "parts") {
			parts = append(parts, syntax.Text(s), syntax.Star())
			pattern += regexp.QuoteMeta(s) + ".*"
		}
		re := regexp.MustCompile(`(?s)\A` + pattern + `\z`)
		return naiveValue{syntax.Glob(parts...), func(values []string) bool { return slices.ContainsFunc(values, re.MatchString) }}
	}).Filter(func(v naiveValue) bool { return syntax.Printable(v.value) == nil })
}

func genValue(depth int) *rapid.Generator[naiveValue] {
	return rapid.Custom(func(t *rapid.T) naiveValue {
		kind := rapid.IntRange(0, 4).Draw(t, "kind")
		if depth == 0 || kind < 2 {
			return genAtom().Draw(t, "atom")
		}
		x := genValue(depth-1).Draw(t, "x")
		if kind == 2 {
			return naiveValue{&syntax.ValueNot{Part: x.value}, func(v []string) bool { return !x.fits(v) }}
		}
		y := genValue(depth-1).Draw(t, "y")
		if kind == 3 {
			return naiveValue{&syntax.ValueAnd{Parts: []syntax.Value{x.value, y.value}}, func(v []string) bool { return x.fits(v) && y.fits(v) }}
		}
		return naiveValue{&syntax.ValueOr{Parts: []syntax.Value{x.value, y.value}}, func(v []string) bool { return x.fits(v) || y.fits(v) }}
	})
}

func genQuery(depth int) *rapid.Generator[naive] {
	return rapid.Custom(func(t *rapid.T) naive {
		kind := rapid.IntRange(0, 6).Draw(t, "kind")
		field := rapid.SampledFrom([]string{"f", "g"}).Draw(t, "field")
		switch {
		case depth == 0 || kind < 2:
			v := genValue(2).Draw(t, "value")
			return naive{syntax.Is(syntax.Field(field), v.value), func(d map[string][]string) bool { return v.fits(d[field]) }}
		case kind == 2:
			return naive{syntax.Exists(syntax.Field(field)), func(d map[string][]string) bool { return len(d[field]) > 0 }}
		case kind == 3:
			s := words.Draw(t, "bound")
			return naive{syntax.Compare(syntax.Field(field), syntax.Gt, syntax.String(s)), func(d map[string][]string) bool {
				return slices.ContainsFunc(d[field], func(v string) bool { return v > s })
			}}
		case kind == 4:
			x := genQuery(depth-1).Draw(t, "x")
			return naive{syntax.Negate(x.node), func(d map[string][]string) bool { return !x.fits(d) }}
		}
		x, y := genQuery(depth-1).Draw(t, "x"), genQuery(depth-1).Draw(t, "y")
		if kind == 5 {
			return naive{syntax.Both(x.node, y.node), func(d map[string][]string) bool { return x.fits(d) && y.fits(d) }}
		}
		return naive{syntax.Either(x.node, y.node), func(d map[string][]string) bool { return x.fits(d) || y.fits(d) }}
	})
}

func genDoc(t *rapid.T) (native.Row, map[string][]string) {
	row, plain := native.Row{}, map[string][]string{}
	for _, field := range []string{"f", "g"} {
		values := rapid.SliceOfN(words, 0, 3).Draw(t, field)
		plain[field] = values
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		switch {
		case len(list) == 1:
			row[field] = list[0]
		case len(list) > 0 || rapid.Bool().Draw(t, "empty list"):
			row[field] = list
		}
	}
	return row, plain
}

// The printed text, run, has the meaning that the tree has when it is said plainly.
func TestKeywordProperty(t *testing.T) {
	types := map[string]string{"f": "keyword", "g": "keyword"}
	rapid.Check(t, func(t *rapid.T) {
		q := genQuery(3).Draw(t, "query")
		text, err := syntax.Print(q.node)
		if err != nil {
			t.Fatal(err)
		}
		p, diags := Language.Compile("q", text)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", text, diags)
		}
		var rows []native.Row
		var want []native.Ref
		for i := range 4 {
			row, plain := genDoc(t)
			rows = append(rows, row)
			if q.fits(plain) {
				want = append(want, native.Ref{Table: 0, Row: i})
			}
		}
		out, diags := p.Run(native.Input{Tables: []native.Table{{Name: "t", Types: types, Rows: rows}}})
		if diags.HasErrors() {
			t.Fatalf("%s: %v", text, diags)
		}
		if !slices.Equal(out.Matches, want) {
			t.Fatalf("%s on %v: %v, want %v", text, rows, out.Matches, want)
		}
	})
}

// Every query of the public rules runs on an index that maps its fields.
func TestCorpusRuns(t *testing.T) {
	for name, text := range judge.Rules(t) {
		n, diags := syntax.Parse(name, text)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", name, diags)
		}
		types := map[string]string{}
		for _, field := range fieldNames(n, "") {
			types[field] = "keyword"
		}
		for _, part := range strings.SplitAfter(text, ":{") {
			if path, ok := strings.CutSuffix(part, ":{"); ok {
				types[path[strings.LastIndexAny(path, " \n(")+1:]] = "nested"
			}
		}
		p, _ := Language.Compile(name, text)
		if _, diags := p.Run(native.Input{Tables: []native.Table{{Name: "t", Types: types, Rows: []native.Row{{}}}}}); diags.HasErrors() {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

// Compile and Run never panic, whatever the query and the types.
func FuzzRun(f *testing.F) {
	for _, tt := range meaning {
		doc := `{}`
		if len(tt.fits) > 0 {
			doc = tt.fits[0]
		}
		f.Add(tt.query, doc)
	}
	f.Fuzz(func(t *testing.T, query, doc string) {
		p, diags := Language.Compile("q", query)
		if diags.HasErrors() {
			return
		}
		var row native.Row
		if decodeInto(doc, &row) != nil {
			return
		}
		for _, types := range []map[string]string{nil, testTypes} {
			for _, on := range []bool{false, true} {
				p.Run(native.Input{Now: testNow, Doubts: map[string]bool{DoubtFieldList.Name: on, DoubtNumberWords.Name: on}, Tables: []native.Table{{Name: "t", Types: types, Rows: []native.Row{row}}}})
			}
		}
	})
}
