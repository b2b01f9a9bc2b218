package sigma

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
)

// readLogsource reads where the events are from.
func (r *reader) readLogsource(d *document, needed bool) {
	e, ok := lookup(d.entries, "logsource")
	if !ok {
		if needed {
			r.fault(diag.SigmaForm, d.head(), "the rule has no `logsource`", "say where its events are from, such as `logsource: {product: windows, category: process_creation}`")
		}
		return
	}
	d.logsourceAt = e.at
	entries, ok := r.mapping(e.value, 1)
	if !ok {
		r.fault(diag.SigmaForm, e.value, "`logsource` is no map", "write `product`, `category` or `service` under it, each on a line of its own")
		return
	}
	for _, x := range entries {
		switch x.key {
		case "product", "category", "service":
			v, good := r.oneText(x, x.key)
			if low := strings.ToLower(v); good && low != v {
				w := diag.New(diag.SigmaOdd, r.span(x.value), fmt.Sprintf("the %s is written in capital letters", x.key), "write `"+low+"`")
				w.Fix = []diag.Edit{{Span: r.span(x.value), New: low}}
				r.diags = append(r.diags, w)
				v = low
			}
			*map[string]*string{"product": &d.logsource.Product, "category": &d.logsource.Category, "service": &d.logsource.Service}[x.key] = strings.TrimSpace(v)
		case "definition":
		default:
			if near, ok := diag.Nearest(x.key, []string{"product", "category", "service", "definition"}); ok {
				r.fault(diag.SigmaForm, x.at, fmt.Sprintf("`%s` is no key of `logsource`", x.key), "a key with a similar name exists: `"+near+"`")
			}
		}
	}
	if d.logsource == (taxonomy.Logsource{}) && !r.over {
		r.fault(diag.SigmaForm, e.at, "the log source has neither `product` nor `category` nor `service`", "say where the events are from, such as `product: windows` and `category: process_creation`")
	}
}

// head is the node that stands for the document as a whole.
func (d *document) head() *yaml.Node {
	if d.titleAt != nil {
		return d.titleAt
	}
	if len(d.entries) > 0 {
		return d.entries[0].at
	}
	return d.node
}

// readDetection reads selections and condition.
func (r *reader) readDetection(d *document) {
	e, _ := lookup(d.entries, "detection")
	r.detection(d, e, "detection")
}

// detection reads selections and the condition of `detection` or `filter`; skip lists keys that are neither.
func (r *reader) detection(d *document, e entry, what string, skip ...string) {
	entries, ok := r.mapping(e.value, 1)
	if !ok {
		if !r.over {
			r.fault(diag.SigmaForm, e.value, fmt.Sprintf("`%s` is no map", what), "write selections and a `condition` under it")
		}
		return
	}
	var conditions []entry
	for _, x := range entries {
		switch {
		case x.key == "condition":
			conditions = append(conditions, x)
		case x.key == "timeframe":
			d.timeframe = x.at
		case slices.Contains(skip, x.key):
		default:
			if n := r.deref(x.value, 2); n != nil {
				d.selections = append(d.selections, selection{x.key, x.at, n})
			}
		}
	}
	names := make([]string, len(d.selections))
	for i, s := range d.selections {
		names[i] = s.name
	}
	r.selectionNames(d)
	switch {
	case len(conditions) == 0:
		if x, ok := lookup(d.entries, "condition"); ok {
			r.fault(diag.SigmaForm, x.at, fmt.Sprintf("`condition` stands beside `%s`", what), "indent it like the selections: it belongs to them")
			return
		}
		if x, name := r.conditionInside(d); name != "" {
			r.fault(diag.SigmaForm, x.at, fmt.Sprintf("`condition` stands inside of the selection `%s`", name), "indent it like the selections: it belongs beside them")
			return
		}
		help := "add `condition: selection`, say"
		for _, x := range d.selections {
			if near, ok := diag.Nearest(x.name, []string{"condition"}); ok {
				help = fmt.Sprintf("`%s` looks like it: write `%s`", x.name, near)
			}
		}
		r.fault(diag.SigmaForm, e.at, fmt.Sprintf("`%s` has no `condition`", what), help)
		return
	case len(d.selections) == 0:
		r.fault(diag.SigmaForm, e.at, fmt.Sprintf("`%s` has no selection", what), "say what to look for under a name, such as `selection:`")
		return
	}
	r.readConditions(d, conditions[0], names)
}

