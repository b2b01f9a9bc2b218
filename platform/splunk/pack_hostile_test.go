package splunk_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// hostile are texts that mean something to a .conf file, to the search language, to tokens of alerts or to an archive.
var hostile = []string{
	"", " ", `"`, "'", "`whoami`", "a\nb", "a\r\nb", "\t", "%", "%s%n%d", "$", "$user$", "$$", "a $result.x$ b", "{{x}}", "${x}", "[", "]", "[stanza]", "]\n[default]\nsearch = index=*",
	"\\", `ends in \`, `a \ \`, "\\\n| delete", "# no comment", "; no comment", "= x", "key = value", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u00a0", "\u2028", "\ufeff", "é ü 漢字 🦆", "\u202e", "  both  ",
	strings.Repeat("long ", 2000), strings.Repeat(`\`, 300), strings.Repeat("漢", 500), "<script>alert(1)</script>", "a|b", "../../etc/passwd", `{"a":1}`, "disabled = 1\\", "action.script = 1",
}

// plain is what a text becomes where a .conf file has it as it is: one line, no control characters, no backslash at its end.
func plain(s string) string {
	words := strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) })
	return strings.TrimRight(strings.Join(words, " "), `\ `)
}

// describedBy is an event rule with a text in every place.
func describedBy(t testing.TB, name string, m ir.Meta) *ir.Bound {
	b := rule(t, "rule "+name+` v1 {
  param least: int = 3
  from iam.login on okta
  tumbling 10m
  count per user.name as a { n = count() }
  when a.n >= $least
  emit per user.name once per 1h {
    entity user = user.name
  }
}
`)
	b.Rule.Meta = m
	b.Rule.Params[0].Doc = m.Title
	return b
}

func metaOf(s string) ir.Meta {
	return ir.Meta{
		ID: "5f0c3a57-2e4e-4d41-8f21-3b9f3a0f8f11", Title: s, Status: "stable", Severity: "high", Risk: 60, Description: s, Triage: s, Attack: []string{"T1110", "T1078.004"},
		Authors: []string{s}, References: []string{s}, Tags: []string{s}, FalsePositives: []string{s}, License: s, Custom: []ir.MetaPair{{Key: "k", Values: []string{s}}},
	}
}

func hostilePack(t testing.TB) platform.Pack {
	p := platform.Pack{Name: "hostile", Version: "0.1.0-beta.1", OneRule: "test"}
	for i, s := range hostile {
		p.Artefacts = append(p.Artefacts, artefact(t, describedBy(t, "r"+string(rune('a'+i/26))+string(rune('a'+i%26)), metaOf(s))))
	}
	return p
}

// same checks that a saved search says of a rule what its author wrote.
func same(t platformtest.T, s *conf.SavedSearch, r *ir.Rule) {
	t.Helper()
	m := r.Meta
	title, description := plain(m.Title), plain(m.Description)
	if title == "" {
		title = r.Name
	}
	finding := description
	if finding == "" {
		finding = title
	}
	if s.Label != title || s.Notable.Title != title || s.Risk.Message != title || s.Description != description || s.Notable.Description != finding {
		t.Fatalf("title %q description %q\n%+v", m.Title, m.Description, s)
	}
	triage := ""
	if s.Notable.NextSteps != nil {
		triage = s.Notable.NextSteps.Data
	}
	notes := conf.Annotations{MitreAttack: m.Attack, Tags: m.Tags, References: m.References, FalsePositives: m.FalsePositives, Authors: m.Authors, Status: []string{m.Status}}
	if triage != m.Triage || !reflect.DeepEqual(s.Annotations, notes) || s.Metadata.ID != m.ID {
		t.Fatalf("%+v\n%+v\n%q", m, s.Annotations, triage)
	}
	i := slices.IndexFunc(s.Macros, func(x conf.Macro) bool { return x.Name == "onerule_"+r.Name+"_least" })
	if i < 0 || s.Macros[i].Definition != "3" || s.Macros[i].Description != plain(r.Params[0].Doc) {
		t.Fatalf("%+v", s.Macros)
	}
}

// TestPackHostile: texts in every field come out of the archive as they went in, as far as a line of a .conf file can hold them.
func TestPackHostile(t *testing.T) {
	p := hostilePack(t)
	_, a, diags := packed(t, p)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for i, s := range a.Searches {
		same(t, s, p.Artefacts[i].Rule)
		events := logins(fails(0, mins, 3, ip1)...)
		for j := range events {
			events[j].Object["actor"] = map[string]any{"alternateId": "eve"}
		}
		if i%10 == 0 {
			b := p.Artefacts[i].Bound
			if n := madeOf(p.Artefacts[i], b, s).compare(t, events); n != 1 {
				t.Errorf("%d findings", n)
			}
		}
	}
}

// TestPackTexts draws what people write.
func TestPackTexts(t *testing.T) {
	b := describedBy(t, "drawn", metaOf(""))
	text := rapid.OneOf(rapid.SampledFrom(hostile), rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("ab \\\n\r\t#;=[]$%`\"'{}|é\x00\u2028")), 0, 30, -1))
	rapid.Check(t, func(rt *rapid.T) {
		m := metaOf(text.Draw(rt, "title"))
		m.Description, m.Triage = text.Draw(rt, "description"), text.Draw(rt, "triage")
		m.Tags, m.References = []string{text.Draw(rt, "tag")}, []string{text.Draw(rt, "reference")}
		if _, err := json.Marshal(m); err != nil {
			rt.Skip(err)
		}
		drawn := *b.Rule
		drawn.Meta = m
		drawn.Params = slices.Clone(drawn.Params)
		drawn.Params[0].Doc = text.Draw(rt, "doc")
		bound := *b
		bound.Rule = &drawn
		_, a, diags := packed(rt, platform.Pack{Name: "drawn", Version: "1.0.0", Artefacts: []*platform.Artefact{artefact(rt, &bound)}})
		if len(diags) > 0 || len(a.Searches) != 1 {
			rt.Fatalf("%v", diags)
		}
		same(rt, a.Searches[0], &drawn)
	})
}

