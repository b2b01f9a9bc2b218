package syntax

import (
	"testing"

	"github.com/onerule/onerule/backends/elastic/kibana/judge"
)

// corpusLedger holds the queries of the corpus that are known not to parse, with the reason.
var corpusLedger = map[string]string{}

func TestCorpus(t *testing.T) {
	queries := judge.Rules(t)
	if len(queries) < 400 {
		t.Fatalf("only %d queries found", len(queries))
	}
	for name := range corpusLedger {
		if _, ok := queries[name]; !ok {
			t.Errorf("%s is in the ledger and not in the corpus", name)
		}
	}
	for name, text := range queries {
		t.Run(name, func(t *testing.T) {
			n, diags := Parse(name, text)
			reason, known := corpusLedger[name]
			switch failed := diags.HasErrors(); {
			case failed && !known:
				t.Fatalf("%v", diags[0])
			case !failed && known:
				t.Fatalf("in the ledger (%s), and parses", reason)
			case failed:
				return
			}
			checkPrint(t, n)
		})
	}
	t.Logf("%d queries", len(queries))
}

// checkPrint demands that the printed tree is read back as the same tree, and that print is a fixpoint.
func checkPrint(t testing.TB, n Node) {
	t.Helper()
	text, err := Print(n)
	if err != nil {
		t.Fatal(err)
	}
	again, diags := Parse("printed", text)
	if diags.HasErrors() {
		t.Fatalf("%s\nis not read back: %v", text, diags[0])
	}
	if got, want := dump(again), dump(n); got != want {
		t.Fatalf("%s\nis read back as %s, want %s", text, got, want)
	}
	if second, err := Print(again); err != nil || second != text {
		t.Fatalf("printed again:\n%s\nfirst:\n%s (%v)", second, text, err)
	}
}

func BenchmarkParseCorpus(b *testing.B) {
	queries := judge.Rules(b)
	size := 0
	for _, q := range queries {
		size += len(q)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, q := range queries {
			Parse("q", q)
		}
	}
}
