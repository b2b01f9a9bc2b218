package interp

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene/dsl"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// defaultTime is the field of the time picker.
const defaultTime = "@timestamp"

type program struct {
	tree   syntax.Node
	reader *mapping.Reader
}

// Run returns the documents that match, in the order of the tables. A table on which Elasticsearch would fail the search
// gives no documents and a warning, as a failed shard does; when all of them fail, the faults are errors.
func (p *program) Run(in native.Input) (native.Output, diag.List) {
	view, err := p.reader.View(in.Tables)
	if err != nil {
		return native.Output{}, diag.List{diag.New(diag.KibanaRun, p.tree.At(), err.Error(), "correct the mapping")}
	}
	q, faults := Translate(p.tree, view, Options{NoFieldList: !in.On(DoubtFieldList), NumberWords: in.On(DoubtNumberWords)})
	if len(faults) > 0 {
		return native.Output{}, diagnose(faults)
	}
	r := &runner{in: in, view: view, time: defaultTime, warned: map[string]bool{}}
	if in.Timestamp != "" {
		r.time = in.Timestamp
	}
	ctx := dsl.Context{Now: r.now()}
	failed := []dsl.Fault{}
	failures := 0
	for i := range in.Tables {
		match, faults := dsl.Compile(q, view.Mapping(i), ctx)
		if len(faults) > 0 {
			failures++
			failed = append(failed, faults...)
			for _, f := range faults {
				r.warn("table `%s` is left out, for the search fails on it: %s", in.Tables[i].Name, f.Msg)
			}
			continue
		}
		r.table(i, match)
	}
	if failures > 0 && failures == len(in.Tables) || slices.ContainsFunc(failed, func(f dsl.Fault) bool { return f.Limit }) {
		return native.Output{}, diagnose(failed)
	}
	r.unmapped(p.tree)
	return r.out, nil
}

func diagnose(faults []dsl.Fault) diag.List {
	var list diag.List
	for _, f := range faults {
		code, help := diag.KibanaRun, "give the value the form of the field's type, or ask for existence with `field:*`"
		if f.Limit {
			code, help = diag.KibanaLimit, "use fewer wildcards in field names, or name the fields"
		}
		list = append(list, diag.New(code, f.At, f.Msg, help))
	}
	return list.Sort()
}

type runner struct {
	in     native.Input
	view   *mapping.View
	time   string
	out    native.Output
	warned map[string]bool
}

func (r *runner) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !r.warned[text] {
		r.warned[text] = true
		r.out.Warnings = append(r.out.Warnings, text)
	}
}

// now is the given instant, or the largest event time.
func (r *runner) now() time.Time {
	latest := r.in.Now
	if !latest.IsZero() {
		return latest
	}
	for i, t := range r.in.Tables {
		for _, row := range t.Rows {
			for _, v := range r.view.Mapping(i).Values(row, r.time) {
				if at, ok := v.(time.Time); ok && at.After(latest) {
					latest = at
				}
			}
		}
	}
	return latest
}

func (r *runner) table(i int, match dsl.Matcher) {
	for j, row := range r.in.Tables[i].Rows {
		doc := dsl.NewDoc(row)
		if r.inRange(i, row) && match(doc) {
			r.out.Matches = append(r.out.Matches, native.Ref{Table: i, Row: j})
		}
		for _, name := range doc.Malformed() {
			r.warn("table `%s` holds values of `%s` that its type cannot hold: an index would refuse the documents, here the values are missing",
				r.in.Tables[i].Name, name)
		}
	}
}

// inRange applies the time picker: some value of the time field lies in [From, To).
func (r *runner) inRange(i int, row native.Row) bool {
	if r.in.From.IsZero() && r.in.To.IsZero() {
		return true
	}
	return slices.ContainsFunc(r.view.Mapping(i).Values(row, r.time), func(v mapping.Value) bool {
		at, ok := v.(time.Time)
		return ok && !at.Before(r.in.From) && (r.in.To.IsZero() || at.Before(r.in.To))
	})
}

// unmapped warns about names that no table maps: Kibana finds nothing there and says nothing.
func (r *runner) unmapped(n syntax.Node) {
	if r.view.Len() == 0 {
		return
	}
	for _, name := range fieldNames(n, "") {
		if _, ok := r.view.Lookup(name); ok {
			continue
		}
		near, ok := diag.Nearest(name, r.view.Fields("*"))
		if ok {
			r.warn("no table maps the field `%s`; a field with a similar name exists: `%s`", name, near)
			continue
		}
		r.warn("no table maps the field `%s`", name)
	}
}

// fieldNames returns the plain names in a query, with the paths of the nested queries around them.
func fieldNames(n syntax.Node, path string) []string {
	var out []string
	add := func(field syntax.Name) {
		if !field.Null && !field.IsPattern() {
			out = append(out, path+field.Text())
		}
	}
	switch n := n.(type) {
	case *syntax.And:
		for _, p := range n.Parts {
			out = append(out, fieldNames(p, path)...)
		}
	case *syntax.Or:
		for _, p := range n.Parts {
			out = append(out, fieldNames(p, path)...)
		}
	case *syntax.Not:
		return fieldNames(n.Part, path)
	case *syntax.Match:
		add(n.Field)
	case *syntax.Range:
		add(n.Field)
	case *syntax.Nested:
		return fieldNames(n.Query, path+n.Path.Text()+".")
	case *syntax.Free:
	}
	return out
}
