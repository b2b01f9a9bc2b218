package syntax

import "github.com/onerule/onerule/diag"

// Operator is one step of a pipeline: | where …. Each member's doc names its page learn.microsoft.com/kusto/query/….
//
//sumtype:decl
type Operator interface {
	Span() diag.Span
	operator()
}

// Where keeps the rows for which Pred is true (where-operator).
type Where struct {
	Loc
	Pred Expr
}

// Extend adds or replaces columns (extend-operator).
type Extend struct {
	Loc
	Items []Item
}

// Project keeps and computes columns (project-operator).
type Project struct {
	Loc
	Items []Item
}

// ProjectAway drops columns; Columns are names and wildcards (project-away-operator).
type ProjectAway struct {
	Loc
	Columns []Expr
}

// ProjectKeep keeps columns in their order (project-keep-operator).
type ProjectKeep struct {
	Loc
	Columns []Expr
}

// ProjectRename renames columns: new = old (project-rename-operator).
type ProjectRename struct {
	Loc
	Items []Item
}

// ProjectReorder moves columns to the front (project-reorder-operator).
type ProjectReorder struct {
	Loc
	Columns []ReorderColumn
}

// ReorderColumn is a name or wildcard with an optional order: "", asc, desc, granny-asc, granny-desc.
type ReorderColumn struct {
	Column Expr
	Order  string
}

// ProjectByNames keeps the columns whose names the expressions give (project-by-names-operator).
type ProjectByNames struct {
	Loc
	Names []Expr
}

// Summarize groups and aggregates (summarize-operator).
type Summarize struct {
	Loc
	Params []Param
	Aggs   []Item
	By     []Item
	// HasBy tells `by` with an empty list from no `by`.
	HasBy bool
}

// Join joins the input with Right (join-operator). Kind "" is innerunique, the language's default.
type Join struct {
	Loc
	Kind   string
	Params []Param // hints
	Right  Expr
	On     []Expr
}

// Lookup extends the input with columns of Right (lookup-operator). Kind "" is leftouter.
type Lookup struct {
	Loc
	Kind   string
	Params []Param
	Right  Expr
	On     []Expr
}

// Union appends tables (union-operator); a leading union has no input.
type Union struct {
	Loc
	Params  []Param // kind, withsource, isfuzzy, hints
	Sources []Expr
}

// MvExpand makes one row per element (mv-expand-operator).
type MvExpand struct {
	Loc
	Params []Param // bagexpansion, kind, with_itemindex
	Items  []ExpandItem
	Limit  Expr
	// Legacy tells the old spelling mvexpand, which has a default limit of 128 rows.
	Legacy bool
}

// ExpandItem is name = expr to typeof(T).
type ExpandItem struct {
	Name string
	Expr Expr
	Type Type
	At   diag.Span
}

// MvApply expands and runs Body over the rows made from each input row (mv-apply-operator).
type MvApply struct {
	Loc
	Params []Param
	Items  []ExpandItem
	Limit  Expr
	Body   []Operator
}

// MakeSeries makes arrays over an axis (make-series-operator).
type MakeSeries struct {
	Loc
	Params         []Param
	Aggs           []SeriesAgg
	Axis           Item
	From, To, Step Expr
	// InRange tells the alternative form in range(from, to, step).
	InRange bool
	By      []Item
}

// SeriesAgg is name = agg() default = value.
type SeriesAgg struct {
	Item    Item
	Default Expr
}

// Sort orders the rows (sort-operator); the default is descending.
type Sort struct {
	Loc
	Params []Param
	By     []OrderTerm
}

// OrderTerm is expr asc nulls first; Dir is "", asc or desc, Nulls is "", first or last.
type OrderTerm struct {
	Item  Item
	Dir   string
	Nulls string
}

// Top is top N by expr (top-operator).
type Top struct {
	Loc
	Params []Param
	N      Expr
	By     OrderTerm
}

// TopNested is top-nested N of expr by agg, … (top-nested-operator).
type TopNested struct {
	Loc
	Levels []TopNestedLevel
}

// TopNestedLevel is one clause of top-nested.
type TopNestedLevel struct {
	N      Expr // nil keeps all
	Of     Item
	Others Expr // with others = …
	By     OrderTerm
}

// TopHitters is top-hitters N of expr by weight (top-hitters-operator).
type TopHitters struct {
	Loc
	N  Expr
	Of Item
	By *Item
}

// Serialize fixes the row order, and may add columns (serialize-operator).
type Serialize struct {
	Loc
	Items []Item
}

// Distinct keeps one row per combination (distinct-operator).
type Distinct struct {
	Loc
	Params  []Param
	Columns []Expr // or one Star
}

// Count gives one row with the number of rows (count-operator).
type Count struct {
	Loc
	As string
}

