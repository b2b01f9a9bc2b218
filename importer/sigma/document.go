package sigma

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

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

var (
	flowDetection = regexp.MustCompile(`[{,]\s*["']?detection["']?\s*:`)
	flowLogsource = regexp.MustCompile(`[{,]\s*["']?logsource["']?\s*:`)
)

// IsSigma reports whether a YAML text, or its beginning, looks like a Sigma document, without reading it as a whole. One that
// is encoded as it must not be is one too: reading it says so.
func IsSigma(text []byte) bool {
	if bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF")) {
		text = bytes.ReplaceAll(text[2:], []byte{0}, nil)
	}
	text = bytes.TrimPrefix(text, []byte(bom))
	if bytes.HasPrefix(text, []byte("{")) { // one map in braces, JSON for instance
		return flowDetection.Match(text) && flowLogsource.Match(text)
	}
	has := func(key string) bool {
		return bytes.HasPrefix(text, []byte(key)) || bytes.Contains(text, []byte("\n"+key)) || bytes.Contains(text, []byte("\r"+key))
	}
	return has("detection:") || has("title:") && (has("correlation:") || has("filter:"))
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
	return f, few(name, r.diags.Sort())
}

// maxFaults is how much is said about one file: whoever has more to mend begins with these.
const maxFaults = 500

// few cuts a long list off, and says that it did. A fault in what is left out stays one.
func few(name string, diags diag.List) diag.List {
	if len(diags) <= maxFaults {
		return diags
	}
	rest := diags[maxFaults:]
	code := diag.SigmaOdd
	if rest.HasErrors() {
		code = diag.SigmaForm
	}
	more := diag.New(code, diag.Span{File: name, Start: rest[0].Span.Start, End: rest[0].Span.Start}, fmt.Sprintf("%d more messages about the file are left out", len(rest)), "mend what stands above first")
	return append(diags[:maxFaults:maxFaults], more)
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

// maxTitle is the length of a title that the specification allows.
const maxTitle = 256

// head reads what names a document.
func (r *reader) head(d *document) {
	for _, e := range d.entries {
		r.shape(e)
		switch e.key {
		case "title":
			d.title, _ = r.oneText(e, "title")
			d.titleAt = e.value
			if n := utf8.RuneCountInString(d.title); n > maxTitle {
				r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(e.value), fmt.Sprintf("the title has %d characters", n), fmt.Sprintf("Sigma allows %d, and other tools refuse more: say the rest in the description", maxTitle)))
			}
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
