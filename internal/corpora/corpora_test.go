package corpora

import "testing"

func TestTOMLQuery(t *testing.T) {
	for text, want := range map[string]string{
		"a = 1\nquery = '''\nx \\ y\n'''\n":            "\nx \\ y\n",
		"\nquery = \"\"\"a \\\\ \\\"b\\\" \"c\"\"\"\"": `a \ "b" "c`,
		"\nquery = '''x": "",
		"query":          "",
	} {
		if got, ok := tomlQuery(text); got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, ok, want)
		}
	}
}

// TestCorpora: where the rules are there, all of them are read.
func TestCorpora(t *testing.T) {
	for name, n := range map[string]int{
		"searches": len(Searches(t)), "macros": len(Macros(t)), "queries in eql": len(Queries(t, "eql")), "in esql": len(Queries(t, "esql")),
	} {
		if n < 50 {
			t.Errorf("%d %s", n, name)
		}
		t.Log(n, name)
	}
}
