package verify_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/verify"
)

const reportRules = `rule markup v1 {
  meta {
    title = "<script>alert(1)</script> & \"quotes\" ]]>"
    description = "<img src=x onerror=alert(2)>"
    severity = low
    attack = [T1136.001]
  }
  from process.start on windows
  where process.name == "<b>net.exe</b>" and process.pid > 4

  test "a <test>" { process.name: "<b>net.exe</b>", process.pid: 5 } expect 1
  test "fails \u{1}" { process.name: "x" } expect 1
}
rule at_night v1 {
  from process.start on windows
  where hour(@timestamp) >= 22
}
`

func loadRules(t *testing.T, text string) []*ir.Rule {
	t.Helper()
	file, diags := grammar.Parse("a.rule", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	rules, diags := lower.Rules(file, lower.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return rules
}

// languages are EQL, EQL whose query finds too much, and EQL whose query does not parse: every outcome is among the results.
func languages(t *testing.T) []*backends.Backend {
	t.Helper()
	good, ok := all.Lookup("eql")
	if !ok {
		t.Fatal("no EQL")
	}
	wrong, broken := *good, *good
	wrong.Lang, wrong.Title = "wrong", "EQL with <a fault>"
	wrong.Render = func(*ir.Bound) (backends.Query, diag.List) { return backends.Query{Text: "any where true"}, nil }
	broken.Lang, broken.Title = "broken", "EQL that does not parse"
	broken.Render = func(*ir.Bound) (backends.Query, diag.List) { return backends.Query{Text: "any where ("}, nil }
	return []*backends.Backend{good, &wrong, &broken}
}

func reportResults(t *testing.T) []*verify.Result {
	t.Helper()
	results := verify.All(loadRules(t, reportRules), languages(t), verify.Options{})
	want := []verify.Status{verify.Agrees, verify.Disagrees, verify.Failed, verify.Refused, verify.Refused, verify.Refused}
	if len(results) != len(want) {
		t.Fatalf("%d results", len(results))
	}
	for i, r := range results {
		if r.Status != want[i] {
			t.Fatalf("%s in %s: %s, want %s: %v", r.Rule.Name, r.Backend.Lang, r.Status, want[i], r.Diags)
		}
	}
	return results
}

func report(t *testing.T, format string, results []*verify.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := verify.WriteReport(&b, format, results, "test"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every format names every outcome, and the same results give the same bytes.
func TestReports(t *testing.T) {
	results := reportResults(t)
	again := reportResults(t)
	wants := map[string][]string{
		"text":   {"agrees ", "disagrees wrong", "failed    broken", "refused   eql", "printed as any where true", "1 agree, 1 disagree, 3 refused, 1 failed\n"},
		"json":   {`"status": "disagrees"`, `"blame": "lowering"`, `"text": "any where true"`, `"status": "refused"`},
		"junit":  {`type="disagrees"`, `type="failed"`, `type="refused"`},
		"html":   {"disagrees", "EQL with &lt;a fault&gt;", "EQL has no date functions"},
		"sarif":  {`"ruleId": "E0902"`, `"ruleId": "E0901"`, `"ruleId": "E0401"`},
		"github": {"title=E0902::", "title=E0901::", "title=E0401::"},
	}
	for _, format := range verify.ReportFormats {
		t.Run(format, func(t *testing.T) {
			text := report(t, format, results)
			for _, w := range wants[format] {
				if !strings.Contains(text, w) {
					t.Errorf("no %q in\n%s", w, text)
				}
			}
			if len(wants[format]) == 0 {
				t.Error("nothing is expected of this format")
			}
			if report(t, format, again) != text {
				t.Error("the same input gives another report")
			}
			empty := report(t, format, nil)
			if format != "github" && empty == "" {
				t.Error("nothing is said about no results")
			}
		})
	}
	if err := verify.WriteReport(io.Discard, "pdf", results, ""); err == nil {
		t.Error("there is a report format pdf")
	}
}

func TestJSONReportIsJSON(t *testing.T) {
	for _, results := range [][]*verify.Result{reportResults(t), nil} {
		var v struct {
			Results []map[string]any `json:"results"`
		}
		if err := json.Unmarshal([]byte(report(t, "json", results)), &v); err != nil || v.Results == nil || len(v.Results) != len(results) {
			t.Errorf("%v, %d results", err, len(v.Results))
		}
	}
}

// elements walks well-formed XML and calls f for each element that opens.
func elements(t *testing.T, text string, html bool, f func(path []string, e xml.StartElement)) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	if html {
		dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	}
	var path []string
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			f(path, tok)
			path = append(path, tok.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	if len(path) > 0 {
		t.Errorf("open at the end: %v", path)
	}
}

// A report in HTML is one page without scripts, links to elsewhere, or markup from the rules.
func TestHTMLReportEscapes(t *testing.T) {
	text := report(t, "html", reportResults(t))
	ids, targets := map[string]bool{}, map[string]bool{}
	elements(t, text, true, func(_ []string, e xml.StartElement) {
		switch e.Name.Local {
		case "script", "img", "b", "link", "iframe", "object":
			t.Errorf("an element <%s>", e.Name.Local)
		}
		for _, a := range e.Attr {
			switch {
			case a.Name.Local == "id":
				if ids[a.Value] {
					t.Errorf("two elements have the id %s", a.Value)
				}
				ids[a.Value] = true
			case a.Name.Local == "href":
				targets[strings.TrimPrefix(a.Value, "#")] = true
			case a.Name.Local == "src" || strings.HasPrefix(a.Name.Local, "on"):
				t.Errorf("an attribute %s=%q", a.Name.Local, a.Value)
			}
		}
	})
	if len(targets) < 6 {
		t.Errorf("only %d links", len(targets))
	}
	for target := range targets {
		if !ids[target] {
			t.Errorf("a link leads to %q, which is not there", target)
		}
	}
}

// A rule that is not for a platform leaves its cell empty, and moves no other.
func TestHTMLReportOfTargets(t *testing.T) {
	rules := loadRules(t, strings.Replace(reportRules, "    severity = low\n", "    targets = [splunk]\n", 1))
	eql, _ := all.Lookup("eql")
	spl, ok := all.Lookup("spl")
	if !ok {
		t.Skip("no SPL")
	}
	text := report(t, "html", verify.All(rules, []*backends.Backend{eql, spl}, verify.Options{}))
	head, body := strings.Index(text, "<th>spl</th><th>eql</th>"), strings.Index(text, `-spl">agrees</a> <span class="soft">assume</span></td><td class="soft">no target</td></tr>`)
	if head < 0 || body < head {
		t.Errorf("%s", text[strings.Index(text, "<table>"):strings.Index(text, "</table>")])
	}
}

// A report in JUnit form is well-formed, nests as CI servers expect, and its counts are right.
func TestJUnitReports(t *testing.T) {
	rules := loadRules(t, reportRules)
	langs := languages(t)
	var tests bytes.Buffer
	if err := verify.WriteTestsJUnit(&tests, verify.AllTests(rules, langs, all.Options{})); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"verify": report(t, "junit", reportResults(t)), "test": tests.String(), "nothing": report(t, "junit", nil)} {
		t.Run(name, func(t *testing.T) { checkJUnit(t, text) })
	}
	if !strings.Contains(tests.String(), "expected 1 finding, found 0") || !strings.Contains(tests.String(), "a &lt;test&gt; (as wrong)") {
		t.Errorf("%s", tests.String())
	}
}

func checkJUnit(t *testing.T, text string) {
	t.Helper()
	if !strings.HasPrefix(text, xml.Header) {
		t.Error("no XML declaration")
	}
	parents := map[string]string{"testsuites": "", "testsuite": "testsuites", "testcase": "testsuite", "failure": "testcase", "error": "testcase", "skipped": "testcase", "system-out": "testcase"}
	required := map[string][]string{
		"testsuites": {"name", "tests", "failures", "errors", "skipped"},
		"testsuite":  {"name", "tests", "failures", "errors", "skipped"},
		"testcase":   {"name", "classname", "time"},
		"failure":    {"message", "type"}, "error": {"message", "type"}, "skipped": {"message"},
	}
	got, want := map[string]string{}, map[string]int{}
	elements(t, text, false, func(path []string, e xml.StartElement) {
		parent := ""
		if len(path) > 0 {
			parent = path[len(path)-1]
		}
		if want, ok := parents[e.Name.Local]; !ok || want != parent {
			t.Errorf("<%s> inside of <%s>", e.Name.Local, parent)
		}
		attrs := map[string]string{}
		for _, a := range e.Attr {
			attrs[a.Name.Local] = a.Value
		}
		for _, name := range required[e.Name.Local] {
			if _, ok := attrs[name]; !ok {
				t.Errorf("<%s> has no %s", e.Name.Local, name)
			}
		}
		if e.Name.Local == "testsuites" {
			got = attrs
		}
		want[e.Name.Local]++
	})
	for attr, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
		var n int
		if err := json.Unmarshal([]byte(got[attr]), &n); err != nil || n != want[element] {
			t.Errorf("%s=%q, but there are %d <%s>", attr, got[attr], want[element], element)
		}
	}
}

// A refusal counts only where no language of the platform carries the rule.
func TestRefusalsByPlatform(t *testing.T) {
	good, _ := all.Lookup("eql")
	esql, ok := all.Lookup("esql")
	if !ok {
		t.Skip("no ES|QL")
	}
	rules := loadRules(t, reportRules)[1:] // EQL cannot say it, ES|QL can
	both := verify.All(rules, []*backends.Backend{good, esql}, verify.Options{})
	if verify.Failing(both) || verify.Reasons(both).HasErrors() || strings.Contains(report(t, "junit", both), "<failure") {
		t.Errorf("a rule that one language carries is a fault: %v", verify.Reasons(both))
	}
	one := verify.All(rules, []*backends.Backend{good}, verify.Options{})
	if !verify.Failing(one) || !verify.Reasons(one).HasErrors() {
		t.Error("a rule that no language carries is no fault")
	}
}
