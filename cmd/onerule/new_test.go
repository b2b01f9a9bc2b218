package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// The rule to start from passes check, fmt and test for every class on every source, the kinds in turn.
func TestStarters(t *testing.T) {
	n := 0
	for _, src := range schema.Sources() {
		for _, class := range src.Classes {
			kind := kinds[n%len(kinds)]
			n++
			t.Run(src.Name+"/"+class+"/"+kind, func(t *testing.T) {
				s := starter{name: "my_rule", id: newUUID(), class: class, source: src.Name}
				text, err := s.text(kind)
				if err != nil {
					t.Fatal(err)
				}
				if again, diags := grammar.Format("r", text); len(diags) > 0 || string(again) != string(text) {
					t.Errorf("not in canonical form: %v\n%s", diags, again)
				}
				file := t.TempDir() + "/r.rule"
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
				ws := workspace.Load([]string{file}, "")
				if len(ws.Diags) > 0 || len(ws.Rules) != 1 {
					t.Fatalf("%v\n%s", ws.Diags, text)
				}
				results := verify.Tests(ws.Rules[0], nil, compileDefaults)
				if len(results) != 2 {
					t.Errorf("%d tests", len(results))
				}
				for _, res := range results {
					if !res.OK() {
						t.Errorf("%s: %s", res.Name(), res.Failure())
					}
				}
			})
		}
	}
}

func TestUUID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := newUUID()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("%s", id)
		}
		seen[id] = true
	}
}
