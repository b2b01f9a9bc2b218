package grammar

import (
	"time"

	"github.com/onerule/onerule/diag"
)

// File is one parsed rule file. Items are in source order. A file with faults still holds every item that parsed.
type File struct {
	Name  string
	Items []Item
	// Comments are the comments of the file in source order; [Print] puts them back. A tree made by a program has none.
	Comments []Comment
}

// Comment is one `// text`, with its slashes and without the line end.
type Comment struct {
	At
	Text string
}

// Item is a top-level construct of a file: [*Import], [*Def], [*ListDecl], [*Rule] or [*Tune].
//
//sumtype:decl
type Item interface {
	Node
	item()
}

// Node is anything with a place in the text.
type Node interface{ Pos() diag.Span }

// At is embedded by every node: its place in the text.
type At struct{ Span diag.Span }

// Pos returns the node's place.
func (a At) Pos() diag.Span { return a.Span }

// braces is embedded by nodes with a block: the places of `{` and `}`. They tell the printer which comments are inside.
type braces struct{ open, close diag.Span }

// Name is a plain identifier.
type Name struct {
	At
	Text string
}

// Path is a dotted field path; segments are unquoted. It prints back-quoted segments where needed.
type Path struct {
	At
	Segments []string
}

// Import is `import "x.rule"`.
type Import struct {
	At
	Path *String
}

// Def is `def name = <predicate>`, at file level or inside a rule.
type Def struct {
	At
	Name Name
	Body Expr
}

// ListDecl is `list name from "lists/x.csv" column c` or `list name = ["a", "b"]`.
type ListDecl struct {
	At
	Name   Name
	File   *String // nil when inline
	Column string  // "" means the first column
	Inline *List   // nil when from a file
}

// Rule is `rule name vN { … }`. Clauses are in source order.
type Rule struct {
	At
	braces
	Name    Name
	Version int
	Clauses []Clause
	// Broken is set when a part of the rule did not parse and is absent from Clauses: its meaning is unknown.
	Broken bool
}

// Tune is `tune RULE vN { … }`: parameter values and exclusions for a rule that is written elsewhere.
type Tune struct {
	At
	braces
	Rule    Name
	Version int
	Params  []ParamSet
	Exclude []*Where // each: `exclude where …`
	Broken  bool     // as in [Rule]
}

// ParamSet is `param = value`, in a tune block or a test.
type ParamSet struct {
	At
	Name  Name
	Value Expr
}

// Clause is one clause of a rule.
//
//sumtype:decl
type Clause interface {
	Node
	clause()
}

// Meta is `meta { key = value … }`. Values are strings, names, numbers, or lists of these.
type Meta struct {
	At
	braces
	Entries []MetaEntry
}

// MetaEntry is one `key = value` of a meta block. A bare word (`stable`, `T1136.001`) is a [*PathExpr].
type MetaEntry struct {
	At
	Key   Name
	Value Expr
}

// Param is `param name: type in lo..hi = default "doc"`. Type is int, number, string, duration, bool or list.
type Param struct {
	At
	Name    Name
	Type    Name
	Lo, Hi  Expr // nil when there is no range
	Default Expr // nil when the environment has to give a value
	Doc     string
}

// FieldDecl is `field name: type "doc"`: a field of events that the catalogue does not have. Type is a type of the catalogue;
// with Array (`type[]`) an event may have several values.
type FieldDecl struct {
	At
	Path  *Path
	Type  Name
	Array bool
	Doc   string
}

// From is `from class, class on source, source`.
type From struct {
	At
	Classes []*Path
	Sources []Name
}

// Where is `where <predicate>` (and the body of `exclude where …`).
type Where struct {
	At
	X Expr
}

// WindowKind names how time is cut.
type WindowKind string

// The window kinds of the language.
const (
	Tumbling WindowKind = "tumbling"
	Hopping  WindowKind = "window"
	Sliding  WindowKind = "sliding"
	Session  WindowKind = "session"
)

// Window is `tumbling 1h`, `window 1h every 5m`, `sliding 10m` or `session gap 5m max 1h`.
type Window struct {
	At
	Kind WindowKind
	// Size is the length (for session: the gap). Every is set for `window`, Max for `session`.
	Size, Every, Max *Duration
}

