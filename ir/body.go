package ir

import (
	"time"

	"github.com/onerule/onerule/diag"
)

// Body is what a rule over several events asks of them; an event rule has none (nil). Its parts read events only through
// the rule's columns ([Rule].Keys, Args and Conds), by index: so the same body stands for canonical events, and, with the
// columns of a [Part], for native ones.
//
// The members are [*Count], [*FirstSeen], [*Baseline], [*Sequence] and [*Absence].
//
//sumtype:decl
type Body interface{ body() }

// Key is what events are grouped by: the values of a field, compared by code points, or by their simple folds.
//
// Text form: (field source.ip), (fold (field user.name))
type Key struct {
	// Term is a [*Field]; in a bound rule it may be a [*Lit] where the telemetry has one value on every event.
	Term Term
	Fold bool
}

// WindowKind is how time is cut.
type WindowKind uint8

// The kinds of windows. Times are milliseconds since 1970 UTC.
const (
	// Tumbling: [k·Size, (k+1)·Size).
	Tumbling WindowKind = iota + 1
	// Hopping: at each tick k·Every the events in [tick−Size, tick).
	Hopping
	// Sliding: at each event of time t those in (t−Size, t].
	Sliding
	// Session: the events of a key up to a distance of Size or more, or until Max after the first.
	Session
)

var windowNames = []string{"tumbling", "window", "sliding", "session"}

// String returns the word of the language.
func (k WindowKind) String() string {
	if k == 0 || int(k) > len(windowNames) {
		return "invalid"
	}
	return windowNames[k-1]
}

// Window is how a count rule cuts time.
type Window struct {
	Kind WindowKind
	Size time.Duration // Session: the gap
	// Every is the distance of ticks of a hopping window, Max the longest session; else 0.
	Every, Max time.Duration
	Span       diag.Span
}

// Count is the body of a count rule.
//
// Meaning: in each window, for each tuple of the keys Per that an event of the window has, the aggregates of each scope are
// taken over the events of the window that have the scope's keys in common with the tuple; the tuple is a finding when When
// is true.
type Count struct {
	Window Window
	Scopes []Scope
	// Per lists the keys of a finding; each scope's keys are among them.
	Per  []int
	When Cond
}

// Scope is a level of counting. Keys is empty for the scope of all events.
type Scope struct {
	Name string
	Keys []int
	Aggs []Agg
	Span diag.Span
}

// Agg is one aggregate of a scope.
type Agg struct {
	Name string
	Func AggFunc
	// Arg is the index of the column that is aggregated, -1 for count.
	Arg int
	// Percent is the percentile's, from 0 to 100.
	Percent float64
	// Where is the index of a condition on the events that take part, -1 for all.
	Where int
	Span  diag.Span
}

// FirstSeen is the body of a first_seen rule.
//
// Meaning, at each tick s = k·Every: for each value and tuple of Per, the earliest event in [s, s+Every) is a finding when
// none has the pair in [s−History, s), and, with a Warmup, some event has the tuple in [s−History, s−Warmup).
type FirstSeen struct {
	Value int // index of the key whose values are watched
	Per   []int
	// Warmup is 0 when there is none.
	Every, History, Warmup time.Duration
	Span                   diag.Span
}

// Baseline is the body of a baseline rule: a count in tumbling windows beside what was learned from the windows before.
//
// Meaning, for a window [a, a+Bucket) and each tuple of Per that occurs in it: H is the number of windows in [a−Learn, a)
// from the one with the tuple's first event there on, S and Q the sum of the measure and of its squares over them, where
// windows without events count 0. The tuple's own history is used when H ≥ Own; otherwise, with Population, H, S and Q are
// the sums over all tuples in the range. The mean is S/H, the standard deviation that of a sample, 0 if H < 2. When H is 0,
// or no history may be used, there is no finding.
type Baseline struct {
	Bucket  time.Duration
	Per     []int
	Measure Agg
	Learn   time.Duration
	// Own is the least number of windows for a tuple's own history; 0 means 1.
	Own        int
	Population bool
	When       Cond
	Span       diag.Span
}

func (*Count) body()     {}
func (*FirstSeen) body() {}
func (*Baseline) body()  {}

// Cond is a condition on the numbers of a group. It is two-valued: a comparison with a missing number is false.
//
// The members are [*CondAnd], [*CondOr], [*CondNot] and [*CondCmp].
//
//sumtype:decl
type Cond interface {
	cond()
	// Pos is the place in the rule text that the node came from.
	Pos() diag.Span
}

// CondAnd is true when every member is. Text form: (and C D …)
type CondAnd struct {
	Xs   []Cond
	Span diag.Span
}

