package content

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/platform/sentinel/arm"
)

// texts are made of pieces that mean something to YAML, and of any others.
var texts = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(rapid.SampledFrom([]string{
		"\n", "\n\n", " ", "  ", "\t", "- ", ": ", " #", "'", "\"", "\\", "|", ">", "[", "{", "&a", "*a", "!x", "%", "@", "`", "---\n", "...\n", "\r", "\r\n", "\u0085", "\u2028", "\uFEFF", "\x00", "\x7f",
		"é", "e\u0301", "\U0001F600", "\uFFFE", "\u200b", "yes", "null", "1.0", "0x1", "~", "2001-01-01", "a", "word",
	}), rapid.String())
	return strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
})

func resource() *arm.Rule {
	return &arm.Rule{
		Type: arm.ResourceType, APIVersion: arm.Version, Name: arm.Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11"), Kind: arm.Scheduled,
		Properties: arm.Properties{
			DisplayName: "d", Description: "e", Severity: "Low", Enabled: true, Query: "T", QueryFrequency: "PT5M", QueryPeriod: "PT1H", TriggerOperator: "GreaterThan", SuppressionDuration: "PT5H",
		},
	}
}

// TestTexts: a rule with any texts is read back as the resource that it was made of, with what stands beside it.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := resource()
		p := &r.Properties
		p.DisplayName = "x" + texts.Draw(t, "name")
		p.Description, p.Query = texts.Draw(t, "description"), "T"+texts.Draw(t, "query")
		p.CustomDetails = map[string]string{"yes": "no", "Null": "_1", "e5": "n"}
		p.AlertDetailsOverride = &arm.AlertDetails{DisplayNameFormat: "f" + strings.ReplaceAll(texts.Draw(t, "format"), "{{", "")}
		p.EntityMappings = []arm.EntityMapping{{EntityType: "Host", FieldMappings: []arm.FieldMapping{{Identifier: "HostName", ColumnName: "y"}, {Identifier: "DnsDomain", ColumnName: "off"}}}}
		p.EventGroupingSettings = &arm.EventGrouping{AggregationKind: arm.AlertPerResult}
		p.IncidentConfiguration = &arm.IncidentConfiguration{CreateIncident: true, GroupingConfiguration: &arm.GroupingConfiguration{
			Enabled: true, LookbackDuration: "PT90M", MatchingMethod: "Selected", GroupByCustomDetails: []string{"yes"}, GroupByEntities: []string{"Host"},
		}}
		about := About{Version: 3, Tags: rapid.SliceOfN(texts, 1, 3).Draw(t, "tags"), Authors: []string{texts.Draw(t, "author")}, Connectors: []Connector{{"AzureMonitor(IIS)", []string{"W3CIISLog"}}}}
		c, err := New(r, about)
		if err != nil {
			return // too long
		}
		data, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(data)
		if err != nil || !reflect.DeepEqual(back, c) {
			t.Fatalf("%v\n%s\n%+v\n%+v", err, data, back, c)
		}
		again, err := back.Resource()
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%v\n%s\n%+v\n%+v", err, data, again, r)
		}
		for i := range data {
			if c := data[i]; c < ' ' && c != '\n' || c == 0x7f {
				t.Fatalf("a control character stands in the file\n%q", data)
			}
		}
	})
}

// FuzzDecode: no file makes the reader panic.
func FuzzDecode(f *testing.F) {
	c, err := New(resource(), About{Version: 1})
	if err != nil {
		f.Fatal(err)
	}
	data, err := c.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("id: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			return
		}
		if again, err := r.Encode(); err == nil {
			if _, err := Decode(again); err != nil {
				t.Fatalf("%v\n%s", err, again)
			}
		}
	})
}

// TestTechniques: techniques and sub-techniques are two lists, in their order, when they are read.
func TestTechniques(t *testing.T) {
	for _, c := range []struct{ techniques, subs, want string }{
		{"", "", ""},
		{"T1098", "", "T1098"},
		{"T1136", "T1136.001", "T1136.001"},
		{"T1136 T1098", "T1136.001", "T1136.001 T1098"},
		{"T1098 T1136", "T1136.001 T1136.002", "T1098 T1136.001 T1136.002"},
		{"T1136 T1098", "T1098.001 T1136.001", "T1136 T1098.001 T1136.001"},
		{"T1136 T1098", "T1136.001 T1098.001 T1136.002", "T1136.001 T1098.001 T1136.002"},
	} {
		list := joinTechniques(strings.Fields(c.techniques), strings.Fields(c.subs))
		techniques, subs := splitTechniques(list)
		if strings.Join(list, " ") != c.want || strings.Join(techniques, " ") != c.techniques || strings.Join(subs, " ") != c.subs {
			t.Errorf("%s with %s: %v, read as %v with %v", c.techniques, c.subs, list, techniques, subs)
		}
	}
}

func TestDuration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.IntRange(1, 20160).Draw(t, "minutes")) * time.Minute
		text, err := formatDuration(d)
		if back, e := parseDuration(text); err != nil || e != nil || back != d {
			t.Fatalf("%s is written %s and read %s", d, text, back)
		}
	})
	for _, s := range []string{"", "PT5M", "5", "m", "5s", "-5m", "1h5m", "5M"} {
		if d, err := parseDuration(s); err == nil {
			t.Errorf("%q is read as %s", s, d)
		}
	}
}

// TestRefused: what the repository's validator would not take is neither written nor read.
func TestRefused(t *testing.T) {
	good, err := New(resource(), About{Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Rule){
		"id":          func(r *Rule) { r.ID = "x" },
		"kind":        func(r *Rule) { r.Kind = "NRT" },
		"version":     func(r *Rule) { r.Version = "1.0" },
		"no name":     func(r *Rule) { r.Name = "" },
		"long name":   func(r *Rule) { r.Name = strings.Repeat("\U0001F600", 129) },
		"description": func(r *Rule) { r.Description = strings.Repeat("x", 5001) },
		"operator":    func(r *Rule) { r.TriggerOperator = "GreaterThan" },
		"technique":   func(r *Rule) { r.RelevantTechniques = []string{"T1136.1"} },
		"connector":   func(r *Rule) { r.RequiredConnectors = []Connector{{ID: "x"}} },
	} {
		r := *good
		change(&r)
		if _, err := r.Encode(); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	data, err := good.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"unknown": string(data) + "risk: 3\n", "two files": string(data) + "---\nid: x\n", "twice": string(data) + "kind: Scheduled\n"} {
		if _, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
