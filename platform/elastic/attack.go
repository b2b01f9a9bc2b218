package elastic

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/onerule/onerule/platform/elastic/rule"
)

// AttackVersion is the version of MITRE ATT&CK for Enterprise that attack.tsv has: all techniques and sub-techniques that are neither
// revoked nor deprecated.
const AttackVersion = "18.1"

// attackTable has the techniques of MITRE ATT&CK for Enterprise: id, tactics (of techniques only), name.
// © The MITRE Corporation, reproduced with its permission (attack.mitre.org/resources/legal-and-branding/terms-of-use).
//
//go:embed attack.tsv
var attackTable string

// tactics of ATT&CK for Enterprise, in the order of the matrix.
var tactics = []struct{ id, name string }{
	{"TA0043", "Reconnaissance"},
	{"TA0042", "Resource Development"},
	{"TA0001", "Initial Access"},
	{"TA0002", "Execution"},
	{"TA0003", "Persistence"},
	{"TA0004", "Privilege Escalation"},
	{"TA0005", "Defense Evasion"},
	{"TA0006", "Credential Access"},
	{"TA0007", "Discovery"},
	{"TA0008", "Lateral Movement"},
	{"TA0009", "Collection"},
	{"TA0011", "Command and Control"},
	{"TA0010", "Exfiltration"},
	{"TA0040", "Impact"},
}

type technique struct {
	name    string
	tactics []string
}

// techniques reads the lines of the table that are asked for.
func techniques(ids []string) map[string]technique {
	out := map[string]technique{}
	for line := range strings.Lines(attackTable) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 3 && slices.Contains(ids, f[0]) {
			out[f[0]] = technique{name: f[2], tactics: strings.Split(f[1], ",")}
		}
	}
	return out
}

// threats are the tactics of a rule's techniques, in the order of the matrix. Ids that the table does not know are given back.
func threats(ids []string) (out []rule.Threat, unknown []string) {
	out = []rule.Threat{}
	ids = distinct(ids)
	asked := slices.Clone(ids)
	for _, id := range ids {
		parent, _, _ := strings.Cut(id, ".")
		asked = append(asked, parent)
	}
	table := techniques(asked)
	known := func(id string) bool { _, ok := table[id]; return ok }
	for _, t := range tactics {
		threat := rule.Threat{Framework: "MITRE ATT&CK", Tactic: rule.Attack{ID: t.id, Name: t.name, Reference: "https://attack.mitre.org/tactics/" + t.id + "/"}, Technique: []rule.Technique{}}
		for _, id := range ids {
			parent, _, sub := strings.Cut(id, ".")
			if known(id) && known(parent) && slices.Contains(table[parent].tactics, t.id) {
				addTechnique(&threat, parent, table[parent].name, id, table[id].name, sub)
			}
		}
		if len(threat.Technique) > 0 || slices.Contains(ids, t.id) {
			out = append(out, threat)
		}
	}
	for _, id := range ids {
		parent, _, _ := strings.Cut(id, ".")
		if !isTactic(id) && (!known(id) || !known(parent)) {
			unknown = append(unknown, id)
		}
	}
	return out, unknown
}

func isTactic(id string) bool {
	for _, t := range tactics {
		if t.id == id {
			return true
		}
	}
	return false
}

// distinct are the texts of a list, each once, in its order.
func distinct(xs []string) []string {
	var out []string
	for _, x := range xs {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// addTechnique adds a technique, or a sub-technique to its technique.
func addTechnique(t *rule.Threat, parent, parentName, id, name string, sub bool) {
	i := slices.IndexFunc(t.Technique, func(x rule.Technique) bool { return x.ID == parent })
	if i < 0 {
		i = len(t.Technique)
		t.Technique = append(t.Technique, rule.Technique{Attack: attack(parent, parentName)})
	}
	if sub {
		t.Technique[i].Subtechnique = append(t.Technique[i].Subtechnique, attack(id, name))
	}
}

func attack(id, name string) rule.Attack {
	return rule.Attack{ID: id, Name: name, Reference: "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/"}
}
