package verify_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/verify"
)

// peerFaults says of each rule of testdata/peers.rule which fault of other converters it would show, and in which languages
// our query agrees with the rule; in the others the rule is refused, never answered in another way.
var peerFaults = map[string]struct{ fault, agree string }{
	"p01_negated_list":       {"a negated list without parentheses", "eql esql kibana kusto secl spl"},
	"p02_negated_expression": {"the not of a regular expression is lost", "eql esql kusto secl spl"},
	"p03_expression_in_or":   {"a member of an or becomes a filter in front", "eql esql kusto secl spl"},
	"p04_question_mark":      {"? is printed as *", "eql esql kusto secl spl"},
	"p05_backslashes":        {"backslashes in patterns are escaped once too little", "eql esql kibana kusto secl spl"},
	"p06_case_and_arrays":    {"comparisons mind case, and several values in a field give null", "eql esql kibana kusto secl spl"},
	"p07_words_and_marks":    {"keywords, stars, quotes and numbers are printed as the language does not read them", "eql esql kibana kusto secl spl"},
	"p08_anchors":            {"an expression has to fit the whole value", "datadog eql esql kusto secl spl"},
	"p09_other_values":       {"a field is mapped to one with other values", "eql esql kusto spl"},
	"p10_missing":            {"a missing text is not what the query asks for", "datadog eql esql kibana kusto secl spl"},
	"p12_inner_wildcard":     {"parts of a pattern lose their order", "eql esql kibana kusto secl spl"},
	"p13_ipv6":               {"an IPv6 range goes to a function for IPv4", "datadog eql esql kibana kusto spl"},
	"p14_alternatives":       {"the source holds for the first alternative alone", "datadog eql esql kibana kusto spl"},
	"p15_spelling":           {"a value is compared in a spelling that the vendor never writes", "datadog eql esql kibana kusto spl"},
	"p17_null_and_classes":   {"missing is printed as a word, and classes of letters lose their case", "eql esql kusto secl spl"},
	"p19_order_and_lists":    {"<= becomes >=, and a negated list is always true", "eql esql kibana kusto secl spl"},
	"p21_dots_and_fields":    {"dots of a text are read as an expression, and two fields are not compared", "eql esql kusto spl"},
}

func TestPeers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "peers.rule"))
	if err != nil {
		t.Fatal(err)
	}
	rules := loadRules(t, string(text))
	if len(rules) != len(peerFaults) {
		t.Errorf("%d rules, %d faults", len(rules), len(peerFaults))
	}
	for _, r := range rules {
		t.Run(r.Name, func(t *testing.T) {
			p := peerFaults[r.Name]
			var agree []string
			for _, b := range all.Backends {
				res := verify.Rule(r, b, verify.Options{})
				switch res.Status {
				case verify.Agrees:
					agree = append(agree, b.Lang)
					if res.Findings == 0 || res.Findings == res.Cases {
						t.Errorf("%s: %d of %d events are findings: %s could stay unseen", b.Lang, res.Findings, res.Cases, p.fault)
					}
				case verify.Refused:
				case verify.Disagrees, verify.Failed:
					t.Errorf("%s: %s: %s %v", p.fault, b.Lang, res.Status, res.Diags)
				}
			}
			slices.Sort(agree)
			if got := strings.Join(agree, " "); got != p.agree {
				t.Errorf("%s: agrees in %q, not in %q", p.fault, got, p.agree)
			}
		})
	}
}
