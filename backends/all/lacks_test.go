package all

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// A platform that can have no telemetry of a source says why, and every reason is about a platform without a binding.
func TestLacks(t *testing.T) {
	secl, _ := Lookup("secl")
	r := &ir.Rule{Name: "r", From: []ir.ClassOn{{Class: "process.start", Source: "macos"}}}
	_, diags := Bindings(r, secl, Options{})
	if len(diags) != 1 || !strings.Contains(strings.Join(diags[0].Notes, "\n"), "Linux and Windows only") {
		t.Errorf("%+v", diags)
	}
	reasons := 0
	for _, s := range schema.Sources() {
		for platform := range s.Lacks {
			reasons++
			if bs, err := schema.Bindings(platform, s.Name); err != nil || len(bs) > 0 {
				t.Errorf("%s has %d bindings for %s, %v", platform, len(bs), s.Name, err)
			}
		}
	}
	if reasons == 0 {
		t.Error("no reason is given anywhere")
	}
}
