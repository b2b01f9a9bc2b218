package splunk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// readme is README.md of the app.
func readme(p platform.Pack, set *set, rules []packedSearch) []byte {
	var b strings.Builder
	say := func(lines ...string) { b.WriteString(strings.Join(lines, "\n") + "\n") }
	say("# "+cell(set.label), "", fmt.Sprintf("%s %s for Splunk, written by OneRule %s.", p.Name, p.Version, p.OneRule), "",
		"Each rule is a saved search that runs on a schedule and raises an alert for each row that it finds. With Enterprise Security",
		"it is a correlation search: it writes a finding (notable event), adds to the risk of what the finding is about, and carries its ATT&CK techniques.",
		"Without it the alerts stand under Triggered Alerts, and the settings `action.notable`, `action.risk` and `action.correlationsearch` do nothing.", "",
		"## Installing", "",
		"Install the `.spl` file: in Splunk Web under Apps > Manage Apps > Install app from file, in Splunk Cloud as a private app, or with",
		"`splunk install app FILE`. The account that owns the searches reads the indexes below, and its time zone is UTC (no daylight saving time),",
		"so that schedules of more than an hour stay where they belong.", "",
		"Changes belong into `local/`, which an update leaves as it is: `local/savedsearches.conf` for schedules, actions and `disabled`,",
		"`local/macros.conf` for the macros below.", "")
	macros, parameters := [][3]string{}, [][3]string{}
	for _, r := range rules {
		for _, m := range r.doc.Macros {
			row := [3]string{m.Name, m.Definition, m.Description}
			list := &parameters
			if strings.HasPrefix(m.Name, sourceMacro) {
				list = &macros
			}
			if !slices.Contains(*list, row) {
				*list = append(*list, row)
			}
		}
	}
	table := func(title, text string, rows [][3]string) {
		if len(rows) == 0 {
			return
		}
		slices.SortFunc(rows, func(x, y [3]string) int { return strings.Compare(x[0], y[0]) })
		say("## "+title, "", text, "", "| macro | definition | |", "|---|---|---|")
		for _, r := range rows {
			say(fmt.Sprintf("| `%s` | %s | %s |", r[0], code(r[1]), cell(r[2])))
		}
		say("")
	}
	table("Where the events are", "Name your indexes here, `(index=okta sourcetype=\"OktaIM2:log\")` say, in parentheses. A definition without an index searches the default\nindexes of the role that the search runs as; nothing is found where they are others.", macros)
	table("Parameters", "The numbers that rules compare with.", parameters)
	say("## Rules", "", "| saved search | rule | schedule | range | once per | level |", "|---|---|---|---|---|---|")
	for _, r := range rules {
		say(fmt.Sprintf("| %s | `%s` | `%s` | `%s` to `%s` | %s | %s |", cell(r.doc.Name), r.art.Rule.Name, r.doc.Cron, r.doc.Earliest, r.doc.Latest, throttling(r.doc), r.art.Fidelity.Kind))
	}
	say("", "The level says how exactly the search finds what the rule means; the pack's `manifest.json` explains it, with what is assumed.")
	return []byte(b.String())
}

func throttling(doc *conf.SavedSearch) string {
	if doc.Suppress == nil {
		return ""
	}
	return fmt.Sprintf("%s by %s", doc.Suppress.Period, code(strings.Join(doc.Suppress.Fields, ", ")))
}

// cell is a text in a table of Markdown.
func cell(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "<", "&lt;", "[", `\[`, "*", `\*`, "_", `\_`).Replace(oneLine(s))
}

// code is a text in a table of Markdown, as it is.
func code(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	pad := ""
	if len(fence) > 1 {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(s, "|", `\|`) + pad + fence
}
