package sigma

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
)

// Map is a mapping file: what log sources, fields and placeholders are here. It has a form of our own, or that of pySigma's
// processing pipelines as far as these map fields and log sources.
type Map struct {
	Name     string
	Priority int
	// Placeholders gives values to `%name%`.
	Placeholders map[string][]string
	steps        []*step
}

// step is one change, made to rules that fulfil its conditions.
type step struct {
	// when lists log sources that must cover the rule's: all of them, or with any one of them. None means every rule.
	when     []taxonomy.Logsource
	any, not bool
	// fields and without bound renaming to some fields, and away from others.
	fields, without []string
	rename          map[string][]string
	prefixes        map[string][]string
	prefix, suffix  string
	// change is the log source that the rule has from here on.
	change *taxonomy.Logsource
	from   *taxonomy.From
	where  []taxonomy.Condition
}

// SortMaps puts mapping files in the order in which they apply: by priority, those of one priority as they were given.
func SortMaps(maps []*Map) {
	slices.SortStableFunc(maps, func(a, b *Map) int { return cmp.Compare(a.Priority, b.Priority) })
}

// applies reports whether the step is for rules of a log source.
func (s *step) applies(ls taxonomy.Logsource) bool {
	if len(s.when) == 0 {
		return true
	}
	fits := func(w taxonomy.Logsource) bool { return covers(w, ls) }
	hit := slices.ContainsFunc(s.when, fits)
	if !s.any {
		hit = !slices.ContainsFunc(s.when, func(w taxonomy.Logsource) bool { return !fits(w) })
	}
	return hit != s.not
}

// names returns what a field is called behind the step.
func (s *step) names(field string) []string {
	if len(s.fields) > 0 && !slices.Contains(s.fields, field) || slices.Contains(s.without, field) {
		return []string{field}
	}
	if to, ok := s.rename[field]; ok {
		return to
	}
	for prefix, to := range s.prefixes {
		if rest, ok := strings.CutPrefix(field, prefix); ok {
			out := make([]string, len(to))
			for i, t := range to {
				out[i] = t + rest
			}
			return out
		}
	}
	return []string{s.prefix + field + s.suffix}
}

// ParseMap reads a mapping file.
func ParseMap(name string, text []byte) (*Map, diag.List) {
	r := &reader{text: newText(name, string(text))}
	m := &Map{Name: name, Placeholders: map[string][]string{}}
	roots := r.streams()
	for i := range r.diags {
		r.diags[i].Code = diag.SigmaMap
	}
	if len(roots) == 0 {
		if len(r.diags) == 0 {
			r.diags = append(r.diags, diag.New(diag.SigmaMap, diag.Span{File: name}, "the mapping file is empty", "write `logsources`, `fields` or `placeholders`, or a pipeline with `transformations`"))
		}
		return m, r.diags
	}
	if len(roots) > 1 {
		r.fault(diag.SigmaMap, roots[1], "the mapping file holds several documents", "give each a file of its own, and name them all with --map")
	}
	p := &mapReader{reader: r, m: m}
	for _, e := range p.entriesOf(roots[0], "the mapping file") {
		p.key(e)
	}
	return m, r.diags.Sort()
}

// mapReader reads one mapping file.
type mapReader struct {
	*reader
	m *Map
	// vars are a pipeline's values of placeholders, used when a transformation asks for them.
	vars map[string][]string
}

var mapKeys = []string{"name", "priority", "logsources", "fields", "placeholders", "transformations", "vars", "allowed_backends", "postprocessing", "finalizers"}

func (p *mapReader) bad(n *yaml.Node, title string, help ...string) {
	p.fault(diag.SigmaMap, n, title, help...)
}

func (p *mapReader) entriesOf(n *yaml.Node, what string) []entry {
	out, ok := p.mapping(n, 1)
	if !ok {
		p.bad(n, what+" is no map", "write keys with values")
	}
	return out
}

// textOf is a scalar's text.
func (p *mapReader) textOf(n *yaml.Node) string {
	n = p.deref(n, 2)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || isNull(n) {
		p.bad(n, "a text is expected here", "write one value")
		return ""
	}
	return n.Value
}

func (p *mapReader) textsOf(n *yaml.Node) []string {
	var out []string
	for _, x := range p.items(n, 2) {
		out = append(out, p.textOf(x))
	}
	return out
}