// Count is `count per K, K as x { name = agg … }` or `count total as y { … }`. Per is empty for total.
type Count struct {
	At
	braces
	Total bool
	Per   []Expr
	As    Name
	Aggs  []Agg
}

// Agg is `name = count() where …` inside a count block.
type Agg struct {
	At
	Name  Name
	Call  *Call
	Where Expr // nil when there is no condition
}

// When is `when <condition over aggregates>`.
type When struct {
	At
	X Expr
}

// Measure is `measure n = count() per K`.
type Measure struct {
	At
	Agg Agg
	Per []Expr
}

// Baseline is `baseline of n { learn 1d  own when history >= 12 buckets  population otherwise }`.
type Baseline struct {
	At
	braces
	Of         Name
	Learn      *Duration
	OwnHistory int  // 0 when not given
	Population bool // population otherwise

	ownAt, populationAt diag.Span
}

// Sequence is `sequence by K within T { … }`, or `together by K within T { … }` when not Ordered.
type Sequence struct {
	At
	braces
	Ordered bool
	By      []Expr
	Within  *Duration
	Steps   []*Step
}

// StepKind says how a step takes part in a sequence.
type StepKind string

// The kinds of steps.
const (
	Positive StepKind = ""
	Missing  StepKind = "missing"
	Until    StepKind = "until"
)

// Step is `name: from … where … by … repeat >= n`, `missing from …` or `until from …`. A missing or until step may have a name.
type Step struct {
	At
	Kind   StepKind
	Name   Name // Text "" when unnamed
	From   *From
	Where  *Where // nil when every event of the class fits
	By     []Expr // nil: the keys of the sequence
	Repeat int    // 0 when not given; `repeat >= n`
}

// FirstSeen is `first_seen F per K { every 1h history 14d warmup 7d }`.
type FirstSeen struct {
	At
	braces
	Field                  Expr
	Per                    []Expr
	Every, History, Warmup *Duration // Warmup nil when not given
}

// Expect is the absence rule `expect >= n per K in $list { grace 5m }`; it goes with a tumbling window.
type Expect struct {
	At
	braces
	Min   int
	Per   Expr
	In    *VarRef
	Grace *Duration // nil when not given
}

// Schedule is `schedule every 5m delay 4m lookback 15m`.
type Schedule struct {
	At
	Every, Delay, Lookback *Duration // nil when not given
}

// Emit is `emit per K once per T { entity kind = path … show a, b … }`.
type Emit struct {
	At
	braces
	Per   []Expr
	Once  *Duration // nil when not given
	Items []EmitItem
}

// EmitItem is `entity kind = path` (Kind set) or `show x, y` (Kind empty).
type EmitItem struct {
	At
	Kind  Name
	Shown []Expr
}

// Allow is `allow narrow on datadog "why"`.
type Allow struct {
	At
	Level Name // wider or narrower in the words `widen`, `narrow`
	On    []Name
	Why   *String
}

// Alt is `alt on BINDING { where … }`: the rule's predicate on events of that binding.
type Alt struct {
	At
	braces
	Binding Name
	Where   *Where
}

// Test is `test "name" { … } expect n where …`. A test without timeline words is one event at the origin of time.
type Test struct {
	At
	braces
	Name   *String
	Params []ParamSet  // `with { p = 1 }`
	Lists  []*ListDecl // `with { list admins = ["u1"] }`: lists given inline
	Events []TestEvent
	Expect int
	// ExpectAtLeast is set for `expect >= n`.
	ExpectAtLeast bool
	Where         Expr // a condition on the findings, nil when none
	with          braces
	phases        []phase
}

// phase is the place of a `history { … }` or `now { … }` section of a test.
type phase struct {
	At
	braces
	name string
}

// TestEvent is one line of a test: `+10s 3 x every 10s okta: iam.login { field: value, … } arrives +30s`, or
// `native BINDING """{…}"""` with one JSON object of the vendor's own shape per line.
type TestEvent struct {
	At
	braces
	// Phase is "", "history" or "now".
	Phase string
	// Offset is the distance from the previous line's last event, or from the origin when Absolute (`at 10s`).
	Offset   *Duration
	Absolute bool
	Times    int // `N x`; 1 when not given
	Every    *Duration
	Source   Name  // "" means the rule's only source
	Class    *Path // nil means the rule's only class
	Fields   []TestField
	Arrives  *Duration // nil: arrives when it happens
	// Binding and Native are set for native events.
	Binding Name
	Native  *String
}

