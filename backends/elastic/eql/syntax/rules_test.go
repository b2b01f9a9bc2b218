package syntax_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/corpora"
)

// TestPublicRules parses every public EQL rule, prints it, and parses that again. The ledger names the rules that are
// known not to parse, with the reason.
func TestPublicRules(t *testing.T) {
	queries := corpora.Queries(t, "eql")
	if len(queries) < 500 {
		t.Fatalf("found only %d eql rules", len(queries))
	}
	ledger := readLedger(t, "testdata/rules_ledger.json")
	for path, text := range queries {
		q, diags := syntax.Parse(path, text)
		if reason, known := ledger[path]; known {
			if !diags.HasErrors() {
				t.Errorf("%s parses now; remove it from the ledger (%s)", path, reason)
			}
			continue
		}
		if diags.HasErrors() {
			t.Errorf("%s\n%s", diags[0].Brief(), text)
			continue
		}
		roundTrip(t, q)
	}
	for path := range ledger {
		if _, ok := queries[path]; !ok {
			t.Errorf("the ledger names %s, which is not there", path)
		}
	}
	t.Logf("%d rules", len(queries))
}

func readLedger(t testing.TB, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ledger := map[string]string{}
	if err := json.Unmarshal(text, &ledger); err != nil {
		t.Fatal(err)
	}
	return ledger
}

// roundTrip demands that print and parse are inverse on a tree, and that printing is a fixpoint.
func roundTrip(t testing.TB, q *syntax.Query) {
	t.Helper()
	text := syntax.Print(q)
	again, diags := syntax.Parse("printed", text)
	if diags.HasErrors() {
		t.Fatalf("the printed query does not parse: %s\n%s", diags[0].Brief(), text)
	}
	if !reflect.DeepEqual(bare(q), bare(again)) {
		t.Fatalf("the tree changed by printing:\n%s\n%s", text, syntax.Print(again))
	}
	if twice := syntax.Print(again); twice != text {
		t.Fatalf("printing is no fixpoint:\n%s\n%s", text, twice)
	}
}

// bare returns a copy of a tree without spans.
func bare(x any) any {
	return bareValue(reflect.ValueOf(x)).Interface()
}

var spanType = reflect.TypeOf(diag.Span{})

func bareValue(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch k := v.Kind(); {
	case k == reflect.Pointer:
		if !v.IsNil() {
			p := reflect.New(v.Type().Elem())
			p.Elem().Set(bareValue(v.Elem()))
			out.Set(p)
		}
	case k == reflect.Interface:
		if !v.IsNil() {
			out.Set(bareValue(v.Elem()))
		}
	case k == reflect.Struct:
		if v.Type() == spanType {
			return out
		}
		for i := range v.NumField() {
			out.Field(i).Set(bareValue(v.Field(i)))
		}
	case k == reflect.Slice:
		for i := range v.Len() {
			out = reflect.Append(out, bareValue(v.Index(i)))
		}
	default:
		out.Set(v)
	}
	return out
}
