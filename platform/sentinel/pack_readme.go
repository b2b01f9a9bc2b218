package sentinel

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

// readme is the page of a pack.
type readme struct {
	pack      platform.Pack
	rows      []row
	knobs     []arm.Knob
	templates []string
}

// row is a rule of the page: where it is deployed, or why not.
type row struct {
	artefact  *platform.Artefact
	title     string
	terraform string // why Terraform does not carry it, or ""
	frequency string // of the custom detection
	defender  string // why there is no custom detection, or ""
}

// The number of rules that a workspace may have switched on (page sentinel-service-limits).
const maxEnabled = 512

// cell is a text in a table of Markdown.
func cell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "<", "&lt;", "[", `\[`).Replace(s)
}

func (r *readme) text() []byte {
	var b strings.Builder
	say := func(lines ...string) { b.WriteString(strings.Join(lines, "\n") + "\n") }
	say("# "+r.pack.Name+" "+r.pack.Version+" for Microsoft Sentinel", "", "| rule | title | level | runs every | looks back | Defender XDR |", "|---|---|---|---|---|---|")
	for _, row := range r.rows {
		t, defender := row.artefact.Timing, "no"
		if row.frequency != "" {
			if defender = "yes"; slower(row.frequency, t.Every) != "" {
				defender += ", " + slower(row.frequency, t.Every)
			}
		}
		say(fmt.Sprintf("| `%s%s.yaml` | %s | %s | %s | %s | %s |", contentFolder, row.artefact.Rule.Name, cell(row.title), row.artefact.Fidelity.Kind, words(t.Every), words(t.Lookback), defender))
	}
	say("", "The level is explained in the pack's `manifest.json`, with what is assumed.")
	if len(r.rows) > maxEnabled {
		say("", fmt.Sprintf("These are %d rules, and a workspace may have %d scheduled rules switched on (1024 with a dedicated cluster).", len(r.rows), maxEnabled))
	}
	say("", "## Deploying", "", "Take one of these ways; all have the same rules under the same ids.", "",
		"- `arm/azuredeploy.json` is a template of Azure Resource Manager, for the resource group of the workspace:", "", "```sh")
	for _, path := range r.templates {
		say(`az deployment group create --resource-group "$GROUP" --template-file ` + path + ` --parameters workspace="$WORKSPACE"`)
	}
	say("```", "", "- `terraform/main.tf.json` has the rules as resources of the provider hashicorp/azurerm, and of azure/azapi those with sub-techniques, which azurerm",
		"  has no place for. Run `terraform init` and `terraform plan` in its folder, with `-var log_analytics_workspace_id=…`. As a module leave `provider.tf.json` out.",
		"- `analytic_rules` has a file for each rule in the layout of the repository Azure/Azure-Sentinel, for pipelines that deploy content from there.")
	r.notes(say)
	if len(r.knobs) > 0 {
		say("", "## Parameters", "", "These numbers can be set when rules are deployed, as parameters of the template and variables of Terraform. The rules were proved with the values",
			"that stand here; a parameter file of the build (`--param-file`) proves them with others.", "", "| parameter | value | what it is |", "|---|---|---|")
		for _, k := range r.knobs {
			say(fmt.Sprintf("| `%s` | %d | %s |", k.Name, k.Value, cell(k.Doc)))
		}
	}
	return []byte(b.String())
}

// notes says what Terraform and Defender do not carry.
func (r *readme) notes(say func(lines ...string)) {
	if list := r.reasons(func(x row) string { return x.terraform }); len(list) > 0 {
		say("", "Not in the files of Terraform:", "")
		say(list...)
	}
	say("", "## Defender XDR", "", "A rule on tables of Defender for Endpoint is a custom detection too, where one can be the same: the files in `defender` are bodies of",
		"`POST https://graph.microsoft.com/beta/security/rules/detectionRules`. Choose one of the two, or each event is told twice. Custom detections have no",
		"counterpart of what puts alerts into one incident; Defender does that by itself.")
	if list := r.reasons(func(x row) string { return x.defender }); len(list) > 0 {
		say("", "Left out:", "")
		say(list...)
	}
}

// reasons lists the rules that are left out, by reason, in the order of the first rule of each.
func (r *readme) reasons(why func(row) string) []string {
	var order []string
	rules := map[string][]string{}
	for _, row := range r.rows {
		w := why(row)
		if w == "" {
			continue
		}
		if rules[w] == nil {
			order = append(order, w)
		}
		rules[w] = append(rules[w], "`"+row.artefact.Rule.Name+"`")
	}
	var out []string
	for _, w := range order {
		out = append(out, "- "+cell(w)+": "+strings.Join(rules[w], ", "))
	}
	return out
}
