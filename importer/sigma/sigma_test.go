package sigma

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

const plainRule = `title: A rule
name: first
logsource: {product: windows, category: process_creation}
detection:
    selection: {Image: 'a'}
    condition: selection
`

func parseMap(t *testing.T, text string) *Map {
	t.Helper()
	m, diags := ParseMap("map.yml", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return m
}

// where is the text of a rule behind `from`, with mapping files.
func with(t *testing.T, text string, opts Options) string {
	t.Helper()
	f, diags := Parse("a.yml", []byte(text))
	g, more := NewCollection([]*File{f}, opts).Convert(f)
	var b strings.Builder
	for _, d := range append(diags, more...).Sort() {
		b.WriteString(d.Brief() + "\n")
	}
	for _, item := range g.Items {
		r := item.(*grammar.Rule)
		r.Clauses = r.Clauses[1:]
	}
	return b.String() + string(grammar.Print(g))
}

func rule(ls, selection string) string {
	return fmt.Sprintf("title: A rule\nlogsource: %s\ndetection:\n    selection: %s\n    condition: selection\n", ls, selection)
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOwnMap(t *testing.T) {
	m := parseMap(t, `
logsources:
    - product: acme
      category: audit
      from: process.start on windows
      where: {host.name: [srv-1, srv-2], process.pid: 4}
      fields: {Prog: process.executable, Text: [process.command_line, process.parent.command_line]}
fields: {Who: user.name}
placeholders: {Admins: [root, 'adm*']}
`)
	got := with(t, rule("{product: acme, category: audit, service: x}", "{Prog: 'a', Who|expand: '%Admins%', Text|contains: 'b'}"), Options{Maps: []*Map{m}})
	check(t, got, `
rule a v1 {
  from process.start on windows
  where host.name in ["srv-1", "srv-2"]
    and process.pid == 4
    and process.executable == "a"
    and user.name in ["root", "adm*"]
    and (process.command_line contains "b" or process.parent.command_line contains "b")
}`)
	got = with(t, rule("{product: acme, category: audit}", "{Text|contains|neq: 'b'}"), Options{Maps: []*Map{m}})
	if !strings.Contains(got, `not (process.command_line contains "b" or process.parent.command_line contains "b")`) {
		t.Errorf("a field that is several: `not` is that none fits\n%s", got)
	}
	got = with(t, rule("{product: windows, category: process_creation}", "{Image: 'a', Who: 'b'}"), Options{Maps: []*Map{m}})
	if !strings.Contains(got, `process.executable == "a" and user.name == "b"`) {
		t.Errorf("the taxonomy beside a map\n%s", got)
	}
	got = with(t, rule("{product: acme, category: audit}", "{Image: 'a'}"), Options{Maps: []*Map{m}})
	if !strings.Contains(got, "E1007: `acme/audit` has no field `Image` here") {
		t.Errorf("a map without taxonomy\n%s", got)
	}
}

func TestPipeline(t *testing.T) {
	m := parseMap(t, `
name: acme
priority: 20
allowed_backends: [x]
vars: {Admins: root}
transformations:
    - id: base
      type: change_logsource
      product: windows
      category: process_creation
      rule_conditions: [{type: logsource, product: acme}]
    - type: field_name_mapping
      mapping: {prog: Image, who: [User, ParentImage]}
      rule_conditions: [{type: logsource, product: windows}]
    - type: field_name_prefix_mapping
      mapping: {p.: Parent}
    - type: field_name_suffix
      suffix: Line
      field_name_conditions: [{type: include_fields, fields: [Command]}]
    - type: add_condition
      conditions: {process.pid: 7}
      rule_conditions: [{type: logsource, product: windows}, {type: logsource, category: nothing}]
      rule_cond_op: or
    - type: nest
      items:
        - type: field_name_prefix
          prefix: Parent
          field_name_conditions: [{type: include_fields, fields: [XImage]}]
    - type: value_placeholders
    - type: set_state
      key: a
      val: b
`)
	if m.Name != "acme" || m.Priority != 20 {
		t.Errorf("%q, %d", m.Name, m.Priority)
	}
	got := with(t, rule("{product: acme}", "{prog: 'a', who: 'b', p.Image: 'c', Command|contains: 'd', CommandLine|expand: '%Admins%'}"), Options{Maps: []*Map{m}})
	check(t, got, `
rule a v1 {
  from process.start on windows
  where process.pid == 7
    and process.executable == "a"
    and (winlog.event_data.User == "b" or process.parent.executable == "b")
    and process.parent.executable == "c"
    and process.command_line contains "d"
    and process.command_line == "root"
}`)
	got = with(t, rule("{product: windows, category: network_connection}", "{prog: 'a'}"), Options{Maps: []*Map{m}})
	if !strings.Contains(got, "from network.connection on windows") || !strings.Contains(got, `process.pid == 7 and process.executable == "a"`) {
		t.Errorf("%s", got)
	}
}

func TestOrderOfMaps(t *testing.T) {
	a := parseMap(t, "priority: 10\nfields: {x: y}\n")
	b := parseMap(t, "priority: 5\nfields: {w: x}\n")
	c := parseMap(t, "priority: 10\nfields: {y: Image}\n")
	maps := []*Map{a, b, c}
	SortMaps(maps)
	if !slices.Equal(maps, []*Map{b, a, c}) {
		t.Error("the order is not that of priorities")
	}
	got := with(t, rule("{product: windows, category: process_creation}", "{w: 'a'}"), Options{Maps: maps})
	if !strings.Contains(got, `process.executable == "a"`) {
		t.Errorf("%s", got)
	}
}

func TestMapFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "map.yml: E1011: the mapping file is empty",
		"- a\n":                       "map.yml:1:1: E1011: the mapping file is no map",
		"feilds: {a: b}\n":            "map.yml:1:1: E1011: there is no key `feilds` in a mapping file",
		"fields: {a: }\n":             "map.yml:1:13: E1011: a text is expected here",
		"fields: {a: []}\n":           "map.yml:1:13: E1011: `a` is mapped to nothing",
		"fields: {a: b}\n---\nb: c\n": "map.yml:3:1: E1011: the mapping file holds several documents",
		"fields: {a: b, a: c}\n":      "map.yml:1:16: E1001: `a` stands twice",
		"\tfields: a\n":               "map.yml:1:1: E1011: a line is indented by a tab",
		"priority: high\n":            "map.yml:1:11: E1011: the priority is no whole number",
		"logsources: [{product: a, from: process.start}]\n":                                                                          "map.yml:1:33: E1011: `from` is not CLASS on SOURCE",
		"logsources: [{prodct: a}]\n":                                                                                                "map.yml:1:15: E1011: there is no key `prodct` in a log source",
		"transformations: [{id: a}]\n":                                                                                               "map.yml:1:19: E1011: the transformation has no `type`",
		"transformations: [{type: replace_string, regex: a, replacement: b}]\n":                                                      "map.yml:1:26: E1011: the transformation `replace_string` is not supported",
		"transformations: [{type: http_placeholders}]\n":                                                                             "map.yml:1:26: E1011: `http_placeholders` reaches out of the process, and is not executed",
		"transformations: [{type: command_placeholders, command: rm}]\n":                                                             "map.yml:1:26: E1011: `command_placeholders` reaches out of the process, and is not executed",
		"transformations: [{type: field_name_mapping, mapping: {a: b}, rule_conditions: [{type: tag, tag: a}]}]\n":                   "map.yml:1:88: E1011: conditions of the type `tag` are not supported",
		"transformations: [{type: field_name_mapping, mapping: {a: b}, detection_item_conditions: [{type: is_null}]}]\n":             "map.yml:1:63: E1011: `detection_item_conditions` is not supported",
		"transformations: [{type: field_name_mapping, mapping: {a: b}, field_name_conditions: [{type: processing_item_applied}]}]\n": "map.yml:1:87: E1011: conditions of the type `processing_item_applied` are not supported",
		"transformations: [{type: field_name_mapping, mappings: {a: b}}]\n":                                                          "map.yml:1:46: E1011: `field_name_mapping` has no `mappings`",
		"fields: {a: b}\nfinalizers: [{type: concat}]\n":                                                                             "map.yml:2:1: W1001: `finalizers` of a pipeline has no effect here",
	} {
		t.Run(text, func(t *testing.T) {
			_, diags := ParseMap("map.yml", []byte(text))
			var got []string
			for _, d := range diags {
				got = append(got, d.Brief())
			}
			if !slices.Contains(got, want) {
				t.Errorf("got %q, want %s", got, want)
			}
		})
	}
}

