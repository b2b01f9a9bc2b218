package elastic

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic/rule"
	"github.com/onerule/onerule/platform/elastic/toml"
)

// rulesFolder holds a TOML file for each rule, as elastic/detection-rules keeps its rules.
const rulesFolder = "rules/"

// pack writes what the detection engine imports, rules.ndjson; each rule as a file of the detection-rules layout; and a page that
// says how both are deployed.
func pack(p platform.Pack) ([]platform.File, diag.List) {
	set, diags := readSettings(p.Settings)
	var files []platform.File
	var all []*rule.Rule
	page := &readme{pack: p}
	ids := map[string]string{}
	for _, a := range p.Artefacts {
		made, ok := a.Document.(*rule.Rule)
		if !ok {
			diags = append(diags, diag.Internal(a.Rule.Span, "making the pack of elastic", "the document is no detection rule", nil))
			continue
		}
		doc, m := packed(made, a, set), metadata(a, set)
		if other, twice := ids[doc.RuleID]; twice {
			diags = append(diags, diag.New(diag.SameID, a.Rule.Span, fmt.Sprintf("`%s` has the id of `%s`, and an import takes one rule for each id", a.Rule.Name, other), "give it an id of its own"))
			continue
		}
		line, err := doc.Encode()
		if err == nil && len(line) > rule.MaxImportBytes {
			err = fmt.Errorf("it has %d bytes, and an import takes %d", len(line), rule.MaxImportBytes)
		}
		var data []byte
		if err == nil {
			data, err = toml.Encode(m, doc)
		}
		if err != nil {
			diags = append(diags, diag.New(diag.CannotSay, a.Rule.Span, fmt.Sprintf("Kibana would not take the rule `%s`: %v", a.Rule.Name, err), "change what is named, or leave this target out"))
			continue
		}
		diags = append(diags, nameWarning(a.Rule, doc)...)
		ids[doc.RuleID] = a.Rule.Name
		all = append(all, doc)
		files = append(files, platform.File{Path: rulesFolder + a.Rule.Name + ".toml", Data: data, Rule: a.Rule.Name})
		page.add(a, doc)
	}
	if len(all) == 0 {
		return nil, diags
	}
	bundles, err := imports(all)
	if err != nil {
		return nil, append(diags, diag.Internal(diag.Span{}, "writing rules.ndjson", err.Error(), nil))
	}
	page.imports = len(bundles)
	return append(append(files, bundles...), platform.File{Path: "README.md", Data: page.text()}), diags
}

// imports writes the rules into as many files as the limits of one import ask for.
func imports(rules []*rule.Rule) ([]platform.File, error) {
	var files []platform.File
	for start := 0; start < len(rules); {
		end, size := start, summarySize
		for end < len(rules) && end-start < rule.MaxImportRules {
			line, err := rules[end].Encode()
			if err != nil {
				return nil, err
			}
			if size += len(line); size > rule.MaxImportBytes && end > start {
				break
			}
			end++
		}
		data, err := rule.NDJSON(rules[start:end])
		if err != nil {
			return nil, err
		}
		name := "rules.ndjson"
		if start > 0 {
			name = fmt.Sprintf("rules_%d.ndjson", len(files)+1)
		}
		files = append(files, platform.File{Path: name, Data: data})
		start = end
	}
	return files, nil
}

// summarySize is more than the last line of an import has.
const summarySize = 1000

// packed is a document with what only the whole artefact tells: what the reader has to set up, and whether rules start enabled.
func packed(made *rule.Rule, a *platform.Artefact, set settings) *rule.Rule {
	doc := *made
	doc.Enabled = doc.Enabled && !set.disabled
	doc.Setup = setup(a, &doc)
	return &doc
}

// nameForm is the form of names that detection-rules takes (schemas/definitions.py); Kibana takes any.
var nameForm = regexp.MustCompile(`^[a-zA-Z0-9].+[a-zA-Z0-9\[\]()]$`)

// nameWarning says that detection-rules does not take the name of a rule, though Kibana does.
func nameWarning(r *ir.Rule, doc *rule.Rule) diag.List {
	if nameForm.MatchString(doc.Name) {
		return nil
	}
	d := diag.New(diag.CannotSay, r.Span, fmt.Sprintf("elastic/detection-rules does not take the title of `%s`: it begins with an ASCII letter or digit and ends with one, or with a bracket, all on one line", r.Name),
		"rules.ndjson has it, and Kibana takes it; change the title where the TOML files are used")
	d.Severity = diag.Warning
	return diag.List{d}
}

// settings are those of the project file: `pack: {elastic: {enabled: false}}`.
type settings struct {
	disabled bool
	// created and updated are the dates of rules that say none.
	created, updated string
}

// noDate stands where nothing says when a rule was written: detection-rules asks for dates, and a build has no clock.
const noDate = "1970/01/01"

var settingNames = []string{"created", "enabled", "updated"}

func readSettings(given map[string]string) (settings, diag.List) {
	out := settings{created: noDate}
	var diags diag.List
	bad := func(title, help string) { diags = append(diags, diag.New(diag.BadConfig, diag.Span{}, title, help)) }
	var names []string
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v := given[name]
		switch name {
		case "enabled":
			if v != "true" && v != "false" {
				bad(fmt.Sprintf("`enabled` is %q", v), "write `enabled: true`, or `enabled: false` for rules that are switched on in Kibana")
			}
			out.disabled = v == "false"
		case "created", "updated":
			date, ok := readDate(v)
			if !ok {
				bad(fmt.Sprintf("`%s` is %q, which is no date", name, v), "write year, month and day: 2026-03-01")
			} else if name == "created" {
				out.created = date
			} else {
				out.updated = date
			}
		default:
			bad(fmt.Sprintf("`%s` is no setting of packs for Elastic", name), "the settings are "+strings.Join(settingNames, ", "))
		}
	}
	if out.updated == "" {
		out.updated = out.created
	}
	return out, diags
}

var dateForm = regexp.MustCompile(`^(\d{4})[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])$`)

// readDate reads a date as detection-rules writes it.
func readDate(s string) (string, bool) {
	m := dateForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return "", false
	}
	return m[1] + "/" + m[2] + "/" + m[3], true
}

// metadata says of a rule what its document has no place for.
func metadata(a *platform.Artefact, set settings) toml.Metadata {
	m := toml.Metadata{Created: set.created, Updated: set.updated, Maturity: maturity(a.Rule.Meta.Status)}
	if date, ok := readDate(custom(a.Rule, "date")); ok {
		m.Created, m.Updated = date, date
	}
	if date, ok := readDate(custom(a.Rule, "modified")); ok {
		m.Updated = date
	}
	for _, i := range integrations(a.Bound) {
		if !slices.Contains(m.Integration, i.Package) {
			m.Integration = append(m.Integration, i.Package)
		}
	}
	if v := stackOf(a); v.version != "" {
		m.MinStack, m.MinStackWhy = v.version, v.why
	}
	return m
}

// maturity says a status in the words of detection-rules.
func maturity(status string) string {
	switch status {
	case "deprecated", "experimental":
		return status
	case "test":
		return "beta"
	case "unsupported":
		return "development"
	}
	return "production"
}

// custom is the value of a key of the rule's own, "" when there is none.
func custom(r *ir.Rule, key string) string {
	for _, p := range r.Meta.Custom {
		if p.Key == key && len(p.Values) == 1 {
			return p.Values[0]
		}
	}
	return ""
}
