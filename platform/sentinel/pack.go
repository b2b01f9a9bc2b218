package sentinel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/platform/sentinel/content"
	"github.com/onerule/onerule/platform/sentinel/terraform"
)

// The files of a pack.
const (
	contentFolder  = "analytic_rules/"
	templateFolder = "arm/"
	terraformMain  = "terraform/main.tf.json"
	terraformOwn   = "terraform/provider.tf.json"
	defenderFolder = "defender/"
)

// packer makes the files of a pack.
type packer struct {
	pack     platform.Pack
	settings settings
	files    []platform.File
	diags    diag.List
	entries  []arm.Entry
	resource []terraform.Entry
	page     readme
	// ids, titles and params are those that are taken, in lower case.
	ids, titles, params map[string]string
}

// pack writes each rule as content of the repository Azure-Sentinel, all rules as a template of Azure Resource Manager and as
// resources of Terraform, those that Defender XDR takes as custom detections, and a page that says how they are deployed.
func pack(p platform.Pack) ([]platform.File, diag.List) {
	x := &packer{pack: p, ids: map[string]string{}, titles: map[string]string{}, params: map[string]string{}}
	x.settings, x.diags = readSettings(p)
	x.page.pack = p
	for _, a := range p.Artefacts {
		x.rule(a)
	}
	if len(x.entries) == 0 {
		return nil, x.diags
	}
	x.bundles()
	x.files = append(x.files, platform.File{Path: "README.md", Data: x.page.text()})
	return x.files, x.diags
}

// rule adds the files of a rule.
func (x *packer) rule(a *platform.Artefact) {
	doc, ok := a.Document.(*arm.Rule)
	if !ok {
		x.diags = append(x.diags, diag.Internal(a.Rule.Span, "making the pack of sentinel", "the document is no rule of Sentinel", nil))
		return
	}
	rule := *doc
	rule.Properties.Enabled = doc.Properties.Enabled && x.settings.enabled && a.Rule.Meta.Status != "deprecated"
	if !x.unique(a, &rule) {
		return
	}
	c, err := content.New(&rule, content.About{Version: a.Rule.Version, Tags: a.Rule.Meta.Tags, Authors: a.Rule.Meta.Authors, Connectors: connectors(a.Query.Tables)})
	var data []byte
	if err == nil {
		data, err = c.Encode()
	}
	if err != nil {
		x.unfit(a, err)
		return
	}
	entry := arm.Entry{Rule: &rule, Comment: fmt.Sprintf("%s, version %d", a.Rule.Name, a.Rule.Version), Knobs: x.knobs(a)}
	if err := entry.Check(); err != nil {
		entry.Knobs = nil // the query and its parameters are too long for an expression
		if err = entry.Check(); err != nil {
			x.unfit(a, err)
			return
		}
	}
	x.entries = append(x.entries, entry)
	x.files = append(x.files, platform.File{Path: contentFolder + a.Rule.Name + ".yaml", Data: data, Rule: a.Rule.Name})
	row := row{artefact: a, title: rule.Properties.DisplayName}
	if row.terraform = terraform.Unfit(&rule); row.terraform == "" {
		x.resource = append(x.resource, terraform.Entry{Name: a.Rule.Name, Entry: entry})
	}
	detection, why := custom(a, &rule)
	row.defender = why
	if detection != nil {
		if data, err := detection.Encode(); err == nil {
			x.files = append(x.files, platform.File{Path: defenderFolder + a.Rule.Name + ".json", Data: data, Rule: a.Rule.Name})
			row.frequency = detection.Schedule.Frequency
		}
	}
	x.page.rows = append(x.page.rows, row)
	x.page.knobs = append(x.page.knobs, entry.Knobs...)
}

func (x *packer) unfit(a *platform.Artefact, err error) {
	x.diags = append(x.diags, diag.New(diag.CannotSay, a.Rule.Span, "the rule does not fit into Sentinel's analytics rules: "+err.Error(), "change what is named, or leave this target out"))
}

// unique asks that ids and names differ: rules of a workspace do, whatever the case.
func (x *packer) unique(a *platform.Artefact, r *arm.Rule) bool {
	id, title := r.ID(), strings.ToLower(strings.TrimSpace(r.Properties.DisplayName))
	for _, t := range []struct {
		taken     map[string]string
		key, what string
	}{{x.ids, id, "id"}, {x.titles, title, "title"}} {
		if other, ok := t.taken[t.key]; ok {
			x.unfit(a, fmt.Errorf("`%s` has the same %s, and those of a workspace have to differ", other, t.what))
			return false
		}
	}
	x.ids[id], x.titles[title] = a.Rule.Name, a.Rule.Name
	return true
}

