package syntax

import (
	"testing"

	"github.com/onerule/onerule/backends/kusto/judge"
)

// TestMicrosoftReadsOurText prints every query of the corpora and asks Microsoft's parser: the printed text must have no
// fault that the original has not.
func TestMicrosoftReadsOurText(t *testing.T) {
	var queries []judge.Query
	for id, q := range corpusQueries(t) {
		tree, diags := Parse("q", q)
		if diags.HasErrors() {
			continue
		}
		queries = append(queries, judge.Query{ID: "in " + id, Query: q}, judge.Query{ID: "out " + id, Query: Print(tree)})
	}
	verdicts := judge.Check(t, nil, queries)
	for i := 0; i < len(queries); i += 2 {
		in, out := verdicts[queries[i].ID], verdicts[queries[i+1].ID]
		if len(out.Errors()) > len(in.Errors()) {
			t.Errorf("%s: %v\n%s", queries[i+1].ID, out.Errors(), queries[i+1].Query)
			continue
		}
		if len(in.Columns) != len(out.Columns) {
			t.Errorf("%s: columns %v, then %v", queries[i].ID, in.Columns, out.Columns)
			continue
		}
		for k := range in.Columns {
			if in.Columns[k] != out.Columns[k] {
				t.Errorf("%s: column %v, then %v", queries[i].ID, in.Columns[k], out.Columns[k])
			}
		}
	}
}

// TestMicrosoftReadsOurNames: every word that is a keyword somewhere is printed so that Microsoft's parser takes it for a
// column, in each place where a column can stand.
func TestMicrosoftReadsOurNames(t *testing.T) {
	schema := judge.Schema{"T": {}}
	var words []string
	for w := range reserved {
		words = append(words, w)
	}
	words = append(words, "access", "all", "base", "cluster", "count", "database", "extend", "filter", "fork", "function", "id", "join", "list", "log", "lookup", "map", "none", "null", "off",
		"order", "output", "pack", "parse", "partition", "plugin", "reduce", "render", "replace", "scan", "series", "sort", "summarize", "table", "take", "top", "type", "uuid", "view", "visible", "not", "now", "case")
	var queries []judge.Query
	for _, w := range words {
		if _, twice := schema["T"][w]; twice {
			continue
		}
		schema["T"][w] = "string"
		c := Col(w)
		for place, op := range map[string][]Operator{
			"where":   {&Where{Pred: AllOf(Bin(Eq, c, Str("x")), Bin(Contains, c, Str("y")), InList(In, c, Str("z")), Fn("isempty", c))}},
			"project": {&Project{Items: []Item{Plain(Col(w)), Named("b", c)}}, &Sort{By: []OrderTerm{Asc(c)}}},
			"name":    {&Extend{Items: []Item{Named(w, Str("x"))}}, &ProjectRename{Items: []Item{Named("q", c)}}},
			"by":      {&Summarize{Aggs: []Item{Named("n", Fn("count"))}, By: []Item{Plain(c)}}, &Top{N: Long(1), By: Desc(c)}},
			"join":    {&Join{Kind: "inner", Right: Col("T"), On: []Expr{c}}},
			"expand":  {&MvExpand{Items: []ExpandItem{{Name: w, Expr: Fn("pack_array", c), Type: TypeString}}}, &ProjectAway{Columns: []Expr{c}}},
		} {
			queries = append(queries, judge.Query{ID: w + " " + place, Query: Print(NewQuery(Pipe(Col("T"), op...)))})
		}
	}
	for id, v := range judge.Check(t, schema, queries) {
		if e := v.Errors(); e != nil {
			t.Errorf("%s: %v", id, e)
		}
	}
}