// What a mapping file names must be in the catalogue.
func TestMapOfUnknown(t *testing.T) {
	m := parseMap(t, "logsources: [{product: a, from: process.strt on windows}]\nfields: {Image: process.executble}\n")
	got := with(t, rule("{product: a}", "{Image: 'a'}"), Options{Maps: []*Map{m}})
	if want := "a.yml:2:1: E1006: the mapping file names `process.strt on windows`, which is not in the catalogue"; !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
	got = with(t, rule("{product: windows, category: process_creation}", "{Image: 'a'}"), Options{Maps: []*Map{m}})
	if want := "a.yml:4:17: E1007: the mapping file makes `process.executble` of `Image`, which is no field here"; !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
	m = parseMap(t, "logsources: [{product: a, from: process.start on windows, where: {process.pid: abc}}]\nfields: {Image: process.executable}\n")
	got = with(t, rule("{product: a}", "{Image: 'a'}"), Options{Maps: []*Map{m}})
	if want := "a.yml:2:1: E1006: the log source asks for `abc` in `process.pid`, which is no long"; !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
}

func TestPartsOfTimes(t *testing.T) {
	m := parseMap(t, "fields: {when: '@timestamp'}\n")
	for mods, want := range map[string]string{
		"when|hour|gte: 22":    `where hour(@timestamp) >= 22`,
		"when|hour: [1, 2]":    `where hour(@timestamp) in [1, 2]`,
		"when|hour|neq: 3":     `where not hour(@timestamp) == 3`,
		"when|hour|lt: 24":     `where hour(@timestamp) < 24`,
		"when|minute: 3":       `where minute(@timestamp) == 3`,
		"when|day: [1, 31]":    `where day(@timestamp) in [1, 31]`,
		"when|week|lte: 2":     `where week(@timestamp) <= 2`,
		"when|month|gt: 11":    `where month(@timestamp) > 11`,
		"when|year: 2024":      `where @timestamp >= "2024-01-01T00:00:00Z" and @timestamp < "2025-01-01T00:00:00Z"`,
		"when|year: [1, 3]":    "< \"0002-01-01T00:00:00Z\"\n    or @timestamp >= \"0003-01-01T00:00:00Z\" and",
		"when|year|gt: 2024":   `where @timestamp >= "2025-01-01T00:00:00Z"`,
		"when|year|gte: 2024":  `where @timestamp >= "2024-01-01T00:00:00Z"`,
		"when|year|lt: 2024":   `where @timestamp < "2024-01-01T00:00:00Z"`,
		"when|year|lte: 2024":  `where @timestamp < "2025-01-01T00:00:00Z"`,
		"when|month: 13":       "a.yml:4:29: E1005: `month` takes a number",
		"when|hour: 'x'":       "a.yml:4:28: E1005: `hour` takes a number",
		"CommandLine|hour: 3":  "a.yml:4:17: E1005: `hour` goes with times, and `CommandLine` is text here (`process.command_line`)",
		"when|hour|gte: [1,2]": "a.yml:4:32: E1005: `gte` takes one number",
	} {
		got := with(t, rule("{product: windows, category: process_creation}", "{"+mods+"}"), Options{Maps: []*Map{m}})
		if !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s", mods, got)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	m := parseMap(t, "placeholders: {x: [a, 'b*c'], y: [d]}\n")
	for value, want := range map[string]string{
		"CommandLine|expand: '%x%'":           `process.command_line in ["a", "b*c"]`,
		"CommandLine|contains|expand: '%x%'":  `process.command_line contains ["a", "b*c"]`,
		"CommandLine|expand: '1%x%2%y%3'":     `process.command_line in ["1a2d3", "1b*c2d3"]`,
		"CommandLine|expand: '*%x%'":          `process.command_line ends_with ["a", "b*c"]`,
		"CommandLine|expand|base64: 'n%z%'":   "E1005: the text for `base64` holds a placeholder without values",
		"CommandLine|expand: '%z%'":           `process.command_line in $z`,
		"CommandLine|expand|endswith: '%z%'":  `process.command_line ends_with $z`,
		"CommandLine|all|expand: ['%z%','a']": `process.command_line in $z and process.command_line == "a"`,
	} {
		got := with(t, rule("{product: windows, category: process_creation}", "{"+value+"}"), Options{Maps: []*Map{m}})
		if !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s", value, got)
		}
	}
}