func (p *mapReader) key(e entry) {
	switch e.key {
	case "name":
		p.m.Name = p.textOf(e.value)
	case "priority":
		n, err := strconv.Atoi(p.textOf(e.value))
		if err != nil {
			p.bad(e.value, "the priority is no whole number", "write `priority: 10`, say; files of lower numbers apply first")
		}
		p.m.Priority = n
	case "fields":
		p.m.steps = append(p.m.steps, &step{rename: p.renames(e.value)})
	case "placeholders", "vars":
		values := map[string][]string{}
		for _, x := range p.entriesOf(e.value, "`"+e.key+"`") {
			values[x.key] = p.textsOf(x.value)
		}
		if p.vars = values; e.key == "placeholders" {
			p.m.Placeholders = values
		}
	case "logsources":
		for _, n := range p.items(e.value, 1) {
			p.ownSource(n)
		}
	case "transformations":
		for _, n := range p.items(e.value, 1) {
			p.transformation(n)
		}
	case "allowed_backends":
	case "postprocessing", "finalizers":
		p.diags = append(p.diags, diag.New(diag.SigmaOdd, p.span(e.at), fmt.Sprintf("`%s` of a pipeline has no effect here", e.key), "queries are printed by onerule itself"))
	default:
		p.bad(e.at, fmt.Sprintf("there is no key `%s` in a mapping file", e.key), cmp.Or(diag.Suggestion("key", e.key, mapKeys), "the keys are "+strings.Join(mapKeys[:5], ", ")))
	}
}

func (p *mapReader) renames(n *yaml.Node) map[string][]string {
	out := map[string][]string{}
	for _, e := range p.entriesOf(n, "a map of fields") {
		to := p.textsOf(e.value)
		if len(to) == 0 {
			p.bad(e.value, fmt.Sprintf("`%s` is mapped to nothing", e.key), "write the name of a field")
		}
		out[e.key] = to
	}
	return out
}

func setSource(ls *taxonomy.Logsource, key, value string) bool {
	switch key {
	case "product":
		ls.Product = value
	case "category":
		ls.Category = value
	case "service":
		ls.Service = value
	default:
		return false
	}
	return true
}

// ownSource reads one entry of `logsources`: what a log source is here.
func (p *mapReader) ownSource(n *yaml.Node) {
	s := &step{}
	var ls taxonomy.Logsource
	for _, e := range p.entriesOf(n, "an entry of `logsources`") {
		switch e.key {
		case "from":
			from, ok := parseFrom(p.textOf(e.value))
			if !ok {
				p.bad(e.value, "`from` is not CLASS on SOURCE", "write `from: process.start on windows`, say; several classes and sources are separated by commas")
				continue
			}
			s.from = &from
		case "where":
			s.where = p.conditions(e.value)
		case "fields":
			s.rename = p.renames(e.value)
		default:
			if !setSource(&ls, e.key, p.textOf(e.value)) {
				p.bad(e.at, fmt.Sprintf("there is no key `%s` in a log source", e.key), "the keys are product, category, service, from, where and fields")
			}
		}
	}
	s.when = []taxonomy.Logsource{ls}
	p.m.steps = append(p.m.steps, s)
}

func parseFrom(text string) (taxonomy.From, bool) {
	classes, sources, ok := strings.Cut(text, " on ")
	c, s := splitComma(classes), splitComma(sources)
	if !ok || len(c) == 0 || len(s) == 0 {
		return taxonomy.From{}, false
	}
	return taxonomy.From{Class: c[0], Source: s[0], Also: c[1:], AndOn: s[1:]}, true
}

