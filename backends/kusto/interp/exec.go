package interp

import (
	"math/rand/v2"
	"regexp"
	"sync"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// Limits that bound a run. The service has its own (64 MB of results, 5 GB of memory); ours only keep bad input from
// hanging or filling the memory.
const (
	maxSteps  = 200_000_000 // rows visited, elements produced, comparisons of joins
	maxCells  = 20_000_000  // cells of all intermediate tables together
	maxString = 16 << 20    // bytes of one string
	maxBytes  = 1 << 30     // bytes of all strings that functions produce
)

// exec is one run of a query.
type exec struct {
	in    native.Input
	now   datetime
	rng   *rand.Rand
	re    *regexCache
	steps int64
	cells int64
	bytes int64
	// epoch changes whenever the rows of a subquery's source change; caches of tables depend on it while depth > 0.
	epoch, depth int
	warnings     []string
}

// runFault carries a diagnostic out of an evaluation.
type runFault struct{ d diag.Diagnostic }

func (x *exec) fail(code diag.Code, at diag.Span, title string, help ...string) {
	panic(runFault{diag.New(code, at, title, help...)})
}

// tick counts work.
func (x *exec) tick(n int) {
	x.steps += int64(n)
	if x.steps > maxSteps {
		x.fail(diag.KustoLimit, diag.Span{}, "the query does more work than the interpreter allows", "filter earlier, or run it on fewer events")
	}
}

// grow counts rows of a new intermediate table.
func (x *exec) grow(rows, width int) {
	x.tick(rows)
	x.cells += int64(rows) * int64(width+1)
	if x.cells > maxCells {
		x.fail(diag.KustoLimit, diag.Span{}, "the query makes more rows than the interpreter allows", "filter earlier, or run it on fewer events")
	}
}

// spend counts the bytes of a string that a function makes.
func (x *exec) spend(n int) {
	x.bytes += int64(n)
	if n > maxString || x.bytes > maxBytes {
		x.fail(diag.KustoLimit, diag.Span{}, "the query builds strings that are too long for the interpreter")
	}
}

// regexCache keeps compiled expressions for all runs of a program.
type regexCache struct {
	mu sync.Mutex
	m  map[string]regexEntry
}

type regexEntry struct {
	re  *regexp.Regexp
	err error
}

// env is what an expression is evaluated in.
type env struct {
	x   *exec
	row []any
	// src is the input row that the row came from, nil when it came from several.
	src *native.Ref
	// i is the position of the row in the operator's input, for window functions.
	i    int
	win  [][]any
	aggs []any
	// scan is the state of the scan operator whose step the row is in.
	scan *scanState
}

// cexpr is a bound expression.
type cexpr struct {
	typ  syntax.Type
	eval func(e *env) any
	// konst tells that the value does not depend on a row.
	konst bool
	// name is the column name that the expression gives by itself, "" when it gives none.
	name string
	at   diag.Span
	// tuple holds the columns of a function that gives several (series_fit_line …); eval then gives []any.
	tuple []column
	src   syntax.Expr
	// home is the row scope that the expression reads, nil for constants.
	home *rowScope
	// star marks the argument *.
	star bool
	// typeArg is the type of a typeof(…) argument.
	typeArg syntax.Type
	// table is set when the expression is a tabular one used as an argument.
	table *node
}

func constant(v any, t syntax.Type, at diag.Span) *cexpr {
	return &cexpr{typ: t, konst: true, at: at, eval: func(*env) any { return v }}
}

// value evaluates a constant expression.
func (c *cexpr) value(x *exec) any { return c.eval(&env{x: x}) }
