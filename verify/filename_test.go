package verify_test

import (
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/verify"
)

const pathRule = `rule by_path v1 {
  meta {
    id = "0e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b99"
    title = "A"
    status = experimental
    severity = low
  }
  from process.start on linux
  where process.executable ends_with "/useradd" and not process.parent.executable ends_with "/dpkg"

  test "shell" { process.executable: "/usr/sbin/useradd", process.parent.executable: "/bin/sh" } expect 1
  test "package" { process.executable: "/usr/sbin/useradd", process.parent.executable: "/usr/bin/dpkg" } expect 0
}
`

// The Datadog agent fills the name of a file beside its path, and the printed expression compares the name: events that are
// made for a rule which reads the path alone carry the name too, or nothing would be compared.
func TestFileNames(t *testing.T) {
	secl, ok := all.Lookup("secl")
	if !ok {
		t.Fatal("no SECL")
	}
	rules := loadRules(t, pathRule)
	for _, res := range verify.Tests(rules[0], []*backends.Backend{secl}, all.Options{}) {
		if res.Skipped != "" || !res.OK() {
			t.Errorf("%s: %s%s %s", res.Name(), res.Skipped, res.Failure(), res.Detail)
		}
	}
	res := verify.Rule(rules[0], secl, verify.Options{})
	if res.Status != verify.Agrees || res.Cases < 100 || res.Findings < 30 {
		t.Errorf("%s: %d events, %d findings", res.Status, res.Cases, res.Findings)
	}
}