func TestKeepUnknownFields(t *testing.T) {
	for _, name := range []string{".x", "x.", "x..y", "x`y", `"x\ny"`} { // no rule can say these
		if got := with(t, rule("{product: windows, category: process_creation}", "{"+name+": 'a'}"), Options{KeepUnknownFields: true}); !strings.Contains(got, "E1007") {
			t.Errorf("%s: %s", name, got)
		}
	}
	text := rule("{product: windows, category: process_creation}", "{Frob.x y: 'a'}")
	if got := with(t, text, Options{}); !strings.Contains(got, "E1007") {
		t.Errorf("%s", got)
	}
	for values, want := range map[string][]string{
		"{Frob.x y: 'a'}":                         {"field Frob.`x y`: keyword\n", "where Frob.`x y` == \"a\""},
		"{Frob|gte: 3}":                           {"field Frob: double\n", "where Frob >= 3"},
		"{Frob: [3, 4]}":                          {"field Frob: long\n", "where Frob in [3, 4]"},
		"{Frob|contains: [3, 4]}":                 {"field Frob: keyword\n", `where Frob contains ["3", "4"]`},
		"{Frob: [3, 'x']}":                        {"field Frob: keyword\n", `where Frob in ["3", "x"]`},
		"{Frob: true}":                            {"field Frob: boolean\n", "where Frob == true"},
		"{Frob: null}":                            {"field Frob: keyword\n", "where not exists Frob"},
		"{user: 'a', process.name: 'b'}":          {"field user: keyword\n  from", `where user == "a" and process.name == "b"`},
		"{CommandLine|fieldref: Frob}":            {"field Frob: keyword\n", "where process.command_line == Frob"},
		"[{Frob: 1}, {Frob|lt: 7.5, Image: 'x'}]": {"field Frob: double\n", "Frob == 1"},
	} {
		got := with(t, rule("{product: windows, category: process_creation}", values), Options{KeepUnknownFields: true})
		for _, w := range append(want, "is kept under its own name: nothing here has it") {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", values, w, got)
			}
		}
	}
}

