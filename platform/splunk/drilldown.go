package splunk

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// token is a field whose value a drill-down search can ask for: braces, as in target{}.id, end a token early.
var token = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)

// drillDowns returns the search for the events behind a finding: what the saved search reads, for the same range of time and
// the finding's keys or entities. A search with a $ in it has none, because the text up to the next $ would be taken for a field.
func drillDowns(doc *conf.SavedSearch, b *ir.Bound, cols backends.Columns) []conf.DrillDown {
	q, diags := syntax.Parse("search", doc.Search)
	if diags.HasErrors() {
		return nil
	}
	text := readings(q)
	if text == "" || strings.Contains(text, "$") {
		return nil
	}
	var filters []string
	add := func(more ...string) {
		for _, f := range more {
			if !slices.Contains(filters, f) {
				filters = append(filters, f)
			}
		}
	}
	by := " "
	if b.Rule.Body == nil {
		by = " OR " // a token of a field that the event lacks stays as it is, and finds nothing
		for _, e := range b.Rule.Emit.Entities {
			add(entityFilters(b, e)...)
		}
	} else {
		for i, k := range b.Rule.Per() {
			if i < len(cols.Keys) {
				add(either(keyFilters(b, k, cols.Keys[i]))...)
			}
		}
	}
	if len(filters) > 0 {
		text += " | search " + strings.Join(filters, by)
	}
	return []conf.DrillDown{{Name: "Events behind the finding", Search: text, Earliest: "$info_min_time$", Latest: "$info_max_time$"}}
}

// either joins the names that a key has in several sources.
func either(filters []string) []string {
	if len(filters) < 2 {
		return filters
	}
	return []string{"(" + strings.Join(filters, " OR ") + ")"}
}

// readings prints the stages that choose events, up to the first that changes them.
func readings(q *syntax.Query) string {
	n := slices.IndexFunc(q.Stages, func(s syntax.Stage) bool {
		_, searches := s.(*syntax.Search)
		_, filters := s.(*syntax.Where)
		return !searches && !filters
	})
	if n < 0 {
		n = len(q.Stages)
	}
	if n == 0 {
		return ""
	}
	if _, ok := q.Stages[0].(*syntax.Search); !ok {
		return ""
	}
	return syntax.PrintLine(syntax.Pipeline(q.Stages[:n]...))
}

// entityFilters are the conditions by which an event is about an entity of a finding; one for each native field.
func entityFilters(b *ir.Bound, e ir.Entity) (out []string) {
	for _, p := range b.Parts {
		m, ok := p.Class.Mapping(e.Field.Name)
		if !ok || m.Const != "" || m.Derive != "" || len(m.Values) > 0 {
			return nil
		}
		field := strings.ReplaceAll(m.Native.Path, "[]", "{}")
		if !token.MatchString(field) {
			return nil
		}
		if f := filter(field, field); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// keyFilters are the conditions by which an event has a key of a finding, whose value is in the column.
func keyFilters(b *ir.Bound, key int, column string) (out []string) {
	if !token.MatchString(column) {
		return nil
	}
	for _, p := range b.Parts {
		if key >= len(p.Keys) {
			return nil
		}
		f, ok := p.Keys[key].Term.(*ir.Field)
		if !ok {
			return nil
		}
		if f := filter(strings.ReplaceAll(f.Name, "[]", "{}"), column); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// filter compares a field with the value that a finding has in a column; search ignores case, as lower-cased keys need it.
func filter(field, column string) string {
	return strings.Replace(syntax.PrintSearch(syntax.Eq(field, "\x00")), "\x00", "$"+column+"$", 1)
}
