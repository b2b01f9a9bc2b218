package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
)

var (
	uuidText      = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	techniqueTag  = regexp.MustCompile(`^attack\.(t\d{4}(?:\.\d{3})?|ta\d{4})$`)
	tagText       = regexp.MustCompile(`^[a-z0-9_-]+\.[a-z0-9._-]+$`)
	dateText      = regexp.MustCompile(`^\d{4}([-/])\d{1,2}([-/])\d{1,2}$`)
	statusWords   = []string{"stable", "test", "experimental", "deprecated", "unsupported"}
	severityWords = []string{"informational", "low", "medium", "high", "critical"}
	relatedWords  = []string{"derived", "obsolete", "merged", "renamed", "similar"}
)

// tactics are the ids of ATT&CK tactics by their names in tags, with dashes (https://attack.mitre.org/tactics/enterprise/).
var tactics = map[string]string{
	"reconnaissance": "TA0043", "resource-development": "TA0042", "initial-access": "TA0001", "execution": "TA0002", "persistence": "TA0003",
	"privilege-escalation": "TA0004", "defense-evasion": "TA0005", "credential-access": "TA0006", "discovery": "TA0007", "lateral-movement": "TA0008",
	"collection": "TA0009", "command-and-control": "TA0011", "exfiltration": "TA0010", "impact": "TA0040",
}

// ownKeys are the keys of `meta` that mean something; a custom key must not be mistaken for one.
var ownKeys = []string{"id", "title", "status", "severity", "risk", "description", "triage", "attack", "authors", "references", "tags", "false_positives", "license", "related", "targets"}

// metaBuilder collects the entries of `meta`.
type metaBuilder struct {
	c   *converter
	out *grammar.Meta
}

// meta makes the metadata of the rule: the document's own, and for a correlation without some of it, that of the one rule
// of its file which it counts.
func (c *converter) meta() *grammar.Meta {
	b := &metaBuilder{c: c, out: &grammar.Meta{At: c.at(c.doc.head())}}
	entries, from := c.doc.entries, map[string]*document{}
	for _, e := range entries {
		from[e.key] = c.doc
	}
	if base := c.inherits(); base != nil {
		for _, e := range base.entries {
			takesID := e.key == "id" && c.silent[base] && c.onlyUser(base)
			if from[e.key] == nil && (takesID || !slices.Contains([]string{"id", "title", "name", "logsource", "detection", "fields"}, e.key)) {
				entries = append(entries, e)
				from[e.key] = base
			}
		}
	}
	b.known(entries)
	for _, e := range entries {
		b.custom(e)
	}
	return b.out
}

// inherits returns the one rule of the same file that a correlation counts.
func (c *converter) inherits() *document {
	if c.doc.correlation == nil || len(c.doc.correlation.refs) != 1 {
		return nil
	}
	docs := c.find(c.doc, c.doc.correlation.refs[0].text)
	if len(docs) == 1 && docs[0].file == c.doc.file && docs[0].correlation == nil {
		return docs[0]
	}
	return nil
}

// onlyUser reports whether the correlation at hand is the only one that names a rule.
func (c *converter) onlyUser(base *document) bool {
	for _, f := range c.files {
		for _, d := range f.docs {
			if d != c.doc && d.correlation != nil && slices.ContainsFunc(d.correlation.refs, func(r reference) bool { return slices.Contains(c.find(d, r.text), base) }) {
				return false
			}
		}
	}
	return true
}

func (b *metaBuilder) add(key string, n *yaml.Node, x grammar.Expr) {
	if x != nil {
		b.out.Entries = append(b.out.Entries, grammar.MetaEntry{At: b.c.at(n), Key: grammar.Name{At: b.c.at(n), Text: key}, Value: x})
	}
}

func (b *metaBuilder) text(key string, n *yaml.Node, s string) {
	if s = trimText(s); s != "" {
		b.add(key, n, b.c.str(n, s))
	}
}