// hostileRule searches for what means something elsewhere.
const hostileRule = `rule hostile_search v1 {
  from process.start on windows
  where process.command_line in ["$token$", "100% [x] # no ; \\", "; b", "# c", "a = b", "| delete ` + "`m`" + `", "'q'", "\"d\"", "[search"] or process.command_line contains "a\nb"
  schedule every 10m delay 3m
}
`

// TestPackHostileSearch: what a rule looks for comes out of the archive as it went in, and a search with a $ has no drill-down.
func TestPackHostileSearch(t *testing.T) {
	art := artefact(t, rule(t, hostileRule))
	_, a, diags := packed(t, platform.Pack{Name: "hostile", Version: "1.0.0", Artefacts: []*platform.Artefact{art}})
	if len(diags) > 0 || a.Searches[0].Search != art.Document.(*conf.SavedSearch).Search || len(a.Searches[0].Notable.DrillDowns) > 0 {
		t.Errorf("%v\n%+v", diags, a.Searches[0])
	}
	for _, want := range []string{`\\$[Tt]`, `100% \\[[Xx]\\] # [Nn][Oo] ; \\\\`, "`[Mm]`", `\\[[Ss]`, `# [Cc]`, `; [Bb]`, `\"[Dd]\"`, `[Aa]\\x0a[Bb]`} {
		if !strings.Contains(a.Searches[0].Search, want) {
			t.Errorf("%s has no %s", a.Searches[0].Search, want)
		}
	}
}

// TestPackLong: a list of ten thousand texts, and a text of ten thousand characters, are searched for as they are.
func TestPackLong(t *testing.T) {
	var list []string
	for i := range 10000 {
		list = append(list, fmt.Sprintf("%q", fmt.Sprintf("tool-%d.exe", i)))
	}
	long := strings.Repeat("x", 10000)
	art := artefact(t, rule(t, "rule long v1 {\n  from process.start on windows\n  where process.name in ["+strings.Join(list, ", ")+"] or process.command_line == \""+long+"\"\n}\n"))
	_, a, diags := packed(t, platform.Pack{Name: "long", Version: "1.0.0", Artefacts: []*platform.Artefact{art}})
	if len(diags) > 0 || a.Searches[0].Search != art.Document.(*conf.SavedSearch).Search || !strings.Contains(a.Searches[0].Search, "tool-9999") || !strings.Contains(a.Searches[0].Search, strings.Repeat("[Xx]", 9000)) && !strings.Contains(a.Searches[0].Search, long) {
		t.Errorf("%v %.300s", diags, a.Searches[0].Search)
	}
}

// FuzzPack checks that no text breaks the files.
func FuzzPack(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	b := describedBy(f, "fuzzed", metaOf(""))
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		fuzzed := *b.Rule
		fuzzed.Meta = metaOf(s)
		fuzzed.Params = slices.Clone(fuzzed.Params)
		fuzzed.Params[0].Doc = s
		bound := *b
		bound.Rule = &fuzzed
		p := platform.Pack{Name: "fuzzed", Version: "1.0.0", Artefacts: []*platform.Artefact{artefact(t, &bound)}}
		_, a, _ := packed(t, p)
		same(t, a.Searches[0], &fuzzed)
	})
}
