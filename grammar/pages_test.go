package grammar

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

// The wrong example of each syntax page has the fault that the page is about; the right one has none, and is canonical.
func TestExplainPages(t *testing.T) {
	for _, e := range diag.Registry {
		switch {
		case !strings.HasPrefix(string(e.Code), "E01"), e.Code == diag.IRSyntax:
			testPageRules(t, e.Code)
			continue
		case e.Code == diag.SyntaxEncoding, e.Code == diag.SyntaxTooLarge:
			continue // a page cannot hold such a text
		}
		t.Run(string(e.Code), func(t *testing.T) {
			page, ok := diag.Explain(string(e.Code))
			if !ok {
				t.Fatal("no page")
			}
			blocks := codeBlocks(page)
			if len(blocks) != 2 {
				t.Fatalf("%d code blocks", len(blocks))
			}
			if _, list := Parse("wrong.rule", []byte(blocks[0].text)); !hasCode(list, e.Code) {
				t.Errorf("the wrong example gives %v", list)
			}
			if got := mustFormat(t, blocks[1].text); got != blocks[1].text {
				t.Errorf("the right example is not canonical; it would be\n%s", got)
			}
		})
	}
}

// testPageRules checks that the rules on the page of a code that is not about syntax have no fault of syntax.
func testPageRules(t *testing.T, code diag.Code) {
	t.Helper()
	page, _ := diag.Explain(string(code))
	for _, b := range codeBlocks(page) {
		if b.language != "rule" {
			continue
		}
		if got := mustFormat(t, b.text); got != b.text {
			t.Errorf("%s: not canonical:\n%s", code, lineDiff(b.text, got))
		}
	}
}
