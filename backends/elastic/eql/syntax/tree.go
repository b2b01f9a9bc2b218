package syntax

import "github.com/onerule/onerule/diag"

// Query is one EQL query: a statement and the pipes behind it.
type Query struct {
	Statement Statement
	Pipes     []Pipe
	Span      diag.Span
}

// Statement is what a query searches for: [*EventQuery], [*Sequence] or [*Sample].
//
//sumtype:decl
type Statement interface {
	isStatement()
	// Pos returns the text of the statement.
	Pos() diag.Span
}

// EventQuery is `category where condition`.
type EventQuery struct {
	Category Category
	Where    Expr
	Span     diag.Span
}

// Category is the event category in front of `where`: `any`, or a value of the category field.
type Category struct {
	Any  bool
	Name string // "" when Any
	Span diag.Span
}

// Sequence is `sequence by keys with maxspan=T [..] [..] until [..]`: events in order of time.
type Sequence struct {
	Keys    []*Field  // the shared join keys
	MaxSpan *Duration // nil when there is none
	Terms   []Term
	Until   *Term // nil when there is none; without Missing and Runs
	Span    diag.Span
}

// Sample is `sample by keys [..] [..]`: events that share keys, in any order.
type Sample struct {
	Keys  []*Field
	Terms []Term // without Missing and Runs
	Span  diag.Span
}

// Term is one bracket of a sequence or sample: `[event] by keys with runs=N`, or `![event]` for a missing event.
type Term struct {
	Missing bool
	Event   *EventQuery
	Keys    []*Field
	Runs    int // 0 when `with runs` is not written
	Span    diag.Span
}

// Duration is a time such as `30s`; the units are ms, s, m, h and d.
type Duration struct {
	Count int64
	Unit  string
	Span  diag.Span
}

// Pipe is `| head N` or `| tail N`.
type Pipe struct {
	Name  string // "head" or "tail"
	Count int64
	Span  diag.Span
}

func (*EventQuery) isStatement() {}
func (*Sequence) isStatement()   {}
func (*Sample) isStatement()     {}

// Pos implements [Statement].
func (q *EventQuery) Pos() diag.Span { return q.Span }

// Pos implements [Statement].
func (q *Sequence) Pos() diag.Span { return q.Span }

// Pos implements [Statement].
func (q *Sample) Pos() diag.Span { return q.Span }

// Expr is a condition or a value: one of [*Null], [*Bool], [*Number], [*String], [*Field], [*Call], [*Not], [*Logical],
// [*Compare], [*Arith], [*Sign], [*In] and [*Match].
//
//sumtype:decl
type Expr interface {
	isExpr()
	// Pos returns the text of the expression.
	Pos() diag.Span
}

// Null is the constant `null`.
type Null struct{ Span diag.Span }

// Bool is `true` or `false`.
type Bool struct {
	Value bool
	Span  diag.Span
}

// Number is an unsigned number as written, such as `1`, `1.5`, `.5` or `1e3`; a sign is a [*Sign].
type Number struct {
	Text string
	Span diag.Span
}

// String is a string constant; Value is the text it stands for.
type String struct {
	Value string
	Span  diag.Span
}

// Field is a field by its whole dotted name; `?f` marks it Optional: it may be unmapped.
type Field struct {
	Name     string
	Optional bool
	Span     diag.Span
}

// Call is a function call; Insensitive is the `~` behind the name.
type Call struct {
	Name        string
	Insensitive bool
	Args        []Expr
	Span        diag.Span
}

// Not is `not x`.
type Not struct {
	X    Expr
	Span diag.Span
}

// Logical is `a and b and …` or `a or b or …`, of two or more operands, none of them a Logical of the same operator.
type Logical struct {
	Op   LogicalOp
	Xs   []Expr
	Span diag.Span
}

// LogicalOp is `and` or `or`.
type LogicalOp string

// The logical operators.
const (
	And LogicalOp = "and"
	Or  LogicalOp = "or"
)

// Compare is `a == b` and the like. Comparisons do not chain.
type Compare struct {
	Op   CompareOp
	L, R Expr
	Span diag.Span
}

// CompareOp is a comparison operator.
type CompareOp string

// The comparison operators; all are case-sensitive on strings.
const (
	Eq CompareOp = "=="
	Ne CompareOp = "!="
	Lt CompareOp = "<"
	Le CompareOp = "<="
	Gt CompareOp = ">"
	Ge CompareOp = ">="
)

// Arith is `a + b` and the like.
type Arith struct {
	Op   ArithOp
	L, R Expr
	Span diag.Span
}

// ArithOp is an arithmetic operator.
type ArithOp string

// The arithmetic operators.
const (
	Add ArithOp = "+"
	Sub ArithOp = "-"
	Mul ArithOp = "*"
	Div ArithOp = "/"
	Mod ArithOp = "%"
)

// Sign is `-x` or `+x`.
type Sign struct {
	Minus bool
	X     Expr
	Span  diag.Span
}

// In is `x in (a, b)`, `x not in~ (a, b)` and so on.
type In struct {
	X           Expr
	Not         bool
	Insensitive bool
	List        []Expr
	Span        diag.Span
}

// Match is a string test against constants: `x : "a*"`, `x like~ ("a", "b")`, `x regex "…"`. One pattern is enough.
type Match struct {
	X        Expr
	Op       MatchOp
	Patterns []*String
	Span     diag.Span
}

// MatchOp is a string operator.
type MatchOp string

// The string operators. `:` and `like` know the wildcards * and ?, `regex` is a Lucene expression over the whole value;
// `:` and the forms with ~ ignore case.
const (
	Colon            MatchOp = ":"
	Like             MatchOp = "like"
	LikeInsensitive  MatchOp = "like~"
	Regex            MatchOp = "regex"
	RegexInsensitive MatchOp = "regex~"
)

func (*Null) isExpr()    {}
func (*Bool) isExpr()    {}
func (*Number) isExpr()  {}
func (*String) isExpr()  {}
func (*Field) isExpr()   {}
func (*Call) isExpr()    {}
func (*Not) isExpr()     {}
func (*Logical) isExpr() {}
func (*Compare) isExpr() {}
func (*Arith) isExpr()   {}
func (*Sign) isExpr()    {}
func (*In) isExpr()      {}
func (*Match) isExpr()   {}

// Pos implements [Expr].
func (x *Null) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Bool) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Number) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *String) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Field) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Call) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Not) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Logical) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Compare) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Arith) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Sign) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *In) Pos() diag.Span { return x.Span }

// Pos implements [Expr].
func (x *Match) Pos() diag.Span { return x.Span }
