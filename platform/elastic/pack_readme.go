package elastic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/elastic/rule"
)

// readme is the page of a pack.
type readme struct {
	pack     platform.Pack
	rows     []string
	packages []string
	imports  int
}

func (r *readme) add(a *platform.Artefact, doc *rule.Rule) {
	r.rows = append(r.rows, fmt.Sprintf("| `%s%s.toml` | %s | %s | %s, %s | %s |", rulesFolder, a.Rule.Name, cell(titleOf(a.Rule)), doc.Type, doc.Interval, doc.From, a.Fidelity.Kind))
	for _, i := range doc.RelatedIntegrations {
		name := i.Package
		if i.Integration != "" {
			name += " (" + i.Integration + ")"
		}
		if !slices.Contains(r.packages, name) {
			r.packages = append(r.packages, name)
		}
	}
}

func titleOf(r *ir.Rule) string {
	if s := strings.TrimSpace(r.Meta.Title); s != "" {
		return s
	}
	return r.Name
}

// cell is a text in a table of Markdown.
func cell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "<", "&lt;", "[", `\[`, "*", `\*`, "_", `\_`).Replace(s)
}

func (r *readme) text() []byte {
	var b strings.Builder
	say := func(lines ...string) { b.WriteString(strings.Join(lines, "\n") + "\n") }
	say("# "+r.pack.Name+" "+r.pack.Version+" for Elastic Security", "", "| file | rule | type | runs every, looks back | level |", "|---|---|---|---|---|")
	say(r.rows...)
	files := "`rules.ndjson`"
	if r.imports > 1 {
		files = fmt.Sprintf("`rules.ndjson` to `rules_%d.ndjson`", r.imports)
	}
	say("", "The level is explained in the pack's `manifest.json`; the setup guide of each rule says what it assumes.", "", "## Deploying", "",
		files+" is what Kibana takes under Security, Rules, Detection rules, Import rules. By hand:", "",
		"```sh", "for file in rules*.ndjson; do",
		`  curl --fail-with-body -H "Authorization: ApiKey $ELASTIC_API_KEY" -H "kbn-xsrf: true" \`,
		`    --form "file=@$file" "$KIBANA_URL/api/detection_engine/rules/_import?overwrite=true"`, "done", "```", "",
		"The id of a rule stays the same from build to build, so that `overwrite=true` brings rules up to date. It also resets what was changed in Kibana:",
		"actions and exceptions that were added there are lost, and whether a rule is enabled is as the file has it.", "",
		"The files in `rules` are the same rules in the layout of elastic/detection-rules, for review and for repositories that work with its tools;",
		"its build adds the version and the related integrations. Where nothing says when a rule was written, the date is "+noDate+": set `created` under",
		"`pack: elastic:` in `onerule.yaml`, or `date` in the rule.")
	if len(r.packages) > 0 {
		slices.Sort(r.packages)
		say("", "## Integrations", "", "The rules read what these packages of Fleet bring, or what Beats write with the same fields:", "")
		for _, name := range r.packages {
			say("- " + name)
		}
	}
	return []byte(b.String())
}
