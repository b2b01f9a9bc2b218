package lower

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func span(d *grammar.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.Value
}

var (
	statuses   = []string{"stable", "test", "experimental", "deprecated", "unsupported"}
	severities = []string{"informational", "low", "medium", "high", "critical"}
	uuid       = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	technique  = regexp.MustCompile(`^T\d{4}(\.\d{3})?$|^TA\d{4}$`)
)

// metaKeys lists the keys that mean something; others are kept as custom keys.
var metaKeys = []string{"id", "title", "status", "severity", "risk", "description", "triage", "attack", "authors", "references", "tags", "false_positives", "license", "related", "targets"}

func (b *builder) meta(m *grammar.Meta) {
	seen := map[string]bool{}
	for _, e := range m.Entries {
		if seen[e.Key.Text] {
			b.fault(diag.ClauseConflict, e.Key.Span, fmt.Sprintf("`%s` is given twice", e.Key.Text), "keep one of them")
			continue
		}
		seen[e.Key.Text] = true
		b.metaEntry(e)
	}
}

func (b *builder) metaEntry(e grammar.MetaEntry) {
	meta := &b.out.Meta
	switch e.Key.Text {
	case "id":
		if meta.ID = b.metaText(e); !uuid.MatchString(meta.ID) {
			d := diag.New(diag.BadMeta, e.Value.Pos(), "the id is not a UUID in lower case", "`uuidgen` makes one, and so does `onerule new event`; keep it for the life of the rule")
			if lower := strings.ToLower(meta.ID); uuid.MatchString(lower) {
				d.Help = []string{"write it in lower case"}
				d.Fix = []diag.Edit{{Span: e.Value.Pos(), New: strconv.Quote(lower)}}
			}
			b.diags = append(b.diags, d)
		}
	case "title":
		meta.Title = b.metaText(e)
	case "status":
		meta.Status = b.metaWord(e, statuses)
	case "severity":
		meta.Severity = b.metaWord(e, severities)
	case "risk":
		n, err := strconv.Atoi(numberText(e.Value))
		if err != nil || n < 0 || n > 100 {
			b.fault(diag.BadMeta, e.Value.Pos(), "the risk is not a whole number from 0 to 100", "write `risk = 47`, say")
		}
		meta.Risk = n
	case "description":
		meta.Description = b.metaText(e)
	case "triage":
		meta.Triage = b.metaText(e)
	case "license":
		meta.License = b.metaText(e)
	case "attack":
		meta.Attack = b.metaTexts(e)
		for _, t := range meta.Attack {
			if !technique.MatchString(t) {
				b.fault(diag.BadMeta, e.Value.Pos(), fmt.Sprintf("`%s` is not the id of an ATT&CK technique or tactic", t), "write ids such as T1136.001 or TA0003")
			}
		}
	case "authors":
		meta.Authors = b.metaTexts(e)
	case "references":
		meta.References = b.metaTexts(e)
	case "tags":
		meta.Tags = b.metaTexts(e)
	case "false_positives":
		meta.FalsePositives = b.metaTexts(e)
	case "related":
		meta.Related = b.metaTexts(e)
	case "targets":
		meta.Targets = b.metaTargets(e)
	default:
		if near, ok := diag.Nearest(e.Key.Text, metaKeys); ok {
			b.faultLabel(diag.UnknownMeta, e.Key.Span, fmt.Sprintf("`%s` is no key of `meta`", e.Key.Text), "not a known key",
				fmt.Sprintf("a key with a similar name exists: `%s`; a key of your own starts with `x_`", near))
			return
		}
		meta.Custom = append(meta.Custom, ir.MetaPair{Key: e.Key.Text, Values: b.metaTexts(e)})
	}
}

// metaTargets reads the platforms that a rule is for.
func (b *builder) metaTargets(e grammar.MetaEntry) []string {
	var known []string
	for _, p := range schema.Platforms {
		known = append(known, p.Name)
	}
	out := b.metaTexts(e)
	for _, t := range out {
		if !slices.Contains(known, t) {
			help := "the platforms are " + strings.Join(known, ", ")
			if near, ok := diag.Nearest(t, known); ok {
				help = fmt.Sprintf("a platform with a similar name exists: `%s`", near)
			}
			b.fault(diag.UnknownTarget, e.Value.Pos(), fmt.Sprintf("there is no platform `%s`", t), help)
		}
	}
	return out
}

// metaWord reads one of a closed set of words.
func (b *builder) metaWord(e grammar.MetaEntry, allowed []string) string {
	w := b.metaText(e)
	if !slices.Contains(allowed, w) {
		help := "the values are " + strings.Join(allowed, ", ")
		if near, ok := diag.Nearest(w, allowed); ok {
			help = fmt.Sprintf("a similar value exists: `%s`", near)
		}
		b.fault(diag.BadMeta, e.Value.Pos(), fmt.Sprintf("`%s` is no %s", w, e.Key.Text), help)
	}
	return w
}

func (b *builder) metaText(e grammar.MetaEntry) string {
	s, ok := plainText(e.Value)
	if !ok {
		b.fault(diag.BadMeta, e.Value.Pos(), fmt.Sprintf("`%s` takes one text", e.Key.Text), `write "…", or """…""" for several lines`)
	}
	return s
}

func (b *builder) metaTexts(e grammar.MetaEntry) []string {
	lst, ok := e.Value.(*grammar.List)
	if !ok {
		if s, ok := plainText(e.Value); ok {
			return []string{s}
		}
		b.fault(diag.BadMeta, e.Value.Pos(), fmt.Sprintf("`%s` takes a list of texts", e.Key.Text), `write ["…", "…"]`)
		return nil
	}
	var out []string
	for _, x := range lst.Items {
		s, ok := plainText(x)
		if !ok {
			b.fault(diag.BadMeta, x.Pos(), fmt.Sprintf("`%s` takes a list of texts", e.Key.Text), `write ["…", "…"]`)
			continue
		}
		out = append(out, s)
	}
	return out
}

// plainText returns a string, a bare word or a number as text.
func plainText(x grammar.Expr) (string, bool) {
	switch x := x.(type) {
	case *grammar.String:
		return strings.TrimSpace(x.Value), true
	case *grammar.PathExpr:
		return strings.Join(x.Path.Segments, "."), true
	case *grammar.Number:
		return x.Text, true
	case *grammar.Bool:
		return strconv.FormatBool(x.Value), true
	case *grammar.Duration:
		return x.Text, true
	case *grammar.Binary, *grammar.Unary, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.VarRef, *grammar.Null, *grammar.List, *grammar.Paren, *grammar.Object:
	}
	return "", false
}

// numberText returns a number with its sign as text, "" when the expression is none.
func numberText(x grammar.Expr) string {
	switch x := x.(type) {
	case *grammar.Number:
		return x.Text
	case *grammar.Unary:
		if n, ok := x.X.(*grammar.Number); ok && x.Op == "-" {
			return "-" + n.Text
		}
	case *grammar.Paren:
		return numberText(x.X)
	case *grammar.Binary, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.PathExpr, *grammar.VarRef, *grammar.String, *grammar.Bool, *grammar.Null, *grammar.Duration, *grammar.List, *grammar.Object:
	}
	return ""
}