// lowered is the rules of a text.
func lowered(t *testing.T, files map[string]string) map[string]*ir.Rule {
	t.Helper()
	var all []*File
	for name, text := range files {
		f, diags := Parse(name, []byte(text))
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		all = append(all, f)
	}
	col := NewCollection(all, Options{Places: true})
	out := map[string]*ir.Rule{}
	for _, f := range all {
		g, diags := col.Convert(f)
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		rules, diags := lower.Rules(g, lower.Options{})
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		for _, r := range rules {
			out[r.Name] = r
		}
	}
	return out
}

func TestMetadata(t *testing.T) {
	text := `title: 'Title: with colon'
id: 0E3F9B52-6f0a-4a5d-9c62-5d3a1f7c2b10
related:
    - id: 1e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10
      type: obsoletes
status: test
level: High
license: MIT
description: |
    Two lines,   
    the second one.

author: A. Uthor (Acme, Inc.), B. Uthor
references:
    - https://example.com/1
date: 2024/01/31
modified: 2024-02-01
tags:
    - attack.t1136.001
    - attack.T1136.001
    - attack.persistence
    - attack.credential_access
    - attack.ta0003
    - attack.g0007
    - cve.2024-1
falsepositives:
    - Administrators
fields: [CommandLine]
scope: [server]
own: 17
nested: {a: [1, 2]}
risk: 3
titel: x
logsource:
    product: windows
    category: process_creation
    definition: 'Audit it'
detection:
    selection: {Image: 'a'}
    condition: selection
`
	got := lowered(t, map[string]string{"dir/proc 1-x.yml": text})["proc_1_x"]
	if got == nil {
		t.Fatal("no rule of that name")
	}
	m := got.Meta
	check(t, fmt.Sprintf("%s|%s|%s|%s|%s|%q|%v|%v|%v|%v|%v|%v|%v", m.ID, m.Title, m.Status, m.Severity, m.License, m.Description, m.Attack, strings.Join(m.Authors, "/"), m.References, m.Tags, m.FalsePositives, m.Related, m.Custom),
		`0e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10|Title: with colon|test|high|MIT|"Two lines,\nthe second one."|[T1136.001 TA0003 TA0006]|A. Uthor (Acme, Inc.)/B. Uthor|[https://example.com/1]|[attack.g0007 cve.2024-1]|[Administrators]|[obsolete 1e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10]|[{date [2024-01-31]} {modified [2024-02-01]} {fields [CommandLine]} {scope [server]} {own [17]} {nested [{a: [1, 2]}]} {sigma_risk [3]} {sigma_titel [x]} {logsource_definition [Audit it]}]`)
}

