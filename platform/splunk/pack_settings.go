package splunk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/splunk/app"
	"github.com/onerule/onerule/platform/splunk/conf"
	"github.com/onerule/onerule/schema"
)

// set is what the project file sets for Splunk.
type set struct {
	label, author, description string
	// indexes are those of all sources (""), and of one, by the binding without splunk_.
	indexes map[string][]string
}

// indexName is a name of an index (indexes.conf.spec: lower case letters, digits, _ and -; only Splunk's own begin with _), or the
// beginning of several before a *. A * alone would search everything that there is.
var indexName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]*\*?$`)

// settings reads what the project file says of the app.
func settings(p platform.Pack) (*set, diag.List) {
	out := &set{label: p.Name, author: "OneRule", indexes: map[string][]string{}}
	if utf8.RuneCountInString(out.label) < app.MinLabel {
		out.label += " detections"
	}
	out.label = cut(out.label, app.MaxLabel)
	out.description = cut(fmt.Sprintf("%s: %d detection rules as saved searches", p.Name, len(p.Artefacts)), app.MaxDescription)
	var diags diag.List
	bad := func(title, help string) { diags = append(diags, diag.New(diag.BadConfig, diag.Span{}, title, help)) }
	var names []string
	for name := range p.Settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := oneLine(p.Settings[name])
		of, isIndex := strings.CutPrefix(name, "index.")
		of = strings.TrimPrefix(of, "splunk_")
		if !isIndex {
			of, isIndex = "", name == "index"
		}
		switch {
		case value == "":
			bad(fmt.Sprintf("`%s` of packs for Splunk is empty", name), "give it a value, or take it out")
		case name == "label":
			out.label = value
		case name == "author":
			out.author = value
		case name == "description":
			out.description = value
		case isIndex && of != "" && !isBinding("splunk_"+of):
			bad(fmt.Sprintf("`%s`: there is no binding `splunk_%s`", name, of), "name a binding of Splunk: `onerule fields --source NAME` lists them")
		case isIndex:
			for _, index := range strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ',' }) {
				if !indexName.MatchString(index) {
					bad(fmt.Sprintf("`%s` is no name of an index", index), "name the index in lower case; a * may stand behind the beginning of a name")
					continue
				}
				out.indexes[of] = append(out.indexes[of], index)
			}
		default:
			bad(fmt.Sprintf("`%s` is no setting of packs for Splunk", name), "those there are: `index`, `index.BINDING`, `label`, `author`, `description`")
		}
	}
	return out, diags
}

func isBinding(name string) bool {
	b, ok, err := schema.LookupBinding(name)
	return ok && err == nil && b.Platform == "splunk"
}

// indexed is a macro that says where events are, with the indexes that are set for it.
func (s *set) indexed(m conf.Macro, b *ir.Bound) conf.Macro {
	i := slices.IndexFunc(b.Parts, func(p ir.Part) bool { name, _ := source(p); return name == m.Name })
	if i < 0 {
		return m
	}
	indexes := s.indexes[""]
	if own := s.indexes[strings.TrimPrefix(b.Parts[i].Binding.Name, "splunk_")]; len(own) > 0 {
		indexes = own
	}
	if len(indexes) == 0 {
		return m
	}
	term := syntax.OneOf("index", indexes...)
	old, diags := syntax.ParseSearch("macro", m.Definition)
	if diags.HasErrors() {
		return m
	}
	m.Definition = syntax.PrintSearch(term)
	if c, ok := old.(*syntax.Compare); !ok || c.Field != "index" {
		m.Definition = "(" + syntax.PrintSearch(syntax.AndS(term, old)) + ")" // AND binds less than OR
	}
	return m
}

// cut shortens a text of ours to so many characters.
func cut(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit]))
	}
	return s
}
