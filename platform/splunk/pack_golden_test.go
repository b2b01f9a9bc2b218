package splunk_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/splunk"
)

// hostileMeta is a rule whose texts mean something to .conf files, searches, tokens and Markdown.
const hostileMeta = `rule hostile_texts v7 {
  param least: int = 3 "[x] = 100% # of \"users\"; \\"
  meta {
    id = "7d2f3c1e-5b0a-4c9d-8e6f-1a2b3c4d5e6f"
    title = "[default] \"quoted\" 100% of $user$ | {{x}} \\"
    status = test
    severity = critical
    risk = 99
    attack = [T1110.003, T1078]
    authors = ["O'Neil, \"Ada\"", "漢字"]
    references = ["https://example.com/?a=1&b=<2>"]
    tags = ["a,b", "c=d", "$HOME"]
    false_positives = ["Lines\nof\ttext \\"]
    description = """
      # not a comment
      [search]
      disabled = 1 \\
      ends in a backslash \\
      """
    triage = """
      ## Look at $user.name$

      | a | b |
      |---|---|
      ; and so on \\
      """
  }
  from iam.login on okta
  where event.outcome == "failure"
  sliding 10m
  count per source.ip as a { users = distinct(user.name) }
  when a.users >= $least
  schedule every 5m delay 4m
  emit per source.ip once per 90m {
    entity ip = source.ip
    show a.users
  }
}
`

// goldenPack is the pack of an event rule, a counting rule and one with hostile texts.
func goldenPack(t *testing.T) platform.Pack {
	t.Helper()
	dir := filepath.Join("..", "..", "rules")
	ws := workspace.Load([]string{filepath.Join(dir, "okta", "okta_api_token_created.rule"), filepath.Join(dir, "auth0", "auth0_signup_surge.rule")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	p := platform.Pack{Name: "acme_detections", Version: "1.4.0", OneRule: "1.0.0", Settings: map[string]string{
		"label": "Acme detections", "author": "Acme SOC", "index": "main", "index.okta": "okta okta_archive",
	}}
	for _, r := range append(ws.Rules, rule(t, hostileMeta).Rule) {
		a, diags := all.Build(r, &splunk.Platform, "", languages.Options{})
		if a == nil {
			t.Fatal(diags)
		}
		p.Artefacts = append(p.Artefacts, a)
	}
	slices.SortFunc(p.Artefacts, func(a, b *platform.Artefact) int { return strings.Compare(a.Rule.Name, b.Rule.Name) })
	return p
}

// TestPackGolden holds the files of a small pack in golden/packs/splunk. The archive holds those of its app; see packed.
func TestPackGolden(t *testing.T) {
	files, _, diags := packed(t, goldenPack(t))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	platformtest.Golden(t, "splunk", files)
}