func TestInheritedMetadata(t *testing.T) {
	corr := "---\ntitle: Often\nlevel: high\ncorrelation: {type: event_count, rules: [first], group-by: [User], timespan: 1h, condition: {gte: 5}}\n"
	base := "id: 0e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10\nlevel: low\nstatus: test\ntags: [attack.t1136]\n" + plainRule
	r := lowered(t, map[string]string{"a.yml": base + corr})["a"]
	if r.Meta.Title != "Often" || r.Meta.Severity != "high" || r.Meta.Status != "test" || r.Meta.ID != "0e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10" || len(r.Meta.Attack) != 1 {
		t.Errorf("%+v", r.Meta)
	}
	rules := lowered(t, map[string]string{"a.yml": base + corr + strings.Replace(corr, "Often", "Once more", 1)})
	if len(rules) != 2 || rules["often"].Meta.ID != "" || rules["once_more"].Meta.ID != "" || rules["often"].Meta.Status != "test" {
		t.Errorf("%v", rules)
	}
	rules = lowered(t, map[string]string{"a.yml": base + strings.Replace(corr, "level: high", "generate: true", 1)})
	if rules["first"].Meta.ID == "" || rules["often"].Meta.ID != "" || rules["often"].Meta.Severity != "low" {
		t.Errorf("%v", rules)
	}
}

// A name is looked for in the same file first.
func TestScopeOfNames(t *testing.T) {
	corr := "---\ntitle: Often\ncorrelation: {type: event_count, rules: [first], group-by: [User], timespan: 1h, condition: {gte: 5}}\n"
	rules := lowered(t, map[string]string{"a.yml": plainRule + corr, "b.yml": strings.Replace(plainRule, "'a'", "'b'", 1) + corr})
	for name, want := range map[string]string{"a": `"a"`, "b": `"b"`} {
		if got := ir.PrintPred(rules[name].Where); !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	rules = lowered(t, map[string]string{"a.yml": plainRule, "b.yml": strings.TrimPrefix(corr, "---\n")})
	if len(rules) != 1 || rules["b"] == nil {
		t.Errorf("a correlation over a rule of another file: %v", rules)
	}
}

// Two files of one name make rules of different names, the same ones whatever the order of the files.
func TestNamesOfRules(t *testing.T) {
	with := func(id string) string { return "id: " + id + "\n" + plainRule }
	var a, b *File
	a, _ = Parse("x/same.yml", []byte(with("0e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10")))
	b, _ = Parse("y/same.yml", []byte(with("1e3f9b52-6f0a-4a5d-9c62-5d3a1f7c2b10")))
	for _, files := range [][]*File{{a, b}, {b, a}} {
		col := NewCollection(files, Options{})
		if got := append(col.RuleNames(a), col.RuleNames(b)...); !slices.Equal(got, []string{"same", "same_1e3f9b52"}) {
			t.Errorf("%v", got)
		}
	}
}

func TestChooseSource(t *testing.T) {
	c := &converter{Collection: &Collection{}}
	froms := mustFroms(t, "a.b on x", "c.d on y", "c.d on x, z")
	for want, sources := range map[int][]string{0: nil, 1: {"y"}, 2: {"c.d on x, z"}} {
		c.opts.Sources = sources
		if got := c.choose(froms); got.String() != froms[want].String() {
			t.Errorf("%v: %s", sources, got)
		}
	}
	c.opts.Sources = []string{"nothing", "z", "y"}
	if got := c.choose(froms); got.String() != froms[2].String() {
		t.Errorf("the first that is an alternative: %s", got)
	}
}

// The seed imports as it stands; the oddities of its condition are remarked on.
func TestSeed(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/seeds/001_*.txt")
	if len(files) == 0 {
		t.Skip("the seeds are not there")
	}
	page, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	text = text[strings.Index(text, "\ntitle:")+1 : strings.Index(text, "\nStages and Predicates")]
	f, diags := Parse("seed.yml", []byte(text))
	g, more := NewCollection([]*File{f}, Options{Places: true}).Convert(f)
	rules, faults := lower.Rules(g, lower.Options{})
	diags = append(append(diags, more...), faults...)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	var odd []string
	for _, d := range diags {
		odd = append(odd, d.Title)
	}
	if want := []string{"`gte: 1` is true of every group: one event suffices", "`field` has no effect on `event_count`"}; !slices.Equal(odd, want) {
		t.Errorf("said %q", odd)
	}
	if len(rules) != 1 || rules[0].Meta.Severity != "medium" || rules[0].Meta.Title != "Surge in signup events" || len(rules[0].Keys) != 2 {
		t.Errorf("%+v", rules)
	}
}

// Rules keep their meaning when files are read one by one: the tree with places and the printed text agree.
func TestPrintedMeansTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the whole corpus twice")
	}
	names, texts := corpusFiles(t, "sigma")
	files := make([]*File, len(names))
	for i := range names {
		files[i], _ = Parse(names[i], texts[i])
	}
	placed, plain := NewCollection(files, Options{Places: true}), NewCollection(files, Options{})
	for _, f := range files {
		a, _ := placed.Convert(f)
		b, _ := plain.Convert(f)
		text := grammar.Print(b)
		c, faults := grammar.Parse("a.rule", text)
		if faults.HasErrors() {
			t.Errorf("%s: %v", f.Name, faults.Err())
			continue
		}
		if twice := grammar.Print(c); string(twice) != string(text) {
			t.Errorf("%s: not canonical", f.Name)
		}
		x, _ := lower.Rules(a, lower.Options{})
		y, _ := lower.Rules(c, lower.Options{})
		if len(x) != len(y) {
			t.Errorf("%s: %d rules, %d printed", f.Name, len(x), len(y))
			continue
		}
		for i := range x {
			if ir.Print(x[i]) != ir.Print(y[i]) {
				t.Errorf("%s: another meaning\n%s\n%s", f.Name, ir.Print(x[i]), ir.Print(y[i]))
			}
		}
	}
}

