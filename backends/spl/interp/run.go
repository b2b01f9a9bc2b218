package interp

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// Limits of one run. Reaching one ends the run with a Limit diagnostic.
const (
	maxRows       = 500_000     // rows that one command may make
	maxCopied     = 10_000_000  // fields that commands may copy into new rows
	maxCells      = 5_000_000   // rows times columns of a chart
	maxSteps      = 400_000_000 // steps of aggregation windows and regular expressions
	maxMatchSteps = 2_000_000   // steps of one regular expression on one text
	maxValueBytes = 16 << 20    // length of one text
	maxValues     = 1_000_000   // values of one multivalue field
)

// program is a compiled query.
type program struct {
	main     pipeline
	lookups  map[string]bool
	regexes  *regexCache
	warnings []string
	steps    int // the budget of one run
}

// run is the state of one execution.
type run struct {
	p        *program
	in       native.Input
	on       switches
	clock    *float64
	steps    int
	warn     []string
	warns    map[string]bool
	diags    diag.List
	subs     map[*syntax.Query]predicate
	subExprs map[*syntax.Query]evalFunc
	copied   int // fields copied by commands that multiply rows
	exact    int // nesting of exact()
}

// Run executes the query on the tables of in.
func (p *program) Run(in native.Input) (native.Output, diag.List) {
	r := &run{p: p, in: in, on: resolve(in), steps: p.steps, warns: map[string]bool{}, subs: map[*syntax.Query]predicate{}, subExprs: map[*syntax.Query]evalFunc{}}
	for _, w := range p.warnings {
		r.warning("%s", w)
	}
	out := r.exec(p.main, set{})
	if r.failed() {
		return native.Output{}, r.diags.Sort()
	}
	o := r.output(out)
	o.Warnings = r.warn
	return o, nil
}

// exec runs the stages of a pipeline one after the other.
func (r *run) exec(p pipeline, in set) set {
	for _, st := range p {
		if r.failed() {
			return set{}
		}
		if !r.spend(len(in.rows) + 1) {
			return set{}
		}
		in = st(r, in)
		if len(in.rows) > maxRows {
			r.limit(fmt.Sprintf("a command made more than %d rows", maxRows))
		}
	}
	return in
}

func (r *run) failed() bool { return len(r.diags) > 0 }

// fault ends the run.
func (r *run) fault(code diag.Code, span diag.Span, title string, help ...string) {
	if !r.failed() {
		r.diags = append(r.diags, diag.New(code, span, title, help...))
	}
}

func (r *run) limit(title string) {
	r.fault(diag.SPLLimit, diag.Span{}, title, "run the query on fewer events, or narrow it")
}

// spend counts steps and reports whether some are left.
func (r *run) spend(n int) bool {
	if r.steps -= n; r.steps <= 0 {
		r.limit("the query needs too many steps")
		return false
	}
	return true
}

func (r *run) warning(format string, args ...any) {
	w := fmt.Sprintf(format, args...)
	if !r.warns[w] && len(r.warn) < 100 {
		r.warns[w] = true
		r.warn = append(r.warn, w)
	}
}

// now is now(): Input.Now, else the latest event time of all tables, else 0.
func (r *run) now() float64 {
	if r.clock == nil {
		now := r.findNow()
		r.clock = &now
	}
	return *r.clock
}

func (r *run) findNow() float64 {
	if !r.in.Now.IsZero() {
		return seconds(r.in.Now)
	}
	latest := math.Inf(-1)
	for i := range r.in.Tables {
		if r.isLookup(r.in.Tables[i].Name) {
			continue
		}
		for _, w := range r.load(i) {
			if t, ok := w.f["_time"]; ok {
				latest = max(latest, t.num)
			}
		}
	}
	if math.IsInf(latest, -1) {
		return 0
	}
	return latest
}

func (r *run) isLookup(table string) bool { return r.p.lookups[table] }

// events returns fresh rows for the events of all tables but lookups, newest first, inside the time range; own are the
// bounds that the query sets itself.
func (r *run) events(own timeBounds) []*row {
	var rows []*row
	for i, t := range r.in.Tables {
		if !r.isLookup(t.Name) && r.spend(20*len(t.Rows)) {
			rows = append(rows, r.load(i)...)
		}
	}
	rows = r.inRange(rows, own)
	arrive(rows)
	return rows
}

// inRange drops the rows outside [From, To). A bound that the query sets itself replaces the given one; the search
// expression applies it.
func (r *run) inRange(rows []*row, own timeBounds) []*row {
	from, to := r.bounds(own)
	if own.earliest != "" {
		from = math.Inf(-1)
	}
	if own.latest != "" {
		to = math.Inf(1)
	}
	if math.IsInf(from, -1) && math.IsInf(to, 1) {
		return rows
	}
	return slices.DeleteFunc(rows, func(w *row) bool {
		t, ok := w.f["_time"]
		return !ok || t.num < from || t.num >= to
	})
}

// bounds is the time range of the search, infinite where it is open: the query's own, else the given one.
func (r *run) bounds(own timeBounds) (from, to float64) {
	from, to = math.Inf(-1), math.Inf(1)
	if spec := own.earliest; spec != "" {
		from, _ = relativeTime(r.now(), spec)
	} else if !r.in.From.IsZero() {
		from = seconds(r.in.From)
	}
	if spec := own.latest; spec != "" {
		to, _ = relativeTime(r.now(), spec)
	} else if !r.in.To.IsZero() {
		to = seconds(r.in.To)
	}
	return from, to
}

// output makes the result of the last set.
func (r *run) output(s set) native.Output {
	cols := r.columns(s)
	o := native.Output{Columns: make([]native.Column, len(cols)), Results: make([]native.Result, len(s.rows))}
	for i, c := range cols {
		o.Columns[i].Name = c
	}
	for i, w := range s.rows {
		cells := make([]any, len(cols))
		for j, c := range cols {
			cells[j] = w.get(c).output()
		}
		o.Results[i] = native.Result{Cells: cells, Source: w.src}
	}
	return o
}

// columns returns the ordered columns, then all others sorted. Of the fields that begin with an underscore only those that
// are in order, _time and _raw are shown.
func (r *run) columns(s set) []string {
	seen := map[string]bool{}
	cols := make([]string, 0, len(s.order))
	for _, c := range s.order {
		if !seen[c] {
			seen[c] = true
			cols = append(cols, c)
		}
	}
	rest := map[string]bool{}
	for _, w := range s.rows {
		for name := range w.f {
			if !seen[name] && (!strings.HasPrefix(name, "_") || name == "_time" || name == "_raw") {
				rest[name] = true
			}
		}
	}
	return append(cols, slices.Sorted(maps.Keys(rest))...)
}

// fieldsOf returns the names of all fields of a set: in order, then the others sorted.
func fieldsOf(s set) []string {
	seen := map[string]bool{}
	var names []string
	for _, c := range s.order {
		if !seen[c] {
			seen[c] = true
			names = append(names, c)
		}
	}
	rest := map[string]bool{}
	for _, w := range s.rows {
		for name := range w.f {
			if !seen[name] {
				rest[name] = true
			}
		}
	}
	return append(names, slices.Sorted(maps.Keys(rest))...)
}
