package lower

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

var paramTypes = []string{"bool", "duration", "int", "list", "number", "string"}

func (b *builder) param(p *grammar.Param) {
	if b.scope.params == nil {
		b.scope.params = map[string]param{}
	}
	if old, dup := b.scope.params[p.Name.Text]; dup {
		d := diag.New(diag.DuplicateName, p.Name.Span, fmt.Sprintf("`%s` is declared twice", p.Name.Text), "give one of them another name")
		d.Related = []diag.Label{{Span: old.decl.Name.Span, Text: "the first declaration"}}
		b.diags = append(b.diags, d)
		return
	}
	before := len(b.diags)
	v := param{decl: p}
	given, isGiven := b.opts.Params[b.out.Name][p.Name.Text]
	tuned, isTuned := b.tuned[p.Name.Text]
	with, isWith := b.withParam(p.Name.Text)
	at := p.Name.Span
	switch {
	case !slices.Contains(paramTypes, p.Type.Text):
		help := "the types are " + strings.Join(paramTypes, ", ")
		b.fault(diag.BadParam, p.Type.Span, fmt.Sprintf("there is no parameter type `%s`", p.Type.Text), help)
	case isWith:
		v.value, v.list = b.paramValue(p, with.Value)
		at = with.Value.Pos()
	case isGiven:
		v.value, v.list = b.paramText(p, given)
	case isTuned:
		v.value, v.list = b.paramValue(p, tuned.Value)
		at = tuned.Value.Pos()
	case p.Default == nil:
		b.fault(diag.BadParam, p.Name.Span, fmt.Sprintf("`%s` has no default and no value was given", p.Name.Text), "give it one with --param-file, or write a default")
	default:
		v.value, v.list = b.paramValue(p, p.Default)
	}
	b.paramRange(p, v.value, at)
	if isTuned && isGiven && !isWith { // not in force, but it has to be right
		tv, _ := b.paramValue(p, tuned.Value)
		b.paramRange(p, tv, tuned.Value.Pos())
	}
	v.ok = len(b.diags) == before
	b.scope.params[p.Name.Text] = v
	if v.ok && v.list == nil {
		b.out.Params = append(b.out.Params, ir.Param{Name: p.Name.Text, Doc: p.Doc, Value: v.value})
	}
}

// paramText reads the value that a project or parameter file gives.
func (b *builder) paramText(p *grammar.Param, given []string) (schema.Value, []schema.Value) {
	if p.Type.Text == "list" {
		out := []schema.Value{}
		for _, s := range given {
			out = append(out, schema.String(s))
		}
		return schema.Value{}, out
	}
	if len(given) != 1 {
		b.fault(diag.BadParam, p.Name.Span, fmt.Sprintf("`%s` is given a list, and it is declared to be one %s", p.Name.Text, p.Type.Text), "give one value in the project or parameter file")
		return schema.Value{}, nil
	}
	text := given[0]
	switch p.Type.Text {
	case "string":
		return schema.String(text), nil
	case "duration":
		if d, err := time.ParseDuration(text); err == nil {
			return schema.Int(d.Milliseconds()), nil
		}
	default:
		typ := map[string]schema.Type{"int": schema.Long, "number": schema.Double, "bool": schema.Boolean}[p.Type.Text]
		if v, ok := schema.FromText(typ, text); ok {
			return v, nil
		}
	}
	b.fault(diag.BadParam, p.Name.Span, fmt.Sprintf("`%s` is given the value %q, which is no %s", p.Name.Text, text, p.Type.Text), "correct the value in the project or parameter file")
	return schema.Value{}, nil
}

func (b *builder) paramValue(p *grammar.Param, x grammar.Expr) (schema.Value, []schema.Value) {
	bad := func() (schema.Value, []schema.Value) {
		b.fault(diag.BadParam, x.Pos(), fmt.Sprintf("this is no %s, which `%s` is declared to be", p.Type.Text, p.Name.Text), "change the value or the type")
		return schema.Value{}, nil
	}
	switch p.Type.Text {
	case "string":
		if s, ok := x.(*grammar.String); ok {
			return schema.String(s.Value), nil
		}
	case "bool":
		if t, ok := x.(*grammar.Bool); ok {
			return schema.Bool(t.Value), nil
		}
	case "duration":
		if d, ok := x.(*grammar.Duration); ok {
			return schema.Int(d.Value.Milliseconds()), nil
		}
	case "list":
		if lst, ok := x.(*grammar.List); ok {
			out := []schema.Value{}
			for _, item := range lst.Items {
				s, ok := item.(*grammar.String)
				if !ok {
					return bad()
				}
				out = append(out, schema.String(s.Value))
			}
			return schema.Value{}, out
		}
	case "int":
		if v, ok := schema.FromText(schema.Long, numberText(x)); ok {
			return v, nil
		}
	case "number":
		if v, ok := schema.FromText(schema.Double, numberText(x)); ok {
			return v, nil
		}
	}
	return bad()
}

// paramRange checks a value against the range of its parameter; at is the value's place.
func (b *builder) paramRange(p *grammar.Param, v schema.Value, at diag.Span) {
	if p.Lo == nil || !v.Type().IsNumber() {
		return
	}
	lo, err1 := strconv.ParseFloat(numberText(p.Lo), 64)
	hi, err2 := strconv.ParseFloat(numberText(p.Hi), 64)
	if errors.Join(err1, err2) != nil || lo > hi || math.IsNaN(lo) {
		b.fault(diag.BadParam, p.Lo.Pos().Join(p.Hi.Pos()), "the range is not made of two numbers in order", "write `in 0..100`, say")
		return
	}
	if f := v.Float64(); f < lo || f > hi {
		d := diag.New(diag.BadParam, at, fmt.Sprintf("the value %s of `%s` is outside of its range %s..%s", v, p.Name.Text, numberText(p.Lo), numberText(p.Hi)), "choose a value inside, or change the range")
		if at != p.Name.Span {
			d.Related = []diag.Label{{Span: p.Name.Span, Text: "declared here"}}
		}
		b.diags = append(b.diags, d)
	}
}

