package sigmatable

import (
	"os"
	"strings"
	"testing"

	"github.com/onerule/onerule/internal/workspace"
)

const corpus = "../../../shared/corpora/sigma"

// A sample of the public rules agrees in every language.
func TestCorpusSample(t *testing.T) {
	if testing.Short() {
		t.Skip("short: verifying a sample of the corpus takes a minute")
	}
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("there is no corpus of Sigma rules at %s", corpus)
	}
	const every = 150
	p := Verify(corpus, every, nil)
	if p.Rules < 10 {
		t.Fatalf("only %d rules", p.Rules)
	}
	for _, d := range p.Disagreements {
		t.Error(d)
	}
	for _, l := range p.Languages {
		if l.Agree == 0 || l.Events == 0 || l.Decisive == 0 {
			t.Errorf("%s: nothing was proved: %+v", l.Name, l)
		}
		if l.Disagree+l.Fails > 0 && len(p.Disagreements) == 0 {
			t.Errorf("%s: %d disagree, %d fail, and it is not said why", l.Name, l.Disagree, l.Fails)
		}
	}
}

// What the table says adds up, and does not depend on which worker was first.
func TestProof(t *testing.T) {
	ws := workspace.Load([]string{"../../rules/windows/user_account_creation.rule", "../../rules/windows/builtin_account_enabled.rule"}, "")
	if len(ws.Rules) == 0 {
		t.Fatal(ws.Diags)
	}
	var last int
	p := prove(ws.Rules, func(done, all int) { last = all - done })
	if last != 0 {
		t.Errorf("%d steps are missing", last)
	}
	p.Every = 1
	for _, l := range p.Languages {
		if n := l.Agree + l.Disagree + l.Fails + l.Refused; n > len(ws.Rules) || l.Agree > 0 && (l.Events == 0 || l.Decisive == 0) {
			t.Errorf("%+v", l)
		}
	}
	if again := prove(ws.Rules, nil); strings.Join(again.Undecided, "\n") != strings.Join(p.Undecided, "\n") {
		t.Error("a second run says something else")
	}
	if text := p.Markdown(); !strings.Contains(text, "| spl | ") || !strings.Contains(text, "public Sigma rules in each language") {
		t.Error(text)
	}
}

// Remarks are sorted by rule, and those that several languages share become one.
func TestLines(t *testing.T) {
	got := strings.Join(lines([]remark{{5, "b", "eql", "x"}, {1, "a", "kusto", "y"}, {0, "a", "spl", "y"}, {0, "a", "spl", "y"}, {6, "b", "esql", "z"}}), "\n")
	if want := "`a` in spl, kusto: y\n`b` in eql: x\n`b` in esql: z"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
