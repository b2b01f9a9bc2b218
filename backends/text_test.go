package backends

import (
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func TestVariants(t *testing.T) {
	for _, c := range []struct {
		text        string
		ascii, fold []string // every case, cases beyond ASCII only; nil when there are too many
	}{
		{"", []string{""}, []string{""}},
		{"10.0", []string{"10.0"}, []string{"10.0"}},
		{"a-b", []string{"a-b", "a-B", "A-b", "A-B"}, []string{"a-b"}},
		{"xé.", []string{"xé.", "xÉ.", "Xé.", "XÉ."}, []string{"xé.", "xÉ."}},
		{"ΣÄ", []string{"ΣÄ", "Σä", "ςÄ", "ςä", "σÄ", "σä"}, []string{"ΣÄ", "Σä", "ςÄ", "ςä", "σÄ", "σä"}},
		{"1abcd", strings.Fields("1abcd 1abcD 1abCd 1abCD 1aBcd 1aBcD 1aBCd 1aBCD 1Abcd 1AbcD 1AbCd 1AbCD 1ABcd 1ABcD 1ABCd 1ABCD"), []string{"1abcd"}},
		{"net.exe", nil, []string{"net.exe"}},
		{strings.Repeat("é", 5), nil, nil},
	} {
		if got, ok := FoldVariants(c.text); !slices.Equal(got, c.fold) || ok != (c.fold != nil) {
			t.Errorf("FoldVariants(%q) = %q, %v", c.text, got, ok)
		}
		if got, ok := CaseVariants(c.text); !slices.Equal(got, c.ascii) || ok != (c.ascii != nil) {
			t.Errorf("CaseVariants(%q) = %q, %v", c.text, got, ok)
		}
	}
}

// A letter that some languages take for an ASCII one is refused where case is ignored: on events without such letters, which
// is what the assumption `fold` asks for, the rule would find nothing and the query would find the ASCII letter.
func TestFoldLevelOfLookalikes(t *testing.T) {
	for text, want := range map[string]Kind{"\u212A": Refuse, "a\u017Fb": Refuse, "\u0130": Refuse, "k": Assume, "7": Native} {
		if got := FoldLevel(&ir.Cmp{Op: ir.Eq, R: []schema.Value{schema.String(text)}}).Kind; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
