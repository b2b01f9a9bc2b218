package sigma

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
)

// File is one file of Sigma documents. What is wrong with their form was reported when it was parsed.
type File struct {
	Name string
	Text string
	// Rules are the documents that make rules: detection rules and correlations, in order.
	docs    []*document
	filters []*filter
	text    *text
}

// Documents is the number of detection rules, correlations and filters that were read.
func (f *File) Documents() int { return len(f.docs) + len(f.filters) }

// document is a detection rule or a correlation.
type document struct {
	file  *File
	index int
	node  *yaml.Node
	// entries are the top-level keys.
	entries []entry
	title   string
	id      string
	name    string
	titleAt *yaml.Node
	broken  bool

	// A detection rule.
	logsource   taxonomy.Logsource
	logsourceAt *yaml.Node
	selections  []selection
	conditions  []condition
	timeframe   *yaml.Node

	// correlation is set for a correlation.
	correlation *correlation
	// generate means that the rules which the correlation names are findings too.
	generate bool
}

// selection is one named part of a detection.
type selection struct {
	name string
	at   *yaml.Node
	node *yaml.Node
}

// condition is one parsed condition with its text.
type condition struct {
	node *yaml.Node
	cond cond
}

// filter is a global filter.
type filter struct {
	document
	rules   []*yaml.Node // ids and names
	any     bool
	rulesAt *yaml.Node
}

// IsSigma reports whether a YAML text looks like a Sigma document, without reading it as a whole.
func IsSigma(text []byte) bool {
	s := string(text)
	for _, key := range []string{"detection:", "correlation:", "filter:"} {
		if strings.HasPrefix(s, key) || strings.Contains(s, "\n"+key) {
			return true
		}
	}
	return false
}

// Parse reads the documents of a file and reports what is wrong with their form.
func Parse(name string, text []byte) (*File, diag.List) {
	t := newText(name, string(text))
	f := &File{Name: name, Text: t.src, text: t}
	r := &reader{text: t}
	roots := r.streams()
	if len(roots) == 0 && len(r.diags) == 0 {
		r.diags = append(r.diags, diag.New(diag.SigmaForm, diag.Span{File: name}, "the file holds no document", "a Sigma rule has `title`, `logsource` and `detection`"))
	}
	r.collect(f, roots)
	return f, r.diags.Sort()
}

// collect reads the documents, with the directives of version 1 that join them.
func (r *reader) collect(f *File, roots []*yaml.Node) {
	var global, previous *yaml.Node
	for i, root := range roots {
		entries, ok := r.mapping(root, 0)
		if !ok {
			if !r.over {
				r.fault(diag.SigmaForm, root, "the document is no map of keys", "a Sigma rule has `title`, `logsource` and `detection`")
			}
			continue
		}
		if action, ok := lookup(entries, "action"); ok {
			switch action.value.Value {
			case "global":
				global = root
				continue
			case "reset":
				global = nil
				continue
			case "repeat":
				if previous == nil {
					r.fault(diag.SigmaForm, action.value, "there is no rule before this one to repeat", "take `action` out and write the rule")
					continue
				}
				root = merge(previous, root)
			default:
				r.fault(diag.SigmaForm, action.value, fmt.Sprintf("there is no action `%s`", action.value.Value), "the actions of Sigma 1 are global, reset and repeat")
				continue
			}
		}
		if global != nil {
			root = merge(global, root)
		}
		previous = root
		before := len(r.diags)
		if entries, ok = r.mapping(root, 0); ok {
			r.document(f, i, root, slices.DeleteFunc(entries, func(e entry) bool { return e.key == "action" }), before)
		}
	}
}

// merge writes the entries of a map over those of another one, maps inside of them likewise.
func merge(under, over *yaml.Node) *yaml.Node {
	if under.Kind != yaml.MappingNode || over.Kind != yaml.MappingNode {
		return over
	}
	out := *over
	out.Content = slices.Clone(under.Content)
	for i := 0; i+1 < len(over.Content); i += 2 {
		k, v := over.Content[i], over.Content[i+1]
		if k.Value == "action" {
			continue
		}
		j := 0
		for j+1 < len(out.Content) && out.Content[j].Value != k.Value {
			j += 2
		}
		if j+1 < len(out.Content) {
			out.Content[j], out.Content[j+1] = k, merge(out.Content[j+1], v)
		} else {
			out.Content = append(out.Content, k, v)
		}
	}
	return &out
}

