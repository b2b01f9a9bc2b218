package interp

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
)

// operatorShapes are operators with holes: E expression, B condition, C column, A aggregate, L array column, T table.
var operatorShapes = []string{
	"where B", "where B and B", "extend x = E", "extend E", "project C, y = E, N1 = E", "project-away C", "project-keep C, N", "project-rename zz = C", "project-reorder C, *",
	"summarize A by C", "summarize A, A", "summarize a1 = A, a2 = A by bin(N, 2), C", "summarize arg_max(C, *) by C", "summarize make_set(C), make_list(E), dcount(C)", "distinct C, C", "project-away Arr, Nums, D | distinct *",
	"sort by C desc, E asc nulls first", "top 2 by C", "top 3 by E asc", "take 2", "count", "serialize r = row_number(), p = prev(C)", "extend c = row_cumsum(N)", "getschema", "as again",
	"join kind=inner (T) on Key", "join kind=leftouter (T) on $left.Key == $right.Kind", "join kind=fullouter (T) on C", "join kind=leftanti (T) on Key, C", "join kind=rightsemi (T) on C", "join (T) on Key",
	"lookup (T | project Key, q = E) on Key", "lookup kind=inner (T) on C", "union T", "union isfuzzy=true (T | extend o = E), T", "union withsource=s T", "union kind=inner T",
	"mv-expand L", "mv-expand z = E to typeof(string)", "mv-expand with_itemindex=i L, Nums limit 3", "mv-expand kind=array D", "mv-apply e = L to typeof(long) on (summarize A)", "mv-apply L on (where B | take 1)",
	"mv-apply with_itemindex=k e = L on (top 1 by k | project k, e)", "make-series v = A default=0 on TimeGenerated from datetime(2024-05-01) to datetime(2024-05-02) step 6h by C", "make-series v = A on N step 2", "make-series v = count() on R in range(0, 5, 1)",
	"parse Kind with 'f' q:long '.' w", "parse-where User with * 'v' v", "parse kind=regex User with '(?i)E' v:string", "parse-kv Kind as (a:string, b:long) with (pair_delimiter=';', kv_delimiter='=')",
	"project bag_pack('k', E) | evaluate bag_unpack(Column1)", "evaluate bag_unpack(D, 'd_')", "evaluate pivot(Kind)", "evaluate pivot(Kind, sum(N), Key)", "evaluate narrow()",
	"partition by Key (top 1 by C)", "partition hint.strategy=native by Kind (summarize A by C)", "invoke f()", "top-nested 2 of Kind by A, top-nested 1 of Key by count()",
	"scan declare (n:long = 0) with (step s1: true => n = s1.n + 1;)", "scan with_match_id=m declare (g:string) with (step a: B => g = Key; step b output=none: B;)", "search 'fail'", "search C == 'a' or 'x'", "render timechart",
	"sample-distinct 2 of C", "sample 1", "reduce by Kind",
}

type shapes struct {
	r             *rand.Rand
	scalars, aggs []string
}

func newShapes(seed uint64) *shapes {
	s := &shapes{r: rand.New(rand.NewPCG(seed, 3))}
	for n := range functions {
		s.scalars = append(s.scalars, n)
	}
	for n := range aggregates {
		s.aggs = append(s.aggs, n)
	}
	slices.Sort(s.scalars)
	slices.Sort(s.aggs)
	return s
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func (s *shapes) column() string {
	return pick(s.r, "TimeGenerated", "Key", "Kind", "Ip", "User", "N", "M", "R", "Ok", "Arr", "Nums", "D", "G", "T", "x")
}

func (s *shapes) expr() string {
	switch s.r.IntN(6) {
	case 0:
		return s.column()
	case 1:
		return oddValue(s.r)
	case 2:
		return "(" + s.column() + " " + pick(s.r, "+", "-", "*", "/", "%") + " " + oddValue(s.r) + ")"
	case 3:
		return pick(s.r, "iff(", "case(") + s.cond() + ", " + s.column() + ", " + oddValue(s.r) + ")"
	case 4:
		return "D." + pick(s.r, "x", "n", "l[0]", "l[-1]", "zz.y")
	}
	name := pick(s.r, s.scalars...)
	return oddCall(s.r, name, functions[name])
}

func (s *shapes) cond() string {
	switch s.r.IntN(4) {
	case 0:
		return s.column() + " " + pick(s.r, "==", "!=", "<", ">=", "=~", "!~", "contains", "!contains_cs", "startswith", "has", "!has", "hasprefix_cs", "endswith") + " " + oddValue(s.r)
	case 1:
		return s.column() + " " + pick(s.r, "in", "!in", "in~", "has_any", "has_all") + " (" + oddValue(s.r) + ", " + oddValue(s.r) + ")"
	case 2:
		return s.column() + " " + pick(s.r, "between", "!between") + " (" + oddValue(s.r) + " .. " + oddValue(s.r) + ")"
	}
	return pick(s.r, "isnotempty(", "isnull(", "isempty(") + s.column() + ")"
}

func (s *shapes) table() string {
	return pick(s.r, "Ev", "Ev | where Key == 'a'", "Ev | take 0", "Ev | project Key, Kind, N, x = R", "datatable(Key:string, Kind:string, x:long)['a','ok',1,'c','',long(null)]", "print Key='a', Kind='fail'", "range N from 1 to 3 step 1 | extend Key='b', Kind=''")
}

var hole = regexp.MustCompile(`\b[EBCALT]\b`)

func (s *shapes) fill(shape string) string {
	return hole.ReplaceAllStringFunc(shape, func(w string) string {
		switch w {
		case "E":
			return s.expr()
		case "B":
			return s.cond()
		case "C":
			return s.column()
		case "A":
			name := pick(s.r, s.aggs...)
			return oddCall(s.r, name, &aggregates[name].function)
		case "L":
			return pick(s.r, "Arr", "Nums", "D", "D.l")
		}
		return s.table()
	})
}

func (s *shapes) query() string {
	q := s.table()
	for range 1 + s.r.IntN(4) {
		q += " | " + s.fill(pick(s.r, operatorShapes...))
	}
	return "let f = (T:(Key:string)) { T | extend Key2 = Key }; " + q
}

// TestOddPipelines runs chains of operators with odd expressions: nothing panics, and every operator works in some of them.
func TestOddPipelines(t *testing.T) {
	in := evInput(t)
	s := newShapes(5)
	for range 6000 {
		tryQuery(t, s.query(), in)
	}
	for _, shape := range operatorShapes {
		works := 0
		for i := 0; i < 400 && works == 0; i++ {
			if tryQuery(t, "let f = (T:(Key:string)) { T | extend Key2 = Key }; Ev | sort by N asc | "+s.fill(shape), in) {
				works++
			}
		}
		if works == 0 && shape != "reduce by Kind" {
			t.Errorf("%s never gives an answer", shape)
		}
	}
}

// FuzzRun runs any text as a query.
func FuzzRun(f *testing.F) {
	s := newShapes(7)
	for range 300 {
		f.Add(s.query())
	}
	in := native.Input{Tables: []native.Table{evTable(f)}, Now: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, query string) {
		start := time.Now()
		p, diags := Language.Compile("q", query)
		if p == nil {
			if !diags.HasErrors() {
				t.Fatal("neither a program nor a fault")
			}
			return
		}
		_, _ = p.Run(in)
		if took := time.Since(start); took > 30*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}