// A file with thousands of faults does not flood: the first ones are told, and how many there are more.
func TestFewFaults(t *testing.T) {
	var b strings.Builder
	b.WriteString("title: a\nlogsource: {product: windows, category: process_creation}\ndetection:\n    selection:\n")
	for i := range 3 * maxFaults {
		fmt.Fprintf(&b, "        f%d: a\n", i)
	}
	b.WriteString("    condition: selection\n")
	f, diags := Parse("a.yml", []byte(b.String()))
	_, more := NewCollection([]*File{f}, Options{}).Convert(f)
	diags = append(diags, more...)
	if len(diags) != maxFaults+1 {
		t.Fatalf("%d messages", len(diags))
	}
	last := diags[maxFaults]
	if last.Severity != diag.Error || !strings.HasPrefix(last.Title, "1000 more") || last.Span.Start.Line != 5+maxFaults {
		t.Errorf("the last one: %v", last)
	}
}

// Many documents of one name get names of their own, in a time that grows with their number.
func TestManyOfOneName(t *testing.T) {
	const doc = "title: a\nlogsource: {product: windows, category: process_creation}\ndetection: {selection: {Image: a}, condition: selection}\n"
	const n = 20000
	f, diags := Parse("a.yml", []byte(strings.Repeat(doc+"---\n", n)))
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	names := NewCollection([]*File{f}, Options{}).RuleNames(f)
	slices.Sort(names)
	if got := len(slices.Compact(names)); got != n || !slices.Contains(names, "a_20000") {
		t.Errorf("%d names", got)
	}
}

// What a folder's files are is told without reading them as YAML; a rule in the wrong encoding is one, so that it is reported.
func TestIsSigma(t *testing.T) {
	wide := func(s string, first, second int) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			pair := []byte{0, 0}
			pair[first] = c
			b.Write(pair)
		}
		return string([]byte{0xFE, 0xFF}[second:second+1]) + string([]byte{0xFF, 0xFE}[second:second+1]) + b.String()
	}
	for text, want := range map[string]bool{
		plainRule:            true,
		"\uFEFF" + plainRule: true,
		strings.ReplaceAll(plainRule, "\n", "\r\n"):                            true,
		strings.ReplaceAll(plainRule, "\n", "\r"):                              true,
		wide(plainRule, 1, 0):                                                  true,
		wide(plainRule, 0, 1):                                                  true,
		`{"title": "a", "logsource": {"product": "windows"}, "detection": {}}`: true,
		"{title: a, logsource: {product: windows}, detection: {}}":             true,
		"title: c\ncorrelation: {type: event_count}\n":                         true,
		"title: f\nfilter: {rules: any}\n":                                     true,
		`{"title": "a", "detection": {}}`:                                      false,
		"":                                                                     false,
		"title: a\n":                                                           false,
		"name: b\njobs: {detection: yes}\n":                                    false,
		"correlation: yes\n":                                                   false,
		"# detection: none\nsettings: {}\n":                                    false,
	} {
		if got := IsSigma([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
