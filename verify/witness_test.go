package verify

import (
	"testing"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir/lower"
)

// Witnesses decide conditions that calculate, and none of them is an event that no telemetry has.
func TestWitnessesOfCalculations(t *testing.T) {
	for _, tc := range []struct{ from, where string }{
		{"iam.login on okta", "hour(@timestamp) < 6"}, // an event without a time is at no hour, and on no day
		{"iam.login on okta", "weekday(@timestamp) in [4, 7]"},
		{"process.start on linux", "length(process.name) + length(process.command_line) > 500"},
		{"process.start on linux", "length(process.command_line) - 3 * length(process.name) == 12"},
		{"process.start on linux", "length(process.command_line) > length(process.parent.command_line) and process.pid > 4"},
		{"process.start on linux", "length(process.name) + length(process.parent.name) < 12"}, // and neither is missing
		{"process.start on linux", "not length(process.command_line) - process.pid < 12"},
		{"iam.role.assign on kubernetes", "length(user.name) != values(user.changes.roles)"}, // an array that a telemetry has as one text
		{"registry.change on windows", "values(registry.data.strings) == 1 and registry.value == \"Run\""},
		{"registry.change on windows", "any x in registry.data.strings: (x contains \"a\" and process.executable ends_with \".exe\")"},
		{"registry.change on windows", "all x in registry.data.strings: x starts_with cased \"100%\""},
		{"iam.login on windows", "not empty source.ip"}, // logons on the host itself have the address -
		{"iam.login on windows", "not exists source.ip"},
		{"process.start on linux", "(1.5 in [1, 2] or 7 != 3) and process.pid > 4"}, // constants decide nothing
		{"process.start on linux", "process.pid - process.parent.pid * 2 > 1000"},
		{"process.start on windows", `process.command_line starts_with "c:\\users\\" and process.command_line contains "\\appdata\\" and process.command_line contains "shot " and process.command_line ends_with ".png:zone"`},
	} {
		t.Run(tc.where, func(t *testing.T) {
			f, diags := grammar.Parse("a.rule", []byte("rule r v1 {\n  from "+tc.from+"\n  where "+tc.where+"\n}\n"))
			rules, more := lower.Rules(f, lower.Options{})
			if diags = append(diags, more...); diags.HasErrors() {
				t.Fatal(diags.Err())
			}
			said := 0
			for _, b := range all.Backends {
				res := Rule(rules[0], b, Options{})
				if res.Status == Refused {
					continue
				}
				said++
				if res.Status != Agrees || res.Coverage.Decisive < res.Coverage.Leaves {
					t.Errorf("%s: %s, decisive %d of %d", b.Lang, res.Status, res.Coverage.Decisive, res.Coverage.Leaves)
				}
				for _, d := range res.Disagreements {
					t.Logf("%s: want %v, bound %v, got %v: %s", d.Case.Name, d.Want, d.Bound, d.Got, jsonText(d.Native))
				}
			}
			if said == 0 {
				t.Error("no language says it")
			}
		})
	}
}
