package interp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// set is the rows between two commands. order is the column order, nil while rows are events.
type set struct {
	rows  []*row
	order []string
}

// stage is a compiled command. The first of a query gets an empty set.
type stage func(r *run, in set) set

// pipeline is a compiled query.
type pipeline []stage

// compiler turns a tree into stages and reports every fault that can be seen without tables.
type compiler struct {
	file     string
	macros   syntax.Macros
	lookups  map[string]Lookup
	diags    diag.List
	warnings []string
	used     map[string]bool // tables that are lookups
	times    timeBounds      // of the query being compiled
	regexes  *regexCache
}

func (k *compiler) report(d diag.Diagnostic) { k.diags = append(k.diags, d) }

// unknown reports a name that does not exist, or that the interpreter does not have.
func (k *compiler) unknown(span diag.Span, what, name string, known []string, help string) {
	d := diag.New(diag.SPLUnknown, span, fmt.Sprintf("unknown %s `%s`", what, name))
	d.Label = "not known"
	if near := diag.Near(name, known, 1); len(near) > 0 {
		d.Help = append(d.Help, fmt.Sprintf("a %s with a similar name exists: `%s`", what, near[0]))
	}
	if help != "" {
		d.Help = append(d.Help, help)
	}
	k.report(d)
}

func (k *compiler) unsupported(span diag.Span, what, help string) {
	d := diag.New(diag.SPLUnknown, span, what+" is not supported by this interpreter")
	if help != "" {
		d.Help = []string{help}
	}
	k.report(d)
}

func (k *compiler) invalid(span diag.Span, title string, help ...string) {
	k.report(diag.New(diag.SPLSyntax, span, title, help...))
}

// query compiles the stages of a query. base says that its first search reads the events.
func (k *compiler) query(q *syntax.Query, base bool) pipeline {
	if base { // it has a time range of its own
		defer func(outer timeBounds) { k.times = outer }(k.times)
		k.times = timeBounds{}
	}
	var out pipeline
	pending := base
	for i, st := range q.Stages {
		s := k.stage(st, base && i == 0)
		if s == nil {
			s = func(_ *run, in set) set { return in }
		}
		if pending && !filters(st) {
			out = append(out, extract)
			pending = false
		}
		out = append(out, s)
	}
	if pending {
		out = append(out, extract)
	}
	return out
}

// filters reports whether a command only drops rows, reading single fields: the rows' other fields need not be extracted.
func filters(st syntax.Stage) bool {
	switch st.(type) {
	case *syntax.Search, *syntax.Where:
		return true
	case *syntax.Eval, *syntax.Fields, *syntax.Table, *syntax.Rename, *syntax.Stats, *syntax.Tstats, *syntax.Chart, *syntax.Top,
		*syntax.Bin, *syntax.Sort, *syntax.Dedup, *syntax.Head, *syntax.Regex, *syntax.Rex, *syntax.Lookup, *syntax.Inputlookup,
		*syntax.Join, *syntax.Append, *syntax.Union, *syntax.Transaction, *syntax.Convert, *syntax.Foreach, *syntax.From,
		*syntax.Replace, *syntax.Plain, *syntax.Raw, *syntax.MacroStage:
	}
	return false
}

// extract is the stage that extracts the fields of pending rows.
func extract(_ *run, in set) set {
	extracted(in.rows)
	return in
}

// stage compiles one command; first says that it makes rows rather than takes them.
func (k *compiler) stage(st syntax.Stage, first bool) stage {
	switch st := st.(type) {
	case *syntax.Search:
		return k.search(st, first)
	case *syntax.Tstats:
		return k.tstats(st, first)
	case *syntax.Inputlookup:
		return k.inputlookup(st, first)
	case *syntax.Union:
		return k.union(st, first)
	case *syntax.From:
		return k.from(st, first)
	case *syntax.Plain:
		switch st.Name {
		case "makeresults":
			return k.makeresults(st, first)
		case "eventcount":
			return k.eventcount(st, first)
		case "gentimes":
			return k.gentimes(st, first)
		case "set":
			return k.setOperation(st, first)
		case "datamodel":
			return k.datamodel(st, first)
		}
		return k.needsRows(st, first, func() stage { return k.plain(st) })
	case *syntax.MacroStage:
		k.unknownMacro(st.Macro)
		return nil
	case *syntax.Raw:
		k.unknownCommand(st)
		return nil
	case *syntax.Append:
		return k.append(st, first)
	case *syntax.Where, *syntax.Eval, *syntax.Fields, *syntax.Table, *syntax.Rename, *syntax.Stats, *syntax.Chart, *syntax.Top,
		*syntax.Bin, *syntax.Sort, *syntax.Dedup, *syntax.Head, *syntax.Regex, *syntax.Rex, *syntax.Lookup, *syntax.Join,
		*syntax.Transaction, *syntax.Convert, *syntax.Foreach, *syntax.Replace:
		return k.needsRows(st, first, func() stage { return k.rowCommand(st) })
	}
	return nil
}

