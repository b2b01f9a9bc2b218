package datadog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/datadog/api"
)

// The folders of a pack.
const (
	rulesFolder        = "rules/"
	workloadFolder     = "workload_protection/"
	alternativesFolder = "alternatives/"
	terraformFile      = "terraform/main.tf.json"
)

// pack writes the body of an API call for each rule, a pair of two for what agents judge, the same rules as resources of
// Terraform, and a page that says how they are deployed.
func pack(p platform.Pack) ([]platform.File, diag.List) {
	notify, diags := settings(p)
	var files []platform.File
	var resources []api.Named
	page := &readme{pack: p}
	for _, a := range p.Artefacts {
		doc := notifying(a.Document, notify)
		data, err := doc.Encode()
		if err != nil {
			diags = append(diags, diag.New(diag.CannotSay, a.Rule.Span, "the rule does not fit into the security-monitoring API: "+err.Error(), "change what is named"))
			continue
		}
		folder := rulesFolder
		if _, pair := doc.(*api.WorkloadRule); pair {
			folder = workloadFolder
		}
		files = append(files, platform.File{Path: folder + a.Rule.Name + ".json", Data: data, Rule: a.Rule.Name})
		why := api.Unfit(doc)
		if why == "" {
			resources = append(resources, api.Named{Name: a.Rule.Name, Doc: doc})
		}
		page.add(a, folder, why)
		if other := alternative(a); other != nil {
			if data, err := notifying(other, notify).Encode(); err == nil {
				files = append(files, platform.File{Path: alternativesFolder + a.Rule.Name + ".json", Data: data, Rule: a.Rule.Name})
				page.alternatives = append(page.alternatives, a.Rule.Name)
			}
		}
	}
	if len(files) == 0 {
		return nil, diags
	}
	data, err := api.Terraform(fmt.Sprintf("%s %s, written by OneRule %s", p.Name, p.Version, p.OneRule), resources)
	if err != nil {
		return nil, append(diags, diag.Internal(diag.Span{}, "writing "+terraformFile, err.Error(), nil))
	}
	return append(files, platform.File{Path: terraformFile, Data: data}, platform.File{Path: "README.md", Data: page.text()}), diags
}

// settings reads what the project file says: who is notified of signals.
func settings(p platform.Pack) (notify []string, diags diag.List) {
	for _, name := range sortedKeys(p.Settings) {
		if name != "notify" {
			diags = append(diags, diag.New(diag.BadConfig, diag.Span{}, fmt.Sprintf("`%s` is no setting of packs for Datadog", name), "the one there is: `notify`, the handles that signals are sent to"))
			continue
		}
		for _, handle := range strings.Fields(p.Settings[name]) {
			if !strings.HasPrefix(handle, "@") || len(handle) == 1 || strings.Contains(handle, "{{") {
				diags = append(diags, diag.New(diag.BadConfig, diag.Span{}, fmt.Sprintf("`%s` is no handle", handle), "write `notify: \"@slack-security @team-soc\"`, say"))
				continue
			}
			notify = append(notify, handle)
		}
	}
	return notify, diags
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// notifying is a document whose cases notify somebody.
func notifying(doc platform.Document, handles []string) api.Document {
	cases := func(in []api.Case) []api.Case {
		out := slices.Clone(in)
		for i := range out {
			out[i].Notifications = append([]string{}, handles...)
		}
		return out
	}
	switch doc := doc.(type) {
	case *api.DetectionRule:
		out := *doc
		out.Cases = cases(doc.Cases)
		return &out
	case *api.WorkloadRule:
		out := *doc
		out.SignalRule.Cases = cases(doc.SignalRule.Cases)
		return &out
	}
	return nil
}

// readme is the page of a pack.
type readme struct {
	pack         platform.Pack
	rows         []string
	measures     []string
	alternatives []string
	unfit        []string // what Terraform does not carry, and why
	pairs        bool
}

func (r *readme) add(a *platform.Artefact, folder, unfit string) {
	if unfit != "" {
		r.unfit = append(r.unfit, "- `"+a.Rule.Name+"`: "+unfit)
	}
	level := a.Fidelity.Kind.String()
	r.rows = append(r.rows, fmt.Sprintf("| `%s%s.json` | %s | %s | %s |", folder, a.Rule.Name, cell(title(a.Rule)), a.Type, level))
	r.pairs = r.pairs || folder == workloadFolder
	if a.Lang != search.Backend.Lang || !slices.Contains(a.Fidelity.Assumptions, "facet") {
		return
	}
	for _, p := range a.Bound.Parts {
		for _, f := range measuresOf(p) {
			if name, why := search.FieldName(f); why == "" && !slices.Contains(r.measures, name) {
				r.measures = append(r.measures, name)
			}
		}
	}
}

// measuresOf are the fields of a part that compare as numbers.
func measuresOf(p ir.Part) []*ir.Field {
	return slices.DeleteFunc(p.Reads(), func(f *ir.Field) bool { return !f.Type.IsNumber() })
}

// cell is a text in a table of Markdown.
func cell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "<", "&lt;", "[", `\[`).Replace(s)
}

func (r *readme) text() []byte {
	var b strings.Builder
	say := func(lines ...string) { b.WriteString(strings.Join(lines, "\n") + "\n") }
	say("# "+r.pack.Name+" "+r.pack.Version+" for Datadog", "", "| file | rule | method | level |", "|---|---|---|---|")
	say(r.rows...)
	say("", "The level is explained in the pack's `manifest.json`, with what is assumed.", "", "## Deploying", "",
		"`terraform/main.tf.json` holds every rule as a resource of the provider DataDog/datadog: run `terraform init` and `terraform plan` in its folder.",
		"It is the way to take when rules change later.")
	if len(r.unfit) > 0 {
		say("", "Not in the Terraform file:", "")
		say(r.unfit...)
	}
	say("", "By hand, each file in `rules` is the body of one call; the first only validates it:", "",
		"```sh", "for rule in rules/*.json; do", "  for call in rules/validation rules; do",
		`    curl --fail-with-body -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY" -H "Content-Type: application/json" \`,
		`      --data "@$rule" "https://api.$DD_SITE/api/v2/security_monitoring/$call" || exit`, "  done", "done", "```")
	if r.pairs {
		say("", "A file in `workload_protection` holds two bodies: `agentRule` for `/api/v2/remote_config/products/cws/agent_rules`, sent first, and `signalRule` for",
			"`/api/v2/security_monitoring/rules`; `jq .agentRule FILE` takes one out. In Terraform the variable `agent_policy_id` names the policy that takes the agent",
			"rules; its resource has no place for the system and the version of agents, so the expressions ask for the system themselves.")
	}
	if len(r.measures) > 0 {
		say("", "## Facets", "", "Numbers are compared and summed up only where the organisation has a facet of a numeric type (a measure) for the attribute:", "")
		for _, name := range slices.Sorted(slices.Values(r.measures)) {
			say("- `" + name + "`")
		}
	}
	if len(r.alternatives) > 0 {
		say("", "## Alternatives", "", "What a rule learned from the past has no place in rules whose working is documented. The files in `alternatives` say it with the method",
			"anomaly_detection, whose algorithm is not published: nothing proves what they find. They are switched off, and not in the Terraform file.")
	}
	return []byte(b.String())
}