// bundles adds the templates, as few as the limits allow, and the files of Terraform.
func (x *packer) bundles() {
	parts := arm.Split(x.entries)
	for i, part := range parts {
		path := templateFolder + "azuredeploy.json"
		if i > 0 {
			path = fmt.Sprintf("%sazuredeploy_%d.json", templateFolder, i+1)
		}
		t := &arm.Template{
			Description: fmt.Sprintf("%s %s, written by OneRule %s", x.pack.Name, x.pack.Version, x.pack.OneRule),
			Version:     fourNumbers(x.pack.Version), Workspace: x.settings.workspace, Entries: part,
		}
		data, err := t.Encode()
		x.bundle(path, data, err)
		x.page.templates = append(x.page.templates, path)
	}
	if len(x.resource) == 0 {
		return
	}
	data, err := terraform.Encode(fmt.Sprintf("%s %s, written by OneRule %s", x.pack.Name, x.pack.Version, x.pack.OneRule), x.resource)
	x.bundle(terraformMain, data, err)
	if slices.ContainsFunc(x.resource, func(e terraform.Entry) bool { return len(e.Rule.Properties.SubTechniques) == 0 }) {
		x.bundle(terraformOwn, terraform.Provider(), nil)
	}
}

func (x *packer) bundle(path string, data []byte, err error) {
	if err != nil {
		x.diags = append(x.diags, diag.Internal(diag.Span{}, "writing "+path, err.Error(), nil))
		return
	}
	x.files = append(x.files, platform.File{Path: path, Data: data})
}

// fourNumbers is a version as templates have it.
func fourNumbers(version string) string {
	parts := strings.Split(version, ".")
	for i := range parts {
		end := strings.IndexFunc(parts[i], func(c rune) bool { return c < '0' || c > '9' })
		if end >= 0 {
			parts, parts[i] = parts[:i+1], parts[i][:end]
		}
		if parts[i] == "" {
			parts[i] = "0"
		}
		if i == len(parts)-1 {
			break
		}
	}
	for len(parts) < 4 {
		parts = append(parts, "0")
	}
	return strings.Join(parts[:4], ".")
}

// tableConnectors are the connectors that bring tables, by the ids of the repository Azure-Sentinel. Tables of the reader's own, and
// those that its list of ids does not have, are in none.
var tableConnectors = map[string][]string{
	"SecurityEvent": {"SecurityEvents", "WindowsSecurityEvents"}, "WindowsEvent": {"WindowsForwardedEvents"}, "Syslog": {"Syslog"},
	"SigninLogs": {"AzureActiveDirectory"}, "AuditLogs": {"AzureActiveDirectory"}, "AADUserRiskEvents": {"AzureActiveDirectory"},
	"AzureActivity": {"AzureActivity"}, "AWSCloudTrail": {"AWS"}, "OfficeActivity": {"Office365"}, "W3CIISLog": {"AzureMonitor(IIS)"},
	"GCPAuditLogs": {"GCPAuditLogsDefinition"}, "Okta_CL": {"OktaSSO"}, "OktaV2_CL": {"OktaSSOv2"}, "OktaSystemLogs": {"OktaSSOv2"},
}

func connectors(tables []string) []content.Connector {
	var out []content.Connector
	for _, t := range tables {
		ids := tableConnectors[t]
		if strings.HasPrefix(t, "Device") {
			ids = []string{"MicrosoftThreatProtection"}
		}
		for _, id := range ids {
			i := slices.IndexFunc(out, func(c content.Connector) bool { return c.ID == id })
			if i < 0 {
				i = len(out)
				out = append(out, content.Connector{ID: id})
			}
			if !slices.Contains(out[i].DataTypes, t) {
				out[i].DataTypes = append(out[i].DataTypes, t)
			}
		}
	}
	return out
}

// settings are those of the project file.
type settings struct {
	workspace string
	enabled   bool
}

func readSettings(p platform.Pack) (out settings, diags diag.List) {
	out.enabled = true
	var names []string
	for name := range p.Settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := p.Settings[name]
		bad := func(why, help string) { diags = append(diags, diag.New(diag.BadConfig, diag.Span{}, why, help)) }
		switch name {
		case "workspace":
			if out.workspace = value; !workspaceName(value) {
				bad(fmt.Sprintf("%q is no name of a Log Analytics workspace", value), "names have 4 to 63 letters, digits and hyphens, and begin and end with no hyphen")
			}
		case "enabled":
			if out.enabled = value != "false"; value != "true" && value != "false" {
				bad(fmt.Sprintf("`enabled` is %q", value), "write `enabled: true`, or `enabled: false` to deploy rules that are switched off")
			}
		default:
			bad(fmt.Sprintf("`%s` is no setting of packs for Sentinel", name), "there are `workspace`, the name of the workspace, and `enabled`")
		}
	}
	return out, diags
}

func workspaceName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	return len(s) >= 4 && len(s) <= 63 && strings.Trim(s, letters) == "" && s[0] != '-' && s[len(s)-1] != '-'
}
