package syntax

import "github.com/onerule/onerule/diag"

// Pos is where the stage stands.
func (s *Search) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Where) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Eval) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Fields) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Table) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Rename) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Stats) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Tstats) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Chart) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Top) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Bin) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Sort) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Dedup) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Head) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Regex) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Rex) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Lookup) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Inputlookup) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Join) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Append) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Union) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Transaction) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Convert) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Foreach) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *From) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Replace) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Plain) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *Raw) Pos() diag.Span { return s.Span }

// Pos is where the stage stands.
func (s *MacroStage) Pos() diag.Span { return s.Span }

// Command is search.
func (*Search) Command() string { return "search" }

// Command is where.
func (*Where) Command() string { return "where" }

// Command is fields.
func (*Fields) Command() string { return "fields" }

// Command is table.
func (*Table) Command() string { return "table" }

// Command is rename.
func (*Rename) Command() string { return "rename" }

// Command is bin.
func (*Bin) Command() string { return "bin" }

// Command is sort.
func (*Sort) Command() string { return "sort" }

// Command is dedup.
func (*Dedup) Command() string { return "dedup" }

// Command is regex.
func (*Regex) Command() string { return "regex" }

// Command is rex.
func (*Rex) Command() string { return "rex" }

// Command is lookup.
func (*Lookup) Command() string { return "lookup" }

// Command is inputlookup.
func (*Inputlookup) Command() string { return "inputlookup" }

// Command is join.
func (*Join) Command() string { return "join" }

// Command is transaction.
func (*Transaction) Command() string { return "transaction" }

// Command is convert.
func (*Convert) Command() string { return "convert" }

// Command is foreach.
func (*Foreach) Command() string { return "foreach" }

// Command is from.
func (*From) Command() string { return "from" }

// Command is replace.
func (*Replace) Command() string { return "replace" }

// Command is eval or fieldformat.
func (s *Eval) Command() string {
	if s.Format {
		return "fieldformat"
	}
	return "eval"
}

// Command is tstats or mstats.
func (s *Tstats) Command() string {
	if s.Metrics {
		return "mstats"
	}
	return "tstats"
}

// Command is chart or timechart.
func (s *Chart) Command() string {
	if s.Time {
		return "timechart"
	}
	return "chart"
}

// Command is top or rare.
func (s *Top) Command() string {
	if s.Rare {
		return "rare"
	}
	return "top"
}

// Command is head or tail.
func (s *Head) Command() string {
	if s.Tail {
		return "tail"
	}
	return "head"
}

// Command is union or multisearch.
func (s *Union) Command() string {
	if s.Multi {
		return "multisearch"
	}
	return "union"
}

// Command is stats, eventstats or streamstats.
func (s *Stats) Command() string { return statsNames[s.Kind] }

// Command is append, appendpipe or appendcols.
func (s *Append) Command() string { return s.Name }

// Command is the command's name.
func (s *Plain) Command() string { return s.Name }

// Command is the command's name.
func (s *Raw) Command() string { return s.Name }

// Command is "": what the macro holds is not known.
func (*MacroStage) Command() string { return "" }
