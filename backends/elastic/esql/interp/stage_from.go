package interp

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// source is one table that FROM reads.
type source struct {
	at     int
	table  *native.Table
	fields map[string]*mapping.Field
	// own reads multi-fields at their own name, for events that give them there.
	own map[string]*mapping.Field
}

// load makes the cell of a field. A multi-field is another view of its parent, unless the event has values under its name.
func (s source) load(name string, event native.Row) (cell any, bad int) {
	f := s.fields[name]
	if own := s.own[name]; own != nil {
		if v, b := loadCell(own, typeOf(own), event); v != nil {
			return v, b
		}
	}
	return loadCell(f, typeOf(f), event)
}

// tables finds the tables that an index pattern means. A table without a name fits every pattern.
func (r *run) tables(p string) []int {
	if i := strings.LastIndexByte(p, ':'); i >= 0 && !strings.HasSuffix(p[:i+1], "::") {
		p = p[i+1:] // the cluster
	}
	p, _, _ = strings.Cut(p, "::")
	w := lucene.CompileLike(strings.ReplaceAll(p, "?", "\x00"), false)
	var out []int
	for i := range r.in.Tables {
		n := r.in.Tables[i].Name
		if n == "" || p == "_all" || w.Match(n) {
			out = append(out, i)
		}
	}
	return out
}