// CondOr is true when some member is. Text form: (or C D …)
type CondOr struct {
	Xs   []Cond
	Span diag.Span
}

// CondNot is true when X is false. Text form: (not C)
type CondNot struct {
	X    Cond
	Span diag.Span
}

// CondCmp compares two numbers; Op is Eq, Lt, Le, Gt or Ge. Text form: (ge (agg per_ip ok) 20)
type CondCmp struct {
	Op   Op
	L, R Num
	Span diag.Span
}

func (*CondAnd) cond() {}
func (*CondOr) cond()  {}
func (*CondNot) cond() {}
func (*CondCmp) cond() {}

// Pos returns the place in the rule text.
func (n *CondAnd) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *CondOr) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *CondNot) Pos() diag.Span { return n.Span }

// Pos returns the place in the rule text.
func (n *CondCmp) Pos() diag.Span { return n.Span }

// Num is a number of a group; it may be missing, and what is computed from a missing number is missing.
//
// The members are [*NumLit], [*NumAgg], [*NumBase], [*NumArith], [*NumCall] and [*NumStep].
//
//sumtype:decl
type Num interface{ num() }

// NumLit is a literal, or a parameter with the value in force. Text form: 20, (param ip_ok 20)
type NumLit struct {
	Value float64
	// Param is the name of the parameter that the value came from, "" for a literal.
	Param string
}

// NumAgg is an aggregate, by the index of its scope and its own there; a baseline rule has one of each. Times are
// milliseconds. Text form: (agg per_ip ok)
type NumAgg struct{ Scope, Agg int }

// NumBase is a number learned by a baseline rule. Text form: (base mean)
type NumBase struct{ What BaseNum }

// BaseNum is what a baseline learns.
type BaseNum uint8

// The numbers of a baseline.
const (
	BaseMean BaseNum = iota + 1
	BaseStddev
	// BaseScope is the word own or population: whose history was used. It can be shown only.
	BaseScope
)

// String returns the word of the language.
func (b BaseNum) String() string {
	switch b {
	case BaseMean:
		return "mean"
	case BaseStddev:
		return "stddev"
	case BaseScope:
	}
	return "scope"
}

// NumArith is + - * /; a division by zero is missing. Text form: (+ N M)
type NumArith struct {
	Op   byte
	X, Y Num
}

// NumCall is max, min or abs of numbers. Text form: (max N M)
type NumCall struct {
	Func NumFunc
	Args []Num
}

// NumFunc is a function of numbers.
type NumFunc uint8

// The functions of numbers.
const (
	NumMax NumFunc = iota + 1
	NumMin
	NumAbs
)

// NumFuncs lists the functions' names in the order of the constants.
var NumFuncs = []string{"max", "min", "abs"}

// String returns the function's name.
func (f NumFunc) String() string { return NumFuncs[f-1] }

func (*NumLit) num()   {}
func (*NumAgg) num()   {}
func (*NumBase) num()  {}
func (*NumArith) num() {}
func (*NumCall) num()  {}

// Shown is something that a finding of a rule over several events carries besides its keys: an aggregate, a number learned,
// or a column of a step. What is shown need not be a number.
type Shown struct {
	// Name is as written: `per_ip.ok`, `baseline.mean`, `guess.source.ip`.
	Name  string
	Value Num
}

// Scopes returns the scopes of a rule that counts: those of a count rule, the one of a baseline rule.
func (r *Rule) Scopes() []Scope {
	switch b := r.Body.(type) {
	case *Count:
		return b.Scopes
	case *Baseline:
		return []Scope{{Keys: b.Per, Aggs: []Agg{b.Measure}, Span: b.Span}}
	case *FirstSeen, *Sequence, *Absence, nil:
	}
	return nil
}

// Per returns the keys of a finding, as indexes of Keys; none for an event rule.
func (r *Rule) Per() []int {
	switch b := r.Body.(type) {
	case *Count:
		return b.Per
	case *Baseline:
		return b.Per
	case *FirstSeen:
		return b.Per
	case *Sequence:
		return b.Per
	case *Absence:
		return []int{b.Key}
	case nil:
	}
	return nil
}

// Agg returns the aggregate that a number names.
func (r *Rule) Agg(n *NumAgg) *Agg { return &r.Scopes()[n.Scope].Aggs[n.Agg] }

// When returns the condition of a rule that counts, else nil.
func (r *Rule) When() Cond {
	switch b := r.Body.(type) {
	case *Count:
		return b.When
	case *Baseline:
		return b.When
	case *FirstSeen, *Sequence, *Absence, nil:
	}
	return nil
}