// document reads one document. before is the number of faults that were known before it.
func (r *reader) document(f *File, index int, root *yaml.Node, entries []entry, before int) {
	d := &document{file: f, index: index, node: root, entries: entries}
	r.head(d)
	_, isDetection := lookup(entries, "detection")
	c, isCorrelation := lookup(entries, "correlation")
	fl, isFilter := lookup(entries, "filter")
	switch {
	case isCorrelation:
		if isDetection {
			r.fault(diag.SigmaForm, c.at, "the document has `detection` and `correlation`", "put the correlation into a document of its own, behind a line `---`")
		}
		r.readCorrelation(d, c)
		d.broken = r.errorsSince(before)
		f.docs = append(f.docs, d)
	case isFilter:
		x := &filter{document: *d}
		r.readLogsource(&x.document, false)
		r.readFilter(x, fl)
		x.broken = r.errorsSince(before)
		f.filters = append(f.filters, x)
	case isDetection:
		r.readLogsource(d, true)
		r.readDetection(d)
		d.broken = r.errorsSince(before)
		f.docs = append(f.docs, d)
	default:
		r.noKind(root, entries)
	}
}

func (r *reader) errorsSince(before int) bool { return r.diags[before:].HasErrors() }

// noKind reports a document that is no rule.
func (r *reader) noKind(root *yaml.Node, entries []entry) {
	for _, e := range entries {
		if near, ok := diag.Nearest(e.key, []string{"detection", "correlation"}); ok && (near == "detection" || near == "correlation") {
			r.fault(diag.SigmaForm, e.at, fmt.Sprintf("there is no key `%s`", e.key), "write `"+near+"`")
			return
		}
	}
	at := root
	if len(entries) > 0 {
		at = entries[0].at
	}
	r.fault(diag.SigmaForm, at, "the document has neither `detection` nor `correlation` nor `filter`", "a rule has `detection:` with selections and a `condition`")
}

// knownKeys are the keys of documents; every other one is kept as metadata.
var knownKeys = []string{
	"title", "id", "name", "related", "taxonomy", "status", "description", "license", "author", "references", "date", "modified", "logsource", "detection", "fields",
	"falsepositives", "level", "tags", "scope", "correlation", "filter", "generate",
}

// head reads what names a document.
func (r *reader) head(d *document) {
	for _, e := range d.entries {
		switch e.key {
		case "title":
			d.title, _ = r.oneText(e, "title")
			d.titleAt = e.value
			if strings.TrimSpace(d.title) == "" && e.value.Kind == yaml.ScalarNode {
				r.fault(diag.SigmaForm, e.at, "the title is empty", "say in a few words what the rule finds")
			}
		case "id":
			d.id, _ = r.oneText(e, "id")
		case "name":
			d.name, _ = r.oneText(e, "name")
		case "taxonomy":
			if v, ok := r.oneText(e, "taxonomy"); ok && v != "sigma" {
				r.fault(diag.SigmaSource, e.value, fmt.Sprintf("the rule is written in the taxonomy `%s`", v), "only field names of the taxonomy `sigma` are known here: translate the rule first, or take `taxonomy` out and give a mapping file with --map")
			}
		case "generate":
			d.generate = r.boolean(e)
		default:
			r.slip(d, e)
		}
	}
	if d.titleAt == nil {
		at := d.node
		if len(d.entries) > 0 {
			at = d.entries[0].at
		}
		r.fault(diag.SigmaForm, at, "the document has no title", "add `title:` and say in a few words what the rule finds")
	}
}

// slip remarks on a key that looks like a slip of the pen for a known one.
func (r *reader) slip(d *document, e entry) {
	if slices.Contains(knownKeys, e.key) {
		return
	}
	near, ok := diag.Nearest(e.key, knownKeys)
	if !ok || near == "detection" || near == "correlation" || near == "filter" { // without these it is no rule, which is a fault
		return
	}
	if _, both := lookup(d.entries, near); both {
		return
	}
	w := diag.New(diag.SigmaOdd, r.span(e.at), fmt.Sprintf("`%s` is no key of Sigma", e.key), fmt.Sprintf("a key with a similar name exists: `%s`; as it is, it is kept as a key of your own", near))
	r.diags = append(r.diags, w)
}

// oneText returns the text of a scalar.
func (r *reader) oneText(e entry, key string) (string, bool) {
	n := r.deref(e.value, 1)
	if n == nil {
		return "", false
	}
	if n.Kind != yaml.ScalarNode {
		r.fault(diag.SigmaForm, n, fmt.Sprintf("`%s` takes one text", key), "write `"+key+": some text` on one line, or `|` and several indented lines")
		return "", false
	}
	if n.Tag == "!!null" {
		return "", true
	}
	return n.Value, true
}

func (r *reader) boolean(e entry) bool {
	n := r.deref(e.value, 1)
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		return strings.EqualFold(n.Value, "true")
	}
	r.fault(diag.SigmaForm, n, fmt.Sprintf("`%s` takes true or false", e.key), "write `"+e.key+": true`")
	return false
}

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
	switch {
	case len(conditions) == 0:
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