func splitComma(s string) []string {
	var out []string
	for _, x := range strings.Split(s, ",") {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}

func (p *mapReader) conditions(n *yaml.Node) []taxonomy.Condition {
	var out []taxonomy.Condition
	for _, e := range p.entriesOf(n, "a map of conditions") {
		out = append(out, taxonomy.Condition{Field: e.key, Values: p.textsOf(e.value)})
	}
	return out
}

// outside are transformations that reach out of the process; they are never executed.
var outside = []string{"http_placeholders", "command_placeholders", "file_placeholders"}

// harmless are transformations without a meaning for rules here.
var harmless = []string{"set_state", "set_custom_attribute", "add_field", "remove_field", "set_field", "hashes_fields"}

// transformation reads one item of a pipeline.
func (p *mapReader) transformation(n *yaml.Node) {
	entries := p.entriesOf(n, "a transformation")
	kind, ok := lookup(entries, "type")
	if !ok {
		p.bad(n, "the transformation has no `type`", "write `type: field_name_mapping`, say")
		return
	}
	s := &step{}
	for _, e := range entries {
		p.part(s, kind.value.Value, e)
	}
	switch kind.value.Value {
	case "field_name_mapping", "field_name_prefix_mapping", "field_name_prefix", "field_name_suffix", "change_logsource", "add_condition", "nest":
		if kind.value.Value == "nest" {
			if items, ok := lookup(entries, "items"); ok {
				for _, x := range p.items(items.value, 2) {
					p.transformation(x)
				}
			}
			return
		}
		p.m.steps = append(p.m.steps, s)
	case "value_placeholders":
		for k, v := range p.vars {
			p.m.Placeholders[k] = v
		}
	default:
		switch {
		case slices.Contains(harmless, kind.value.Value):
		case slices.Contains(outside, kind.value.Value):
			p.bad(kind.value, fmt.Sprintf("`%s` reaches out of the process, and is not executed", kind.value.Value), "give the values under `placeholders`")
		default:
			p.bad(kind.value, fmt.Sprintf("the transformation `%s` is not supported", kind.value.Value), "a mapping file maps fields and log sources: field_name_mapping, field_name_prefix_mapping, field_name_prefix, field_name_suffix, change_logsource, add_condition, value_placeholders")
		}
	}
}

// part reads one key of a transformation.
func (p *mapReader) part(s *step, kind string, e entry) {
	switch e.key {
	case "id", "type", "items":
	case "mapping":
		if kind == "field_name_prefix_mapping" {
			s.prefixes = p.renames(e.value)
		} else {
			s.rename = p.renames(e.value)
		}
	case "prefix":
		s.prefix = p.textOf(e.value)
	case "suffix":
		s.suffix = p.textOf(e.value)
	case "conditions":
		s.where = p.conditions(e.value)
	case "product", "category", "service":
		if s.change == nil {
			s.change = &taxonomy.Logsource{}
		}
		setSource(s.change, e.key, p.textOf(e.value))
	case "rule_conditions":
		for _, n := range p.items(e.value, 2) {
			p.ruleCondition(s, n)
		}
	case "rule_cond_op":
		s.any = p.textOf(e.value) == "or"
	case "rule_cond_not":
		s.not = p.textOf(e.value) == "true"
	case "field_name_conditions":
		for _, n := range p.items(e.value, 2) {
			p.fieldCondition(s, n)
		}
	case "detection_item_conditions", "field_name_cond_op", "field_name_cond_not", "detection_item_cond_op", "template", "negated", "rule_cond_expr":
		p.bad(e.at, fmt.Sprintf("`%s` is not supported", e.key), "leave it out; conditions on log sources and on names of fields are")
	default:
		if !slices.Contains(harmless, kind) && !slices.Contains(outside, kind) {
			p.bad(e.at, fmt.Sprintf("`%s` has no `%s`", kind, e.key), "take it out")
		}
	}
}

func (p *mapReader) ruleCondition(s *step, n *yaml.Node) {
	var ls taxonomy.Logsource
	for _, e := range p.entriesOf(n, "a condition") {
		if e.key == "type" {
			if e.value.Value != "logsource" {
				p.bad(e.value, fmt.Sprintf("conditions of the type `%s` are not supported", e.value.Value), "`logsource` is, with product, category and service")
				return
			}
			continue
		}
		if !setSource(&ls, e.key, p.textOf(e.value)) {
			p.bad(e.at, fmt.Sprintf("a log source has no `%s`", e.key), "its keys are product, category and service")
		}
	}
	s.when = append(s.when, ls)
}

func (p *mapReader) fieldCondition(s *step, n *yaml.Node) {
	kind, fields := "", []string(nil)
	for _, e := range p.entriesOf(n, "a condition") {
		switch e.key {
		case "type":
			kind = p.textOf(e.value)
		case "fields":
			fields = p.textsOf(e.value)
		default:
			p.bad(e.at, fmt.Sprintf("`%s` is not supported", e.key), "conditions on names of fields have `type` and `fields`")
		}
	}
	switch kind {
	case "include_fields":
		s.fields = append(s.fields, fields...)
	case "exclude_fields":
		s.without = append(s.without, fields...)
	default:
		p.bad(n, fmt.Sprintf("conditions of the type `%s` are not supported", kind), "include_fields and exclude_fields are")
	}
}
