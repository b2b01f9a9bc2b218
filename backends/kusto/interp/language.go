package interp

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// Language is Kusto as text that can be run: --lang kusto.
var Language = native.Language{Name: "kusto", Doubts: sortedDoubts(), Compile: compile, Reprint: reprint}

func sortedDoubts() []native.Doubt {
	list := slices.Clone(doubts)
	slices.SortFunc(list, func(a, b native.Doubt) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func reprint(file, text string) (string, diag.List) {
	q, diags := syntax.Parse(file, text)
	if q == nil || diags.HasErrors() {
		return "", diags
	}
	return syntax.Print(q), diags
}

// program is a parsed and checked query.
type program struct {
	q    *syntax.Query
	file string
	re   *regexCache
}

// compile parses a query, checks all names of functions, and binds what can be bound without tables.
func compile(file, text string) (native.Program, diag.List) {
	q, diags := syntax.Parse(file, text)
	if q == nil || diags.HasErrors() {
		return nil, diags
	}
	p := &program{q: q, file: file, re: &regexCache{m: map[string]regexEntry{}}}
	diags = append(diags, checkNames(q)...)
	diags = append(diags, p.dryRun()...)
	diags = diags.Sort()
	if diags.HasErrors() {
		return nil, diags
	}
	return p, diags
}

// checkNames reports calls of functions that nobody defines. User-defined functions may stand anywhere in the query.
func checkNames(q *syntax.Query) diag.List {
	defined := map[string]bool{}
	var names []string
	var collect func(q *syntax.Query)
	collect = func(q *syntax.Query) {
		for _, s := range q.Statements {
			if l, ok := s.(*syntax.Let); ok {
				defined[l.Name] = true
				names = append(names, l.Name)
				if f, ok := l.Value.(*syntax.Lambda); ok {
					collect(f.Body)
				}
			}
		}
	}
	collect(q)
	var diags diag.List
	plugin := map[*syntax.Call]bool{}
	syntax.WalkPlugins(q, func(c *syntax.Call) { plugin[c] = true })
	syntax.WalkQuery(q, func(x syntax.Expr) {
		c, ok := x.(*syntax.Call)
		if !ok || defined[c.Name] || c.On != nil || plugin[c] || isLocation(c.Name) {
			return
		}
		if functions[c.Name] == nil && aggregates[c.Name] == nil && !isTableFunction(c.Name) {
			diags = append(diags, diag.New(diag.KustoUnknown, c.At, "there is no function `"+c.Name+"`", nearFunction(c.Name, slices.Clone(names))...))
		}
	})
	return diags
}

// isLocation reports whether a name is that of a function that names a place: their use is refused when bound.
func isLocation(name string) bool {
	return name == "cluster" || name == "database" || name == "workspace" || name == "app"
}

// newBinder makes a binder and the run it belongs to.
func (p *program) newBinder(in native.Input, dry bool) *binder {
	x := &exec{in: in, re: p.re, rng: rand.New(rand.NewPCG(1, 2))}
	return &binder{x: x, dry: dry, options: map[string]any{}}
}

// bind binds the statements of the query and gives its results.
func (p *program) bind(b *binder) []*node {
	sc := newScope(nil)
	var results []*node
	for _, s := range p.q.Statements {
		switch s := s.(type) {
		case *syntax.Let:
			next := newScope(sc)
			b.let(s, b.rowScope(nil, sc), next)
			if sc.declared(s.Name) {
				b.run(s.At, "`"+s.Name+"` is given twice", "choose another name")
			}
			sc = next
		case *syntax.DeclareParams:
			sc = b.params(s, sc)
		case *syntax.ExprStatement:
			results = append(results, b.result(s, sc))
		case *syntax.SetOption:
			if s.Value != nil {
				b.options[s.Name], _ = literal(s.Value)
			}
		}
	}
	return results
}

// declared reports whether a let of the query has given a name already.
func (s *scope) declared(name string) bool { return s.lookup(name) != nil }

// params gives query parameters their defaults.
func (b *binder) params(s *syntax.DeclareParams, sc *scope) *scope {
	next := newScope(sc)
	for _, p := range s.Params {
		if p.Default == nil {
			b.run(p.At, "the query parameter `"+p.Name+"` has no value", "give it a default: "+p.Name+":"+p.Type.String()+" = …")
			continue
		}
		c, ok := coerce(b.rowScope(nil, sc).expr(p.Default), p.Type)
		if !ok {
			b.run(p.At, "the default of `"+p.Name+"` is not of type "+p.Type.String())
			continue
		}
		next.vars[p.Name] = &variable{scalar: c}
	}
	return next
}

// result binds an expression statement: a table, or a value as a table of one cell.
func (b *binder) result(s *syntax.ExprStatement, sc *scope) *node {
	rs := b.rowScope(nil, sc)
	c, n := b.any(s.X, rs)
	if n != nil || c == nil {
		return n
	}
	if c.star || c.typeArg != tNone {
		b.run(s.At, "the query gives no rows", "name a table, or use print")
		return nil
	}
	return &node{cols: []column{{"Column1", c.typ}}, run: func(x *exec) []row { return []row{{v: []any{c.value(x)}}} }}
}

// dryRun binds the query without tables, to find faults that do not depend on them. Binding ends silently at the first thing
// that only tables could tell.
func (p *program) dryRun() (diags diag.List) {
	b := p.newBinder(native.Input{}, true)
	defer func() {
		if r := recover(); r != nil {
			diags = b.diags
			switch f := r.(type) {
			case unbound:
			case runFault:
				diags = append(diags, p.place(f.d))
			default:
				panic(r)
			}
		}
	}()
	b.tables = map[string]*node{}
	p.bind(b)
	return b.diags
}

// place gives a diagnostic without a place the file's name.
func (p *program) place(d diag.Diagnostic) diag.Diagnostic {
	if !d.Span.IsValid() {
		d.Span.File = p.file
	}
	return d
}

// Run runs the query. Several tabular statements give the rows of the last one.
func (p *program) Run(in native.Input) (out native.Output, diags diag.List) {
	b := p.newBinder(in, false)
	defer func() {
		r := recover()
		switch f := r.(type) {
		case nil:
		case runFault:
			out, diags = native.Output{}, append(b.diags, p.place(f.d)).Sort()
		case unbound:
			out, diags = native.Output{}, b.diags.Sort()
		default:
			panic(r)
		}
	}()
	b.load(in)
	b.x.now = b.instant(in)
	b.x.steps, b.x.cells = 0, 0
	results := p.bind(b)
	if b.diags.HasErrors() {
		return native.Output{}, b.diags.Sort()
	}
	if len(results) == 0 || results[len(results)-1] == nil {
		return native.Output{}, append(b.diags, diag.New(diag.KustoRun, diag.Span{File: p.file}, "the query gives no rows", "end it with a table or a print")).Sort()
	}
	out = render(b.x, results[len(results)-1])
	return out, b.diags.Sort()
}

// render gives the rows of a result as cells.
func render(x *exec, n *node) native.Output {
	var out native.Output
	for _, c := range n.cols {
		out.Columns = append(out.Columns, native.Column{Name: c.name, Type: c.typ.String()})
	}
	rows := n.run(x)
	out.Results = make([]native.Result, len(rows))
	for i, r := range rows {
		cells := make([]any, len(n.cols))
		for j, c := range n.cols {
			cells[j] = toJSON(fix(r.v[j], c.typ), c.typ)
		}
		out.Results[i] = native.Result{Cells: cells, Source: r.src}
	}
	out.Warnings = x.warnings
	return out
}