// Take keeps up to N rows (take-operator).
type Take struct {
	Loc
	N Expr
}

// Sample keeps N random rows (sample-operator).
type Sample struct {
	Loc
	N Expr
}

// SampleDistinct keeps N random values (sample-distinct-operator).
type SampleDistinct struct {
	Loc
	N, Of Expr
}

// ParseOp extracts columns from a string by a pattern (parse-operator, parse-where-operator).
type ParseOp struct {
	Loc
	Where   bool // parse-where
	Kind    string
	Flags   string
	X       Expr
	Pattern []ParsePart
}

// ParsePart is one part of a parse pattern: *, "text" or column:type.
type ParsePart struct {
	Star   bool
	Text   *StringLit
	Column string
	Type   Type
	At     diag.Span
}

// ParseKv extracts key=value pairs (parse-kv-operator).
type ParseKv struct {
	Loc
	X       Expr
	Columns []Column
	Props   []Param
}

// Evaluate calls a plugin (evaluate-operator).
type Evaluate struct {
	Loc
	Params []Param
	Call   *Call
	// HasSchema tells a declared output schema; Star is its leading *.
	HasSchema bool
	Star      bool
	Columns   []Column
}

// Partition runs a pipeline per value of a column (partition-operator). Body is (op | op), Query is {…}.
type Partition struct {
	Loc
	Params []Param
	By     Expr
	Body   []Operator
	Query  *Query
}

// Scan is a state machine over serialized rows (scan-operator).
type Scan struct {
	Loc
	Params  []Param // with_match_id
	OrderBy []OrderTerm
	By      []Expr
	Declare []Column
	Steps   []ScanStep
}

// ScanStep is step name output=all: condition => a = x, ….
type ScanStep struct {
	Name     string
	Optional bool
	Output   string // "", all, last, none
	Cond     Expr
	Assign   []Item
	At       diag.Span
}

// Search looks for text in tables (search-operator).
type Search struct {
	Loc
	Params []Param
	In     []Expr
	Pred   Expr
}

// Find filters a set of tables (find-operator).
type Find struct {
	Loc
	Params  []Param
	In      []Expr
	Pred    Expr
	Project []FindColumn
	Smart   bool // project-smart
	Away    []Expr
}

// FindColumn is a column of find's project, or pack(*), also written pack_all().
type FindColumn struct {
	Name string
	Type Type
	Pack bool
}

// As names the rows so far (as-operator).
type As struct {
	Loc
	Params []Param
	Name   string
}

// Invoke calls a tabular function with the rows as its first argument (invoke-operator).
type Invoke struct {
	Loc
	Call *Call
}

// Render is display only (render-operator).
type Render struct {
	Loc
	Kind   string
	Params []Param
	// Legacy tells properties without with ( ).
	Legacy bool
}

// GetSchema gives the columns of the input as rows (getschema-operator).
type GetSchema struct{ Loc }

// Consume reads the rows and returns none (consume-operator).
type Consume struct {
	Loc
	Params []Param
}

// PrintOp makes one row (print-operator).
type PrintOp struct {
	Loc
	Items []Item
}

// RangeOp makes a column of values (range-operator).
type RangeOp struct {
	Loc
	Column         string
	From, To, Step Expr
}

func (*Where) operator()          {}
func (*Extend) operator()         {}
func (*Project) operator()        {}
func (*ProjectAway) operator()    {}
func (*ProjectKeep) operator()    {}
func (*ProjectRename) operator()  {}
func (*ProjectReorder) operator() {}
func (*ProjectByNames) operator() {}
func (*Summarize) operator()      {}
func (*Join) operator()           {}
func (*Lookup) operator()         {}
func (*Union) operator()          {}
func (*MvExpand) operator()       {}
func (*MvApply) operator()        {}
func (*MakeSeries) operator()     {}
func (*Sort) operator()           {}
func (*Top) operator()            {}
func (*TopNested) operator()      {}
func (*TopHitters) operator()     {}
func (*Serialize) operator()      {}
func (*Distinct) operator()       {}
func (*Count) operator()          {}
func (*Take) operator()           {}
func (*Sample) operator()         {}
func (*SampleDistinct) operator() {}
func (*ParseOp) operator()        {}
func (*ParseKv) operator()        {}
func (*Evaluate) operator()       {}
func (*Partition) operator()      {}
func (*Scan) operator()           {}
func (*Search) operator()         {}
func (*Find) operator()           {}
func (*As) operator()             {}
func (*Invoke) operator()         {}
func (*Render) operator()         {}
func (*GetSchema) operator()      {}
func (*Consume) operator()        {}
func (*PrintOp) operator()        {}
func (*RangeOp) operator()        {}