// conditionInside finds a condition that stands in a selection, with the selection's name.
func (r *reader) conditionInside(d *document) (entry, string) {
	for _, s := range d.selections {
		if s.node.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(s.node.Content); i += 2 {
			if k := s.node.Content[i]; k.Value == "condition" {
				return entry{k.Value, k, s.node.Content[i+1]}, s.name
			}
		}
	}
	return entry{}, ""
}

// selectionNames reports names that a condition cannot say.
func (r *reader) selectionNames(d *document) {
	for _, s := range d.selections {
		switch {
		case slices.Contains([]string{"and", "or", "not", "of", "them"}, strings.ToLower(s.name)):
			r.fault(diag.SigmaForm, s.at, fmt.Sprintf("a selection is called `%s`, which is a word of conditions", s.name), "give it another name, such as `selection`")
		case condWord.FindString(s.name) != s.name:
			good := identifier(strings.ToLower(s.name))
			r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(s.at), fmt.Sprintf("a condition cannot name the selection `%s`", s.name), "a name has letters, digits, `_` and `-`: write `"+good+"`"))
		}
	}
}

func (r *reader) readConditions(d *document, e entry, names []string) {
	for _, n := range r.items(e.value, 2) {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			r.fault(diag.SigmaCondition, n, "the condition is no text", "name the selections that must fit, such as `selection and not filter`")
			continue
		}
		if c := r.condition(n, names); c != nil && r.checkNames(d, n, c) {
			d.conditions = append(d.conditions, condition{n, c})
		}
	}
	aggregated := slices.ContainsFunc(r.diags, func(x diag.Diagnostic) bool {
		return x.Code == diag.SigmaCondition && x.Label == "not part of a condition"
	})
	if d.timeframe != nil && !aggregated {
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(d.timeframe), "`timeframe` has no effect: nothing is counted", "a time span belongs to a correlation document; take it out here"))
	}
}

// checkNames reports names of a condition that are no selections, and selections that it never asks for.
func (r *reader) checkNames(d *document, n *yaml.Node, c cond) bool {
	ok := true
	walkCond(c, func(x cond) {
		switch x := x.(type) {
		case *condName:
			if _, found := d.selection(x.name); !found {
				ok = false
				r.diags = append(r.diags, diag.New(diag.SigmaCondition, r.part(n, x.from, x.to), fmt.Sprintf("there is no selection `%s`", x.name), d.selectionHelp(x.name)))
			}
		case *condOf:
			if len(d.matching(x.pattern)) == 0 {
				ok = false
				r.diags = append(r.diags, diag.New(diag.SigmaCondition, r.part(n, x.from, x.to), fmt.Sprintf("no selection has a name like `%s`", x.pattern), d.selectionHelp(strings.Trim(x.pattern, "*_"))))
			}
		case *condNot, *condJoin:
		}
	})
	return ok
}

func walkCond(c cond, f func(cond)) {
	f(c)
	switch c := c.(type) {
	case *condNot:
		walkCond(c.x, f)
	case *condJoin:
		for _, x := range c.xs {
			walkCond(x, f)
		}
	case *condName, *condOf:
	}
}

func (d *document) selection(name string) (int, bool) {
	i := slices.IndexFunc(d.selections, func(s selection) bool { return s.name == name })
	return i, i >= 0
}

func (d *document) selectionHelp(name string) string {
	names := make([]string, len(d.selections))
	for i, s := range d.selections {
		names[i] = s.name
	}
	if help := diag.Suggestion("selection", name, names); help != "" {
		return help
	}
	if len(names) == 1 {
		return "the only selection is `" + names[0] + "`"
	}
	if len(names) > 8 {
		names = append(names[:8:8], "…")
	}
	return "the selections are " + strings.Join(names, ", ")
}

// matching returns the selections that `them` or a pattern stands for. Names that begin with `_` are left out, unless the
// pattern begins so.
func (d *document) matching(pattern string) []int {
	var out []int
	for i, s := range d.selections {
		switch {
		case pattern == "them":
			if !strings.HasPrefix(s.name, "_") {
				out = append(out, i)
			}
		case strings.HasPrefix(s.name, "_") && !strings.HasPrefix(pattern, "_"):
		case globName(pattern, s.name):
			out = append(out, i)
		}
	}
	return out
}

// globName compares a name with a pattern in which `*` is any text.
func globName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, last)
}
