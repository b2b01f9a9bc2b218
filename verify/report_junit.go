package verify

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/onerule/onerule/ir"
)

// The JUnit form that CI servers read: testsuites, testsuite, testcase, and one of failure, error and skipped. There are
// no times and no host names, so that the same results give the same bytes.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		File     string      `xml:"file,attr,omitempty"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Skipped *junitProblem `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes one suite for each rule and one case for each language. Disagreements and refused targets are
// failures, as they are for the exit code; a query that does not run is an error; a language that refuses a rule which
// another one of its platform carries is skipped.
func WriteJUnit(w io.Writer, results []*Result) error {
	carried := carriedTargets(results)
	var suites []junitSuite
	for _, r := range results {
		c := junitCase{Name: r.Backend.Lang, Class: r.Rule.Name, Time: "0", Output: r.Output.Query.Text}
		switch r.Status {
		case Agrees:
		case Disagrees:
			var b strings.Builder
			for _, d := range r.Disagreements {
				writeDisagreement(&b, r, d)
			}
			c.Failure = &junitProblem{Message: r.Disagreements[0].Why, Type: string(r.Status), Text: b.String()}
		case Refused:
			if !counts(r, carried) {
				c.Skipped = &junitProblem{Message: r.Reason(), Text: reasons(r)}
				break
			}
			c.Failure = &junitProblem{Message: r.Reason(), Type: string(r.Status), Text: reasons(r)}
		case Failed:
			c.Error = &junitProblem{Message: r.Reason(), Type: string(r.Status), Text: reasons(r)}
		}
		suites = addCase(suites, r.Rule, c)
	}
	return writeSuites(w, "onerule verify", suites)
}

func reasons(r *Result) string {
	var b strings.Builder
	for _, d := range r.Diags {
		fmt.Fprintf(&b, "%s\n", d.Brief())
	}
	return b.String()
}

// addCase puts a case into the suite of its rule; cases of one rule come one after the other.
func addCase(suites []junitSuite, r *ir.Rule, c junitCase) []junitSuite {
	if n := len(suites); n == 0 || suites[n-1].Name != r.Name {
		suites = append(suites, junitSuite{Name: r.Name, File: r.File})
	}
	s := &suites[len(suites)-1]
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	return suites
}

func writeSuites(w io.Writer, name string, suites []junitSuite) error {
	all := junitSuites{Name: name, Suites: suites}
	for _, s := range suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// WriteTestsJUnit writes one suite for each rule and one case for each test.
func WriteTestsJUnit(w io.Writer, results []*TestResult) error {
	var suites []junitSuite
	for _, r := range results {
		c := junitCase{Name: r.Name(), Class: r.Rule.Name, Time: "0"}
		switch {
		case r.Skipped != "":
			c.Skipped = &junitProblem{Message: firstLine(r.Skipped), Text: r.Skipped}
		case r.Got < 0:
			c.Error = &junitProblem{Message: r.Failure(), Type: "error", Text: r.Detail}
		case !r.OK():
			c.Failure = &junitProblem{Message: r.Failure(), Type: "failure", Text: r.Detail}
		}
		suites = addCase(suites, r.Rule, c)
	}
	return writeSuites(w, "onerule test", suites)
}