// TestField is `process.args: ["a", "b"]` in a test event. In a repeated event the string `{i}` stands for the index from 1.
type TestField struct {
	At
	Path  *Path
	Value Expr // literals and lists; `null` is a [*Null], an element of a list may be an [*Object]
}

// Expr is a predicate or a value; which one is allowed where is decided by lowering.
//
//sumtype:decl
type Expr interface {
	Node
	expr()
}

// Binary is `x and y`, `x or y`, `x + y`, `x - y`, `x * y`, `x / y`.
type Binary struct {
	At
	Op     string
	OpSpan diag.Span
	X, Y   Expr
}

// Unary is `not x` or `-x`.
type Unary struct {
	At
	Op string
	X  Expr
}

// Compare is `x OP y`, with the operator words of the language; `not in` is Op "in" with Negated. A list on the right
// means "any of these". Cased is the word `cased` after the operator.
type Compare struct {
	At
	Op      string
	OpSpan  diag.Span
	Negated bool
	Cased   bool
	X, Y    Expr
}

// Presence is `exists f` or `empty f`.
type Presence struct {
	At
	Op string
	X  *PathExpr
}

// Keyword is `keyword "text"`: some string value of the event contains the text; with Op it is like a pattern or matches an
// expression.
type Keyword struct {
	At
	Op    string // "", like or matches
	Cased bool
	Text  *String
}

// Quant is `any x in f: body`, `all …`, `none …`.
type Quant struct {
	At
	Kind string
	Var  Name
	Over *Path
	Body Expr
}

// Call is a function or aggregate call.
type Call struct {
	At
	Func Name
	Args []Expr
}

// PathExpr is a field, a quantifier variable, a definition's name, an aggregate (`per_ip.ok`) or a step's field
// (`guess.source.ip`): lowering decides which.
type PathExpr struct {
	At
	Path *Path
}

// VarRef is `$name`: a parameter or a list.
type VarRef struct {
	At
	Name string
}

// String is a string literal; Raw is its text in the source with its quotes.
type String struct {
	At
	Value string
	Raw   string
}

// Number is a number literal without sign, as written.
type Number struct {
	At
	Text string
}

// Bool is `true` or `false`.
type Bool struct {
	At
	Value bool
}

// Null is `null`, allowed in test events.
type Null struct{ At }

// Duration is a literal such as `90s`, `5m`, `1h30m`, `14d`, `500ms`.
type Duration struct {
	At
	Value time.Duration
	Text  string
}

// List is `[a, b]`.
type List struct {
	At
	Items []Expr
}

// Object is `{ field: value, … }` in a test event: one element of an array of objects.
type Object struct {
	At
	braces
	Fields []TestField
}

// Paren is `(x)`, kept so that a formatted file keeps its author's parentheses.
type Paren struct {
	At
	X Expr
}

func (*Import) item()   {}
func (*Def) item()      {}
func (*ListDecl) item() {}
func (*Rule) item()     {}
func (*Tune) item()     {}

func (*Meta) clause()      {}
func (*Param) clause()     {}
func (*FieldDecl) clause() {}
func (*ListDecl) clause()  {}
func (*Def) clause()       {}
func (*From) clause()      {}
func (*Where) clause()     {}
func (*Window) clause()    {}
func (*Count) clause()     {}
func (*When) clause()      {}
func (*Measure) clause()   {}
func (*Baseline) clause()  {}
func (*Sequence) clause()  {}
func (*FirstSeen) clause() {}
func (*Expect) clause()    {}
func (*Schedule) clause()  {}
func (*Emit) clause()      {}
func (*Allow) clause()     {}
func (*Alt) clause()       {}
func (*Test) clause()      {}

func (*Binary) expr()   {}
func (*Unary) expr()    {}
func (*Compare) expr()  {}
func (*Presence) expr() {}
func (*Keyword) expr()  {}
func (*Quant) expr()    {}
func (*Call) expr()     {}
func (*PathExpr) expr() {}
func (*VarRef) expr()   {}
func (*String) expr()   {}
func (*Number) expr()   {}
func (*Bool) expr()     {}
func (*Null) expr()     {}
func (*Duration) expr() {}
func (*List) expr()     {}
func (*Object) expr()   {}
func (*Paren) expr()    {}
