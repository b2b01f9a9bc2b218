package pack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/internal/plainjson"
)

// NavigatorName is the path of the layer for the ATT&CK Navigator.
const NavigatorName = "coverage/navigator.json"

// The layer format 4.5 of the ATT&CK Navigator:
// https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
type (
	layer struct {
		Name        string           `json:"name"`
		Versions    layerVersions    `json:"versions"`
		Domain      string           `json:"domain"`
		Description string           `json:"description"`
		Sorting     int              `json:"sorting"`
		Layout      layerLayout      `json:"layout"`
		HideDisable bool             `json:"hideDisabled"`
		Techniques  []layerTechnique `json:"techniques"`
		Gradient    layerGradient    `json:"gradient"`
		Metadata    []layerMetadata  `json:"metadata"`
	}
	// The version of ATT&CK is left out: the Navigator then takes its current one.
	layerVersions struct {
		Navigator string `json:"navigator"`
		Layer     string `json:"layer"`
	}
	layerLayout struct {
		Layout                string `json:"layout"`
		ShowID                bool   `json:"showID"`
		ShowName              bool   `json:"showName"`
		ShowAggregateScores   bool   `json:"showAggregateScores"`
		CountUnscored         bool   `json:"countUnscored"`
		AggregateFunction     string `json:"aggregateFunction"`
		ExpandedSubtechniques string `json:"expandedSubtechniques"`
	}
	layerTechnique struct {
		ID                string          `json:"techniqueID"`
		Score             int             `json:"score"`
		Comment           string          `json:"comment"`
		Enabled           bool            `json:"enabled"`
		ShowSubtechniques bool            `json:"showSubtechniques"`
		Metadata          []layerMetadata `json:"metadata"`
	}
	layerGradient struct {
		Colors   []string `json:"colors"`
		MinValue int      `json:"minValue"`
		MaxValue int      `json:"maxValue"`
	}
	layerMetadata struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// navigator adds the layer: each technique that rules name, with the number of rules as its score. Rules that no platform
// carries do not count.
func (p *Pack) navigator() {
	l := layer{
		Name: p.Manifest.Pack.Name + " " + p.Manifest.Pack.Version, Versions: layerVersions{Navigator: "4.9.0", Layer: "4.5"}, Domain: "enterprise-attack",
		Description: fmt.Sprintf("Techniques that the rules of the pack %s %s name; the score is the number of rules.", p.Manifest.Pack.Name, p.Manifest.Pack.Version),
		Sorting:     3,
		Layout: layerLayout{
			Layout: "side", ShowID: true, ShowName: true, ShowAggregateScores: true, AggregateFunction: "sum", ExpandedSubtechniques: "annotated",
		},
		Techniques: []layerTechnique{}, Gradient: layerGradient{Colors: []string{"#d7e8f7", "#1764ab"}, MinValue: 0, MaxValue: 1},
		Metadata: []layerMetadata{{"onerule", p.Manifest.OneRule}},
	}
	for _, t := range p.Manifest.Coverage() {
		row := layerTechnique{ID: t.ID, Score: len(t.Rules), Enabled: true, Metadata: []layerMetadata{}}
		var names []string
		for _, r := range t.Rules {
			names = append(names, r.Name)
			row.Metadata = append(row.Metadata, layerMetadata{r.Name, strings.Join(r.carriers(), ", ")})
		}
		row.Comment = strings.Join(names, "\n")
		row.ShowSubtechniques = !strings.Contains(t.ID, ".") && slices.ContainsFunc(p.Manifest.Coverage(), func(o Technique) bool { return strings.HasPrefix(o.ID, t.ID+".") })
		l.Gradient.MaxValue = max(l.Gradient.MaxValue, row.Score)
		l.Techniques = append(l.Techniques, row)
	}
	data, err := plainjson.Indented(l)
	if err != nil {
		panic(err) // a struct of texts and numbers
	}
	p.Files = append(p.Files, File{Path: NavigatorName, Data: data})
}

// Technique is a technique of ATT&CK with the rules that name it.
type Technique struct {
	ID    string
	Rules []*Rule
}

// Coverage returns the techniques that rules name, sorted, without tactics and without rules that no platform carries.
func (m *Manifest) Coverage() []Technique {
	byID := map[string][]*Rule{}
	for i := range m.Rules {
		r := &m.Rules[i]
		if len(r.Outputs) == 0 {
			continue
		}
		for _, id := range sortedOnce(r.Attack) {
			if !strings.HasPrefix(id, "TA") {
				byID[id] = append(byID[id], r)
			}
		}
	}
	var out []Technique
	for id, rules := range byID {
		out = append(out, Technique{ID: id, Rules: rules})
	}
	slices.SortFunc(out, func(a, b Technique) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// carriers are the platforms that have an output of the rule, in the order of outputs.
func (r *Rule) carriers() []string {
	var out []string
	for _, o := range r.Outputs {
		if !slices.Contains(out, o.Platform) {
			out = append(out, o.Platform)
		}
	}
	return out
}
