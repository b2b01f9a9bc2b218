package ir_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
)

// The text form of a sequence, together or absence rule reads back as the same rule.
func TestSequenceText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := irgen.SequenceRule(t)
		text := ir.Print(r)
		again, diags := ir.Parse("r", text)
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, text)
		}
		if p := ir.Print(again); p != text {
			t.Fatalf("printed\n%s\nread\n%s", text, p)
		}
		if ir.Grows(r) {
			t.Fatal("a rule about order or absence does not grow with its events")
		}
	})
}

const sequenceHead = `ir 1
rule "r" v1 KIND {
  from process.start windows
  where true
  key (field user.name)
  key (field source.ip)
  key (fold (field process.name))
  arg (field network.bytes)
  arg (field user.name)
  arg (field source.ip)
  cond true
  cond (exists (field user.name))
    of process.start windows
`

// What is not well formed is said.
func TestVerifySequence(t *testing.T) {
	good := "within 1000\nper [0]\nstep a event 0 [0] 2\nstep \"\" missing 1 [0] 1\nstep b event 0 [0] 1\nstep u until 1 [0] 1\ncross (not (rel.eq.cs (step 2 1) (step 0 1)))\n"
	absence := "expect 1 key 0 window 1000 grace 0\nin [\"a\" \"b\"]\n"
	for _, tt := range []struct{ kind, old, new, want string }{
		{"sequence", "", "", ""},
		{"together", "", "", ""},
		{"absence", "", "", ""},
		{"sequence", "within 1000", "within 0", "within 0s"},
		{"sequence", "within 1000", "", "within 0s"},
		{"sequence", "per [0]", "per [0 0]", "stands twice"},
		{"sequence", "per [0]", "per [9]", "no key 9"},
		{"sequence", "event", "until", "of 4 steps, 0 of which"},
		{"sequence", "step a event 0 [0] 2", "step a missing 0 [0] 1", "before the first event"},
		{"together", "step a event 0 [0] 2", "step a missing 0 [0] 1", "no column of a step"},
		{"sequence", "step a event 0", "step a event 2", "no condition 2"},
		{"sequence", "event 0 [0] 2", "event 0 [0] 0", "0 repetitions"},
		{"sequence", "missing 1 [0] 1", "missing 1 [0] 2", "2 repetitions"},
		{"sequence", "event 0 [0] 2", "event 0 [] 2", "0 keys, and the sequence has 1"},
		{"sequence", "event 0 [0] 2", "event 0 [3] 2", "no key 3"},
		{"sequence", "event 0 [0] 2", "event 0 [1] 2", "goes with"},
		{"sequence", "event 0 [0] 2", "event 0 [2] 2", "goes with"},
		{"sequence", "(step 0 1)", "(step 2 1)", "compared with itself"},
		{"sequence", "(step 0 1)", "(step 1 1)", "no column"},
		{"sequence", "(step 0 1)", "(step 0 7)", "no column"},
		{"sequence", "(step 0 1)", "(step 0 0)", "does not compare"},
		{"sequence", "rel.eq.cs", "rel.lt", "does not compare"},
		{"sequence", "rel.eq.cs", "rel.contains", "does not compare"},
		{"sequence", "rel.eq.cs", "eq", "a comparison of two steps is expected"},
		{"sequence", "event", "happens", "event, missing or until is expected"},
		{"sequence", "within", "without", "begins no line"},
		{"absence", "in [", "of process.start windows\nin [", ""},
		{"absence", "expect 1", "expect 0", "0 events are expected"},
		{"absence", "[\"a\" \"b\"]", "[]", "of 0 values"},
		{"absence", "[\"a\" \"b\"]", "[\"b\" \"a\"]", "not sorted"},
		{"absence", "[\"a\" \"b\"]", "[\"a\" \"a\"]", "not sorted"},
		{"absence", "[\"a\" \"b\"]", "[1]", "is expected of the key"},
		{"absence", "[\"a\" \"b\"]", "[\"\"]", "is expected of the key"},
		{"absence", "key 0", "key 5", "no key 5"},
		{"absence", "window 1000", "window 0", "an absence in 0s"},
		{"absence", "in [", "per [0]\nin [", "has no `per`"},
		{"count", "in [", "per [0]\nin [", "begins no line"},
	} {
		body := good
		if tt.kind == "absence" || tt.kind == "count" {
			body = absence
		}
		if !strings.Contains(body, tt.old) {
			t.Fatalf("%q is not there", tt.old)
		}
		text := strings.Replace(sequenceHead, "KIND", tt.kind, 1) + strings.ReplaceAll(body, tt.old, tt.new) + "}\n"
		if tt.old == "" {
			text = strings.Replace(sequenceHead, "KIND", tt.kind, 1) + body + "}\n"
		}
		_, diags := ir.Parse("r", text)
		switch {
		case tt.want == "" && diags.HasErrors():
			t.Errorf("%s\n%v", text, diags)
		case tt.want != "" && (len(diags) == 0 || !strings.Contains(diags[0].Title, tt.want)):
			t.Errorf("%s %q: %v, want %q", tt.kind, tt.new, diags, tt.want)
		}
	}
}