// trimText drops the white space at the ends, and at the end of each line.
func trimText(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func (b *metaBuilder) word(key string, n *yaml.Node, w string) {
	b.add(key, n, &grammar.PathExpr{At: b.c.at(n), Path: &grammar.Path{At: b.c.at(n), Segments: strings.Split(w, ".")}})
}

func (b *metaBuilder) texts(key string, n *yaml.Node, ss []string) {
	var xs []grammar.Expr
	for _, s := range ss {
		if s = trimText(s); s != "" {
			xs = append(xs, b.c.str(n, s))
		}
	}
	if len(xs) > 0 {
		b.add(key, n, &grammar.List{At: b.c.at(n), Items: xs})
	}
}

// list reads the texts of a list, or of a single value.
func (b *metaBuilder) list(e entry) []string {
	var out []string
	for _, n := range b.c.items(e.value, 1) {
		switch {
		case n.Kind != yaml.ScalarNode:
			b.c.fault(diag.SigmaForm, n, fmt.Sprintf("an entry of `%s` is no text", e.key), "put a text that holds `: ` in single quotes")
		case !isNull(n):
			out = append(out, n.Value)
		}
	}
	return out
}

// known writes the keys that both formats have, in the order of ours.
func (b *metaBuilder) known(entries []entry) {
	get := func(key string, f func(entry)) {
		if e, ok := lookup(entries, key); ok {
			f(e)
		}
	}
	get("id", b.id)
	get("title", func(e entry) { b.text("title", e.value, e.value.Value) })
	get("status", func(e entry) { b.oneOf("status", e, statusWords) })
	get("level", func(e entry) { b.oneOf("severity", e, severityWords) })
	var tags, attack []string
	get("tags", func(e entry) {
		tags, attack = b.tags(e)
		b.attack(e, attack)
	})
	get("author", b.authors)
	get("references", func(e entry) { b.texts("references", e.at, b.list(e)) })
	get("tags", func(e entry) { b.texts("tags", e.at, tags) })
	get("description", func(e entry) {
		if s, ok := b.c.oneText(e, "description"); ok {
			b.text("description", e.value, s)
		}
	})
	get("falsepositives", func(e entry) { b.texts("false_positives", e.at, b.list(e)) })
	if _, both := lookup(entries, "falsepositives"); !both {
		get("false_positives", func(e entry) { b.texts("false_positives", e.at, b.list(e)) })
	}
	get("license", func(e entry) {
		if s, ok := b.c.oneText(e, "license"); ok {
			b.text("license", e.value, s)
		}
	})
	get("related", b.related)
}

func (b *metaBuilder) id(e entry) {
	s, ok := b.c.oneText(e, "id")
	if !ok {
		return
	}
	s = strings.TrimSpace(s)
	if !uuidText.MatchString(s) {
		b.c.fault(diag.SigmaForm, e.value, fmt.Sprintf("the id `%s` is no UUID", s), "`uuidgen` makes one; platforms know the rule by it, so keep it for the life of the rule")
		return
	}
	b.text("id", e.value, strings.ToLower(s))
}

func (b *metaBuilder) oneOf(key string, e entry, words []string) {
	s, ok := b.c.oneText(e, e.key)
	if !ok || s == "" {
		return
	}
	if w := strings.ToLower(s); slices.Contains(words, w) {
		b.word(key, e.value, w)
		return
	}
	help := "the values are " + strings.Join(words, ", ")
	if near, ok := diag.Nearest(s, words); ok {
		help = "a similar value exists: `" + near + "`"
	}
	b.c.fault(diag.SigmaForm, e.value, fmt.Sprintf("`%s` is no %s", s, e.key), help)
}

// tags parts what ATT&CK has an id for from the rest.
func (b *metaBuilder) tags(e entry) (rest, attack []string) {
	for _, n := range b.c.items(e.value, 1) {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			b.c.fault(diag.SigmaForm, n, "a tag is no text", "write `- attack.t1136`, say")
			continue
		}
		tag := strings.ToLower(strings.TrimSpace(n.Value))
		if !tagText.MatchString(tag) {
			b.c.diags = append(b.c.diags, diag.New(diag.SigmaOdd, b.c.text.span(n), fmt.Sprintf("`%s` is no tag of Sigma", n.Value), "a tag is a name space, a dot and a value, such as attack.t1136.001"))
			rest = append(rest, strings.TrimSpace(n.Value))
			continue
		}
		id := ""
		if m := techniqueTag.FindStringSubmatch(tag); m != nil {
			id = strings.ToUpper(m[1])
		} else if tactic, ok := strings.CutPrefix(tag, "attack."); ok {
			id = tactics[strings.ReplaceAll(tactic, "_", "-")]
		}
		switch {
		case id == "":
			if !slices.Contains(rest, tag) {
				rest = append(rest, tag)
			}
		case !slices.Contains(attack, id):
			attack = append(attack, id)
		}
	}
	return rest, attack
}

func (b *metaBuilder) attack(e entry, ids []string) {
	var xs []grammar.Expr
	for _, id := range ids {
		xs = append(xs, &grammar.PathExpr{At: b.c.at(e.at), Path: &grammar.Path{At: b.c.at(e.at), Segments: strings.Split(id, ".")}})
	}
	if len(xs) > 0 {
		b.add("attack", e.at, &grammar.List{At: b.c.at(e.at), Items: xs})
	}
}

