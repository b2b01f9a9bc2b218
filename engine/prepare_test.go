package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// BenchmarkPrepare makes what the shipped event rules need: NewEvents alone, which compiles conditions to report their faults, and
// with the index of each class of a source, for which they are compiled on its fields.
func BenchmarkPrepare(b *testing.B) {
	ws := workspace.Load([]string{filepath.Join("..", "rules")}, "")
	var rules []*ir.Rule
	for _, r := range ws.Rules {
		if r.Body == nil {
			rules = append(rules, r)
		}
	}
	if len(rules) == 0 {
		b.Fatal("there is no event rule")
	}
	bindings, err := schema.Bindings("splunk", "windows")
	if err != nil {
		b.Fatal(err)
	}
	for name, of := range map[string][]*schema.Binding{"check": nil, "classes": bindings} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				events, err := engine.NewEvents(rules)
				if err != nil {
					b.Fatal(err)
				}
				for _, x := range of {
					for i := range x.Classes {
						events.Takes(x, &x.Classes[i])
					}
				}
			}
		})
	}
}
