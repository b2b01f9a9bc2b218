package syntax

import "github.com/onerule/onerule/diag"

// Query is one pipeline: `stage | stage | …`. The first stage is a [Search] or a generating command; inside the brackets
// of appendpipe it may be any command.
type Query struct {
	Stages []Stage
	Span   diag.Span
}

// Stage is one command of a pipeline. Its members are *Search, *Where, *Eval, *Fields, *Table, *Rename, *Stats, *Tstats,
// *Chart, *Top, *Bin, *Sort, *Dedup, *Head, *Regex, *Rex, *Lookup, *Inputlookup, *Join, *Append, *Union, *Transaction,
// *Convert, *Foreach, *From, *Replace, *Plain, *Raw and *MacroStage.
//
//sumtype:decl
type Stage interface {
	stage()
	// Pos is where the stage stands in the text.
	Pos() diag.Span
	// Command is the command's name in lower case; "" for a macro.
	Command() string
}

// Search keeps the rows that its expression fits: `search index=win EventCode=4688`. As the first stage of a query it
// reads the index and the word `search` is implied.
type Search struct {
	Expr SearchExpr
	Span diag.Span
}

// Where keeps the rows for which an eval expression is true: `where isnotnull(user)`.
type Where struct {
	Cond Expr
	Span diag.Span
}

// Eval assigns fields, left to right: `eval a=1, b=a+1`. Format is fieldformat: the stored value stays.
type Eval struct {
	Assigns []Assign
	Format  bool
	Span    diag.Span
}

// Assign is one `name = expression`. Dynamic means `{name}=…`: the field whose name is the value of name. Braces round a name
// inside Name, as in `count_{host}=…`, stand for that field's value.
type Assign struct {
	Name    string
	Dynamic bool
	Value   Expr
	Span    diag.Span
}

// Fields keeps (or, with Minus, removes) fields by name or wildcard: `fields - a, b*`.
type Fields struct {
	Minus bool
	Names []string
	Span  diag.Span
}

// Table keeps the named columns in the order given: `table a, b*`.
type Table struct {
	Names []string
	Span  diag.Span
}

// Rename renames fields pairwise, wildcards included: `rename a AS b, "x.*" AS "*"`.
type Rename struct {
	Pairs []Alias
	Span  diag.Span
}

// Alias is `name AS as`; As is "" where the alias may be left out and was.
type Alias struct {
	Name, As string
	Span     diag.Span
}

// Arg is one argument of a command: an option `name=value`, a word (Name ""), a bracketed subsearch or a macro call.
type Arg struct {
	Name   string // lower case; "" for a word
	Value  string
	Quoted bool // the value stood in double quotes
	Sub    *Query
	Macro  *Macro
	Span   diag.Span
}

// StatsKind tells the three commands apart that share the form `aggregates BY fields`.
type StatsKind int

// The stats commands.
const (
	PlainStats StatsKind = iota
	Eventstats
	Streamstats
)

var statsNames = [...]string{PlainStats: "stats", Eventstats: "eventstats", Streamstats: "streamstats"}

// Stats is stats, eventstats or streamstats: `stats count AS n, dc(user) BY src`.
type Stats struct {
	Kind    StatsKind
	Options []Arg
	Aggs    []Agg
	By      []By
	Span    diag.Span
}

// Agg is one aggregate: `count`, `dc(user) AS users`, `count(eval(a="x")) AS n`. At most one of Field and Eval is set.
// With Func "eval", Eval is an expression over aggregates: `eval(avg(size)/max(delay)) AS ratio`.
// Macro is set, and all else is not, when a macro stands in its place.
type Agg struct {
	Func  string // lower case, as written: "count", "dc", "perc95"
	Field string
	Eval  Expr
	As    string
	Macro *Macro
	Span  diag.Span
}

// By is one field of a BY clause, with the options that follow it (`_time span=1h`).
type By struct {
	Name    string
	Options []Arg
	Macro   *Macro
	Span    diag.Span
}

// Tstats aggregates over a data model or over indexed fields:
// `tstats count FROM datamodel=Endpoint.Processes WHERE … BY Processes.dest`. Mstats has the same form over metrics.
type Tstats struct {
	Metrics bool
	Options []Arg
	Aggs    []Agg
	From    string // data model, "" for none
	Where   SearchExpr
	By      []By
	Span    diag.Span
}

// Chart is chart or timechart: `timechart span=1h count BY host`, `chart count OVER a BY b`.
type Chart struct {
	Time    bool
	Options []Arg
	Aggs    []Agg
	Over    *By
	By      []By
	Where   *SeriesWhere
	Span    diag.Span
}

// SeriesWhere says which series chart and timechart keep: `where max in top5`, `where sum > 100`. Op is in, notin, < or >;
// Value is topN, bottomN or a number.
type SeriesWhere struct {
	Agg       Agg
	Op, Value string
}

// Top is top or rare: `top 10 user BY host`.
type Top struct {
	Rare    bool
	Limit   string // "" for none
	Options []Arg
	Names   []string
	By      []string
	Span    diag.Span
}

// Bin is bin (also spelled bucket, discretize): `bin _time span=5m AS w`.
type Bin struct {
	Options []Arg
	Name    string
	As      string
	Span    diag.Span
}

// SortKey is one `±func(field)` of sort.
type SortKey struct {
	Desc bool
	Func string // "", "auto", "ip", "num", "str"
	Name string
}

// Sort is `sort 0 -count, +user`. Limit is "" for the default of 10,000. Reverse is a trailing `desc`.
type Sort struct {
	Limit   string
	Keys    []SortKey
	Reverse bool
	Span    diag.Span
}