// authors cuts a list of names at its commas, but for those in parentheses.
func (b *metaBuilder) authors(e entry) {
	n := b.c.deref(e.value, 1)
	if n == nil {
		return
	}
	if n.Kind == yaml.SequenceNode {
		b.texts("authors", e.at, b.list(e))
		return
	}
	s, ok := b.c.oneText(e, "author")
	if !ok {
		return
	}
	var out []string
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth <= 0 {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	b.texts("authors", e.at, append(out, s[from:]))
}

// related writes each related rule as its kind and id.
func (b *metaBuilder) related(e entry) {
	var out []string
	for _, n := range b.c.items(e.value, 1) {
		entries, ok := b.c.mapping(n, 2)
		if !ok {
			b.c.fault(diag.SigmaForm, n, "an entry of `related` is no map", "write `- id: …` and `type: similar` under it")
			continue
		}
		var id, kind string
		for _, x := range entries {
			v, _ := b.c.oneText(x, x.key)
			switch x.key {
			case "id":
				if id = strings.ToLower(strings.TrimSpace(v)); !uuidText.MatchString(id) {
					b.c.diags = append(b.c.diags, diag.New(diag.SigmaOdd, b.c.text.span(x.value), fmt.Sprintf("the id `%s` is no UUID", v), "name the other rule by its `id`; other tools refuse anything else"))
				}
			case "type":
				if kind = v; v == "obsoletes" {
					kind = "obsolete"
				}
				if !slices.Contains(relatedWords, kind) {
					b.c.diags = append(b.c.diags, diag.New(diag.SigmaOdd, b.c.text.span(x.value), fmt.Sprintf("`%s` is no kind of relation", v), "the kinds are "+strings.Join(relatedWords, ", ")))
				}
			}
		}
		if id == "" {
			b.c.fault(diag.SigmaForm, n, "an entry of `related` has no id", "write the id of the other rule")
			continue
		}
		out = append(out, strings.TrimSpace(kind+" "+id))
	}
	b.texts("related", e.at, out)
}

// custom keeps what the rule language has no key for.
func (b *metaBuilder) custom(e entry) {
	switch e.key {
	case "id", "title", "status", "level", "tags", "author", "references", "description", "falsepositives", "false_positives", "license", "related", "detection", "correlation", "generate", "taxonomy":
		return
	case "logsource":
		entries, _ := b.c.mapping(e.value, 1)
		if x, ok := lookup(entries, "definition"); ok {
			if s, ok := b.c.oneText(x, "definition"); ok {
				b.text("logsource_definition", x.value, s)
			}
		}
		return
	case "date", "modified":
		b.date(e)
		return
	}
	n := b.c.deref(e.value, 1)
	if n == nil || isNull(n) {
		return
	}
	key := customKey(e.key)
	if slices.ContainsFunc(b.out.Entries, func(m grammar.MetaEntry) bool { return m.Key.Text == key }) {
		return
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		b.text(key, n, n.Value)
	case n.Kind == yaml.SequenceNode && allScalars(n):
		b.texts(key, e.at, b.list(entry{e.key, e.at, n}))
	default:
		b.text(key, n, yamlText(n))
	}
}

func allScalars(n *yaml.Node) bool {
	return !slices.ContainsFunc(n.Content, func(x *yaml.Node) bool { return x.Kind != yaml.ScalarNode })
}

// yamlText writes a value as YAML; one with aliases is left out, as these name what stands elsewhere.
func yamlText(n *yaml.Node) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	if hasAlias(n, 0) {
		return ""
	}
	out, err := yaml.Marshal(n)
	if err != nil {
		return ""
	}
	return string(out)
}

func hasAlias(n *yaml.Node, depth int) bool {
	if n.Kind == yaml.AliasNode || depth > maxDepth {
		return true
	}
	return slices.ContainsFunc(n.Content, func(x *yaml.Node) bool { return hasAlias(x, depth+1) })
}

// customKey is a key that `meta` takes: the same where it can be, else with x_ before it.
func customKey(key string) string {
	k := identifier(key)
	if k == strings.TrimSuffix(key, "_") || k == key {
		if _, near := diag.Nearest(k, ownKeys); !near && !slices.Contains(ownKeys, k) && !grammar.IsReserved(k) {
			return k
		}
	}
	k = "x_" + identifier(key)
	if _, near := diag.Nearest(k, ownKeys); near {
		k = "sigma_" + identifier(key)
	}
	return k
}

func (b *metaBuilder) date(e entry) {
	s, ok := b.c.oneText(e, e.key)
	if !ok || s == "" {
		return
	}
	if _, err := time.Parse("2006-1-2", strings.ReplaceAll(s, "/", "-")); err != nil || !dateText.MatchString(s) {
		b.c.diags = append(b.c.diags, diag.New(diag.SigmaOdd, b.c.text.span(e.value), fmt.Sprintf("`%s` is no date", s), "write year, month and day: 2026-03-01"))
	}
	b.text(e.key, e.value, strings.ReplaceAll(s, "/", "-"))
}