// resolve finds the tables of FROM, in the order given; "-name" takes tables away.
func (r *run) resolve(c *syntax.From) []int {
	var out []int
	for _, p := range c.Patterns {
		if p.Sub != nil {
			continue
		}
		for _, part := range strings.Split(p.Text, ",") {
			part = strings.TrimSpace(part)
			if not, ok := strings.CutPrefix(part, "-"); ok && len(out) > 0 {
				gone := r.tables(not)
				out = slices.DeleteFunc(out, func(i int) bool { return slices.Contains(gone, i) })
				continue
			}
			found := r.tables(part)
			if len(found) == 0 && !strings.Contains(part, "*") {
				r.unknownIndex(p.Span, part)
			}
			out = append(out, found...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *run) unknownIndex(span diag.Span, name string) {
	var names []string
	for i := range r.in.Tables {
		names = append(names, r.in.Tables[i].Name)
	}
	d := diag.New(diag.ESQLRun, span, "Unknown index ["+name+"]")
	switch near := diag.Near(name, names, 3); {
	case len(near) > 0:
		d.Help = []string{"tables with similar names are given: " + strings.Join(near, ", ")}
	case len(names) > 0 && len(names) <= 12:
		d.Help = []string{"the tables given are " + strings.Join(names, ", ")}
	default:
		d.Help = []string{"give it with --table " + name + "=events.ndjson"}
	}
	r.faults = append(r.faults, d)
}

// from plans FROM: the columns of all tables by name, then the metadata.
func (r *run) from(c *syntax.From, whole []syntax.Command) (stage, schema) {
	if slices.ContainsFunc(c.Patterns, func(p syntax.IndexPattern) bool { return p.Sub != nil }) {
		r.docs = false
		return r.fromUnion(c)
	}
	at := r.resolve(c)
	if len(at) == 0 && !r.faults.HasErrors() {
		r.unknownIndex(c.Span, c.Patterns[0].Text)
	}
	var sources []source
	for _, i := range at {
		if s, ok := r.source(i, c.Span); ok {
			sources = append(sources, s)
		}
	}
	cols := mergeFields(sources)
	fields := len(cols)
	for _, m := range c.Metadata {
		t, ok := metadataFields[m.Text]
		if !ok {
			r.fault(diag.ESQLUnknown, m.Span, "unresolved metadata field ["+m.Text+"]",
				"the metadata fields are _id, _ignored, _index, _index_mode, _score, _source and _version")
			continue
		}
		if cols.index(m.Text) < 0 {
			cols = append(cols, column{name: m.Text, typ: t})
		}
	}
	used := usedColumns(whole)
	var scope []int
	if r.docs {
		scope = at
	}
	return func([]row) []row {
		var out []row
		for _, s := range sources {
			out = r.read(out, s, cols, fields, used, scope)
		}
		return out
	}, cols
}

func (r *run) source(i int, span diag.Span) (source, bool) {
	t := &r.in.Tables[i]
	m, err := mapping.New(t.Types)
	if err != nil {
		r.fault(diag.ESQLRun, span, fmt.Sprintf("the mapping of table %q cannot be used: %v", t.Name, err))
		return source{}, false
	}
	s := source{at: i, table: t, fields: map[string]*mapping.Field{}, own: map[string]*mapping.Field{}}
	for _, f := range indexFields(m.Infer(t.Rows)) {
		s.fields[f.Name] = f
		if f.IsMultiField() && t.Types[f.Name] != "" {
			if own, err := mapping.New(map[string]string{f.Name: t.Types[f.Name]}); err == nil {
				s.own[f.Name], _ = own.Lookup(f.Name)
			}
		}
	}
	return s, true
}

// mergeFields makes one column for each field name; different types in different tables clash.
func mergeFields(sources []source) schema {
	byName := map[string]map[typ][]string{}
	first := map[string]*mapping.Field{}
	for _, s := range sources {
		for n, f := range s.fields {
			if byName[n] == nil {
				byName[n] = map[typ][]string{}
				first[n] = f
			}
			t := typeOf(f)
			byName[n][t] = append(byName[n][t], s.table.Name)
		}
	}
	var out schema
	for n, kinds := range byName {
		c := column{name: n, field: first[n], typ: tUnsupported}
		switch {
		case len(kinds) == 1:
			c.typ = typeOf(first[n])
		case len(kinds) == 2 && kinds[tDate] != nil && kinds[tNanos] != nil:
			c.typ = tNanos
		default:
			c.clash = clashText(kinds)
		}
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func clashText(kinds map[typ][]string) string {
	var parts []string
	for t, tables := range kinds {
		parts = append(parts, fmt.Sprintf("[%s] in [%s]", t, strings.Join(tables, ", ")))
	}
	slices.Sort(parts)
	return fmt.Sprintf("[%d] incompatible types: %s", len(kinds), strings.Join(parts, ", "))
}

// unionCell is a value of a column whose type differs between tables; only a conversion can use it.
type unionCell struct {
	typ  typ
	cell any
}

// read loads the events of one table. With a scope the rows also get the place of their event.
func (r *run) read(out []row, s source, cols schema, fields int, used func(name string) bool, scope []int) []row {
	bad := 0
	for n, event := range s.table.Rows {
		if !r.inTime(event) {
			continue
		}
		width := len(cols)
		if scope != nil {
			width++
		}
		cells := make([]any, width)
		if scope != nil {
			cells[len(cols)] = docRef{native.Ref{Table: s.at, Row: n}, scope}
		}
		for i, c := range cols {
			switch f := s.fields[c.name]; {
			case i >= fields:
				cells[i] = metadataCell(c.name, s.table, event, n)
			case f == nil || !used(c.name):
			case c.clash != "":
				v, b := s.load(c.name, event)
				bad += b
				if v != nil {
					cells[i] = unionCell{typeOf(f), v}
				}
			default:
				v, b := s.load(c.name, event)
				bad += b
				if w := widen(typeOf(f), c.typ); w != nil {
					v = mapCell(v, w)
				}
				cells[i] = v
			}
		}
		r.spend(1 + len(cols)/2)
		out = append(out, row{cells, &native.Ref{Table: s.at, Row: n}})
	}
	if bad > 0 {
		r.out.Warnings = append(r.out.Warnings,
			fmt.Sprintf("%d values of table %q do not fit the type of their field; an index would have refused the events", bad, s.table.Name))
	}
	return out
}

// inTime applies the time picker.
func (r *run) inTime(event native.Row) bool {
	if r.in.From.IsZero() && r.in.To.IsZero() {
		return true
	}
	ms, ok := timestampOf(event)
	return ok && (r.in.From.IsZero() || ms >= r.in.From.UnixMilli()) && (r.in.To.IsZero() || ms < r.in.To.UnixMilli())
}

// usedColumns tells which index columns a query can need: all, unless a KEEP or STATS leaves only columns that it names.
func usedColumns(cmds []syntax.Command) func(name string) bool {
	narrow := false
	names := map[string]bool{}
	var patterns [][]string
	for _, c := range cmds {
		switch c := c.(type) {
		case *syntax.Stats:
			narrow = narrow || !c.Inline
			names["@timestamp"] = true // TBUCKET reads it unnamed
		case *syntax.Keep:
			narrow = true
			for _, p := range c.Names {
				names[p.Pieces[0]] = true
				patterns = append(patterns, p.Pieces)
			}
		case *syntax.Rename:
			for _, p := range c.Pairs {
				names[p.Old.Text] = true
			}
		case *syntax.MvExpand:
			names[c.Name.Text] = true
		case *syntax.Fork, *syntax.Enrich, *syntax.LookupJoin:
			return func(string) bool { return true }
		case *syntax.From, *syntax.Row, *syntax.Where, *syntax.Eval, *syntax.Drop, *syntax.Sort, *syntax.Limit, *syntax.Dissect,
			*syntax.Grok, *syntax.Sample:
		}
	}
	if !narrow {
		return func(string) bool { return true }
	}
	syntax.Walk(&syntax.Query{Commands: cmds}, func(x syntax.Expr) {
		if c, ok := x.(*syntax.Column); ok {
			names[c.Name] = true
		}
	})
	return func(name string) bool {
		return names[name] || slices.ContainsFunc(patterns, func(p []string) bool { return len(p) > 1 && fitsPieces(p, name) })
	}
}

// fromUnion is FROM with sub-queries: the rows of all parts, with the columns of all.
func (r *run) fromUnion(c *syntax.From) (stage, schema) {
	var parts []branch
	plain := &syntax.From{Span: c.Span, Metadata: c.Metadata}
	for _, p := range c.Patterns {
		if p.Sub == nil {
			plain.Patterns = append(plain.Patterns, p)
			continue
		}
		s, cols := r.pipe(p.Sub, nil, nil)
		parts = append(parts, branch{stages: s, cols: cols, span: p.Span})
	}
	if len(plain.Patterns) > 0 {
		s, cols := r.from(plain, nil)
		parts = append([]branch{{stages: []stage{s}, cols: cols, span: c.Span}}, parts...)
	}
	cols := r.unionColumns(parts)
	return func([]row) []row {
		var out []row
		for _, p := range parts {
			out = append(out, p.run([]row{{}}, cols)...)
		}
		return out
	}, cols
}

// branch is one part of a union: a sub-query, or a branch of FORK.
type branch struct {
	stages []stage
	cols   schema
	span   diag.Span
}

// run runs a branch and lays its rows out for the columns of the union.
func (b branch) run(rows []row, cols schema) []row {
	for _, s := range b.stages {
		rows = s(rows)
	}
	out := make([]row, len(rows))
	for i, x := range rows {
		cells := make([]any, len(cols))
		for j, c := range cols {
			if k := b.cols.index(c.name); k >= 0 {
				cells[j] = x.cells[k]
			}
		}
		out[i] = row{cells, x.src}
	}
	return out
}

// unionColumns gives the columns of all parts; a name has one type in all of them.
func (r *run) unionColumns(parts []branch) schema {
	var out schema
	for _, p := range parts {
		for _, c := range p.cols {
			i := out.index(c.name)
			if i < 0 {
				out = append(out, column{name: c.name, typ: c.typ, clash: c.clash})
				continue
			}
			if t := out[i].typ; t != c.typ && t != tNull && c.typ != tNull && t != tErr && c.typ != tErr {
				r.fault(diag.ESQLRun, p.span, fmt.Sprintf("Column [%s] has conflicting data types in subqueries: [%s] and [%s]", c.name, t, c.typ),
					"convert it in one of them")
			} else if t == tNull {
				out[i].typ = c.typ
			}
		}
	}
	return out
}

// fork runs each branch on the same rows and adds the column _fork.
func (r *run) fork(c *syntax.Fork, in schema) (stage, schema) {
	var parts []branch
	if len(c.Branches) > 8 {
		r.fault(diag.ESQLRun, c.Span, "FORK supports up to 8 branches")
	}
	for _, b := range c.Branches {
		s, cols := r.pipe(b, afterBreak(in), nil)
		s = append(s, r.cap(b))
		parts = append(parts, branch{stages: s, cols: cols, span: c.Span})
	}
	cols := r.unionColumns(parts)
	if i := cols.index("_fork"); i >= 0 {
		cols = slices.Delete(cols, i, i+1)
	}
	cols = append(cols, column{name: "_fork", typ: tKeyword})
	return func(rows []row) []row {
		var out []row
		for n, p := range parts {
			mine := make([]row, len(rows))
			for i, x := range rows {
				mine[i] = row{slices.Clone(x.cells), x.src}
			}
			for _, x := range p.run(mine, cols) {
				x.cells[len(cols)-1] = fmt.Sprintf("fork%d", n+1)
				out = append(out, x)
			}
		}
		r.hold(len(out) * len(cols))
		return out
	}, cols
}