// maxList is the largest number of entries of a list file.
const maxList = 1_000_000

func (l *lowerer) declareList(s *scope, d *grammar.ListDecl) {
	if s.lists == nil {
		s.lists = map[string]list{}
	}
	if old, dup := s.lists[d.Name.Text]; dup {
		if old.decl != d {
			dg := diag.New(diag.DuplicateName, d.Name.Span, fmt.Sprintf("list `%s` is declared twice", d.Name.Text), "give one of them another name")
			dg.Related = []diag.Label{{Span: old.decl.Name.Span, Text: "the first declaration"}}
			l.diags = append(l.diags, dg)
		}
		return
	}
	lst, from := list{decl: d}, l.contents(d)
	if from.Inline != nil {
		lst.ok = true
		for _, x := range from.Inline.Items {
			s, ok := plainText(x)
			if !ok {
				l.fault(diag.BadList, x.Pos(), "an entry of a list is a text or a number", `write "…"`)
				lst.ok = false
			}
			lst.values = append(lst.values, s)
		}
	} else {
		lst.values, lst.ok = l.readList(d)
	}
	s.lists[d.Name.Text] = lst
}

func (l *lowerer) readList(d *grammar.ListDecl) ([]string, bool) {
	fail := func(why string) ([]string, bool) {
		l.fault(diag.BadList, d.File.Span, fmt.Sprintf("the list `%s` cannot be read: %s", d.File.Value, why), "a list is a CSV file with a header line, named by its path from this file, inside the rule folder")
		return nil, false
	}
	if l.opts.ReadList == nil {
		return fail("files cannot be read here")
	}
	data, err := l.opts.ReadList(l.file, d.File.Value)
	if err != nil {
		return fail(err.Error())
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	header, err := r.Read()
	if err != nil {
		return fail("it has no header line")
	}
	col := 0
	if d.Column != "" {
		if col = slices.Index(header, d.Column); col < 0 {
			return fail(fmt.Sprintf("it has no column `%s`; its columns are %s", d.Column, strings.Join(header, ", ")))
		}
	}
	var out []string
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return out, true
		}
		if err != nil {
			return fail(err.Error())
		}
		if len(out) == maxList {
			return fail("it has more than 1,000,000 entries")
		}
		if col < len(rec) && rec[col] != "" {
			out = append(out, rec[col])
		}
	}
}

// noVariable is the title of the fault of a $name that nothing declares.
const noVariable = "there is no parameter or list"

// variable resolves $name to its values, which are written out where it stands; nil means that a fault was reported.
func (b *builder) variable(v *grammar.VarRef, typ schema.Type) []schema.Value {
	for i := range b.out.Params {
		if b.out.Params[i].Name == v.Name {
			b.out.Params[i].Inlined = true
		}
	}
	return b.resolve(v, typ)
}

// resolve returns the values of $name, converted to a type; nil means that a fault was reported.
func (b *builder) resolve(v *grammar.VarRef, typ schema.Type) []schema.Value {
	for s := b.scope; s != nil; s = s.outer {
		if p, ok := s.params[v.Name]; ok {
			if !p.ok {
				return nil
			}
			if p.list != nil && len(p.list) == 0 {
				b.emptyList(v, "parameter")
				return nil
			}
			if p.list != nil {
				return b.convertAll(v, p.list, typ)
			}
			return b.convertAll(v, []schema.Value{p.value}, typ)
		}
		if lst, ok := s.lists[v.Name]; ok {
			if !lst.ok {
				return nil
			}
			if len(lst.values) == 0 {
				b.emptyList(v, "list")
				return nil
			}
			vals := make([]schema.Value, len(lst.values))
			for i, s := range lst.values {
				vals[i] = schema.String(s)
			}
			return b.convertAll(v, vals, typ)
		}
	}
	var names []string
	for s := b.scope; s != nil; s = s.outer {
		for n := range s.params {
			names = append(names, n)
		}
		for n := range s.lists {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	help := "declare it with `param` or `list`"
	if near, ok := diag.Nearest(v.Name, names); ok {
		help = fmt.Sprintf("a similar name exists: `$%s`", near)
	}
	b.faultLabel(diag.UnknownName, v.Span, fmt.Sprintf("%s `$%s`", noVariable, v.Name), "not declared", help)
	return nil
}

func (b *builder) emptyList(v *grammar.VarRef, kind string) {
	b.fault(diag.BadList, v.Span, fmt.Sprintf("the %s `%s` is empty", kind, v.Name), "a comparison with nothing is never true; fill it or take the condition out")
}

func (b *builder) convertAll(v *grammar.VarRef, in []schema.Value, typ schema.Type) []schema.Value {
	out := make([]schema.Value, 0, len(in))
	for _, x := range in {
		y, ok := schema.FromText(typ, x.String())
		if !ok {
			b.fault(diag.TypeMismatch, v.Span, fmt.Sprintf("`$%s` holds %q, which is not %s", v.Name, x.String(), typePhrase(typ)), "compare it with a field of its own type")
			return nil
		}
		out = append(out, y)
	}
	return out
}