// Dedup is `dedup 2 user host keepempty=t sortby -_time`.
type Dedup struct {
	Count   string // "" is 1
	Names   []string
	Options []Arg
	SortBy  []SortKey
	Span    diag.Span
}

// Head is `head 10`, `head limit=10`, `head (a>1)`; with Tail it is `tail 10`.
type Head struct {
	Tail    bool
	Count   string
	Cond    Expr
	Options []Arg
	Span    diag.Span
}

// Regex keeps rows by a regular expression: `regex f="re"`, `regex f!="re"`, `regex "re"` (over _raw, Field "").
// Pattern is the PCRE itself, without the escapes of the quoted string.
type Regex struct {
	Field   string
	Negate  bool
	Pattern string
	Span    diag.Span
}

// Rex sets fields from named groups: `rex field=f max_match=0 "(?<g>…)"`. With mode=sed Pattern is a sed script.
type Rex struct {
	Options []Arg
	Pattern string
	Span    diag.Span
}

// LookupMode says what the output clause of lookup does.
type LookupMode int

// The output clauses: none (all columns, overwriting), OUTPUT, OUTPUTNEW.
const (
	OutputAll LookupMode = iota
	Output
	OutputNew
)

// Lookup joins a lookup table: `lookup T k AS f OUTPUT a AS b`.
type Lookup struct {
	Options []Arg
	Table   string
	Inputs  []Alias
	Mode    LookupMode
	Outputs []Alias
	Span    diag.Span
}

// Inputlookup reads a lookup table: `inputlookup append=t T where a=b`.
type Inputlookup struct {
	Options []Arg
	Table   string
	Where   SearchExpr
	Span    diag.Span
}

// Join joins with the rows of a subsearch: `join type=left user [search …]`.
type Join struct {
	Options []Arg
	Names   []string
	Sub     *Query
	Span    diag.Span
}

// Append is append, appendpipe or appendcols with its subsearch; Name is the command.
type Append struct {
	Name    string
	Options []Arg
	Sub     *Query
	Span    diag.Span
}

// Union is union or multisearch: `multisearch [search a] [search b]`. Datasets holds the plain names that union takes.
type Union struct {
	Multi    bool
	Options  []Arg
	Datasets []string
	Subs     []*Query
	Span     diag.Span
}

// Transaction groups events: `transaction user startswith=(a=1) endswith=(a=2) maxspan=5m`.
type Transaction struct {
	Names      []string
	Options    []Arg
	StartsWith *Condition
	EndsWith   *Condition
	Span       diag.Span
}

// Condition is a filter that may be written as a search expression or as eval(…); one of the two is set.
type Condition struct {
	Search SearchExpr
	Eval   Expr
}

// Convert is `convert timeformat="%F" ctime(a) AS b`.
type Convert struct {
	Options []Arg
	Calls   []ConvertCall
	Span    diag.Span
}

// ConvertCall is one conversion of convert; Name may hold wildcards.
type ConvertCall struct {
	Func, Name, As string
	Span           diag.Span
}

// Foreach runs a templated subpipeline once per field: `foreach a* [eval n='<<FIELD>>'+1]`. Body is the text between the
// brackets, trimmed, as written.
type Foreach struct {
	Options []Arg
	Names   []string
	Body    string
	Span    diag.Span
}

// From reads a dataset: `from datamodel:"Risk.All_Risk"`, `from lookup:x`. Kind is "datamodel", "lookup", "savedsearch".
type From struct {
	Kind, Name string
	Span       diag.Span
}

// Replace replaces whole values by wildcard: `replace "a*" WITH b IN f`.
type Replace struct {
	Pairs []ReplacePair
	In    []string
	Span  diag.Span
}

// ReplacePair is one `from WITH to`.
type ReplacePair struct {
	From, To string
}

// Plain is a command whose arguments are options and words alone, such as `mvexpand f limit=10`.
type Plain struct {
	Name string // lower case
	Args []Arg
	Span diag.Span
}

// Raw is a command that this package has no grammar for; Text is what follows its name, as written.
type Raw struct {
	Name, Text string
	Span       diag.Span
}

// MacroStage is a macro that stands as a whole stage: “ | `ctime(firstTime)` “. Rest is what follows it, as written.
type MacroStage struct {
	Macro *Macro
	Rest  string
	Span  diag.Span
}

// Macro is a call of a search macro, “ `name(arg, arg)` “. Args are texts as written, trimmed.
type Macro struct {
	Name string
	Args []string
	Span diag.Span
}

func (*Search) stage()      {}
func (*Where) stage()       {}
func (*Eval) stage()        {}
func (*Fields) stage()      {}
func (*Table) stage()       {}
func (*Rename) stage()      {}
func (*Stats) stage()       {}
func (*Tstats) stage()      {}
func (*Chart) stage()       {}
func (*Top) stage()         {}
func (*Bin) stage()         {}
func (*Sort) stage()        {}
func (*Dedup) stage()       {}
func (*Head) stage()        {}
func (*Regex) stage()       {}
func (*Rex) stage()         {}
func (*Lookup) stage()      {}
func (*Inputlookup) stage() {}
func (*Join) stage()        {}
func (*Append) stage()      {}
func (*Union) stage()       {}
func (*Transaction) stage() {}
func (*Convert) stage()     {}
func (*Foreach) stage()     {}
func (*From) stage()        {}
func (*Replace) stage()     {}
func (*Plain) stage()       {}
func (*Raw) stage()         {}
func (*MacroStage) stage()  {}