// needsRows reports a command that stands first although it makes no rows.
func (k *compiler) needsRows(st syntax.Stage, first bool, f func() stage) stage {
	if first {
		k.invalid(st.Pos(), fmt.Sprintf("`%s` has no rows to work on", st.Command()), "begin with a search, or with a command that makes rows, such as tstats or makeresults")
	}
	return f()
}

// rowCommand compiles the commands that take rows and give rows.
func (k *compiler) rowCommand(st syntax.Stage) stage {
	switch st := st.(type) {
	case *syntax.Where:
		return k.where(st)
	case *syntax.Eval:
		return k.eval(st)
	case *syntax.Fields:
		return k.fields(st)
	case *syntax.Table:
		return k.table(st)
	case *syntax.Rename:
		return k.rename(st)
	case *syntax.Stats:
		return k.stats(st)
	case *syntax.Chart:
		return k.chart(st)
	case *syntax.Top:
		return k.top(st)
	case *syntax.Bin:
		return k.bin(st)
	case *syntax.Sort:
		return k.sort(st)
	case *syntax.Dedup:
		return k.dedup(st)
	case *syntax.Head:
		return k.head(st)
	case *syntax.Regex:
		return k.regex(st)
	case *syntax.Rex:
		return k.rex(st)
	case *syntax.Lookup:
		return k.lookup(st)
	case *syntax.Join:
		return k.join(st)
	case *syntax.Transaction:
		return k.transaction(st)
	case *syntax.Convert:
		return k.convert(st)
	case *syntax.Foreach:
		return k.foreach(st)
	case *syntax.Replace:
		return k.replace(st)
	case *syntax.Search, *syntax.Tstats, *syntax.Inputlookup, *syntax.Append, *syntax.Union, *syntax.From, *syntax.Plain,
		*syntax.Raw, *syntax.MacroStage:
	}
	return nil
}

func (k *compiler) unknownMacro(m *syntax.Macro) {
	name := m.Name
	if n := len(m.Args); n > 0 {
		name = fmt.Sprintf("%s(%d)", name, n)
	}
	var known []string
	for _, sig := range k.macros.Names() {
		base, _, _ := strings.Cut(sig, "(")
		if base == m.Name {
			d := diag.New(diag.SPLUnknown, m.Span, fmt.Sprintf("macro `%s` takes other arguments: `%s`", m.Name, sig), "give as many arguments as the definition has")
			k.report(d)
			return
		}
		known = append(known, base)
	}
	k.unknown(m.Span, "macro", name, known, "give the macro's definition with the query, or write the definition in its place")
}

// reasons says why commands that exist are not here.
var reasons = map[string]string{
	"map":   "it runs a search text for each row; write the search as a join or a subsearch",
	"apply": "it needs a trained model", "fit": "it needs a trained model", "summary": "it needs a trained model",
	"mcatalog": "metrics indexes are not modelled",
	"collect":  "it writes an index", "sendemail": "it acts outside the search", "sendalert": "it acts outside the search",
	"rest": "it asks the server", "dbxquery": "it asks a database", "savedsearch": "saved searches are not given here",
}

func (k *compiler) unknownCommand(st *syntax.Raw) {
	span := st.Span
	span.End = span.Start
	span.End.Offset += len(st.Name)
	span.End.Col += len(st.Name)
	if slices.Contains(syntax.Commands(), st.Name) {
		k.unsupported(span, fmt.Sprintf("the command `%s`", st.Name), reasons[st.Name])
		return
	}
	k.unknown(span, "command", st.Name, syntax.Commands(), "")
}

// noteFirstWord warns of a search that begins with a command's name: without a leading pipe it is a word to look for.
func (k *compiler) noteFirstWord(q *syntax.Query) {
	if len(q.Stages) == 0 {
		return
	}
	s, ok := q.Stages[0].(*syntax.Search)
	if !ok {
		return
	}
	x := s.Expr
	if and, isAnd := x.(*syntax.SearchAnd); isAnd {
		x = and.Terms[0]
	}
	kw, ok := x.(*syntax.Keyword)
	if !ok || kw.Value.Quoted {
		return
	}
	switch kw.Value.Text {
	case "tstats", "makeresults", "inputlookup", "from", "multisearch", "union", "mstats":
		k.warnings = append(k.warnings, fmt.Sprintf("the query looks for the word %q; a command that begins a query is written behind a pipe: | %s", kw.Value.Text, kw.Value.Text))
	}
}
