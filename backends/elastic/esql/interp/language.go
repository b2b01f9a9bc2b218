package interp

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"time"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// doubts lists the switches of this language, sorted by name.
var doubts = []native.Doubt{doubtFirstNull, doubtFloat, doubtInlineMulti, doubtLikeEscape}

// Language is ES|QL as text that can be run. FROM finds a table by name, by an index pattern, and the one table without a
// name by anything; METADATA _id is the "_id" of the event, or the number of its row. KQL() is refused: see [New].
var Language = New(native.Language{})

// New gives ES|QL whose function KQL() runs the given language, the Kibana Query Language, on the events of FROM. An
// empty language leaves KQL() out.
func New(kql native.Language) native.Language {
	return native.Language{
		Name:    "esql",
		Doubts:  doubts,
		Compile: func(file, text string) (native.Program, diag.List) { return compile(file, text, kql) },
		Reprint: reprint,
	}
}

// program is a parsed query; the columns and their types are checked by each run.
type program struct {
	file  string
	text  string
	query *syntax.Query
	kql   native.Language
}

func compile(file, text string, kql native.Language) (native.Program, diag.List) {
	q, faults := syntax.Parse(file, text)
	faults = append(faults, checkNames(q, kql.Compile != nil)...)
	if faults.HasErrors() {
		return nil, faults.Sort()
	}
	return &program{file: file, text: text, query: q, kql: kql}, faults
}

func reprint(file, text string) (string, diag.List) {
	q, faults := syntax.Parse(file, text)
	if faults.HasErrors() {
		return "", faults
	}
	return syntax.Print(q), faults
}

// run is one run of a program.
type run struct {
	prog   *program
	in     native.Input
	now    int64
	faults diag.List
	out    native.Output
	// work counts cells and text made; over maxWork the run ends.
	work int64
	// nullify is SET unmapped_fields = "nullify": unknown columns are null.
	nullify bool
	// docs is set while rows carry the place of their event in a cell behind their columns, for KQL() and QSTR().
	docs    bool
	regexes map[string]any
}

// maxWork bounds what one run may compute: cells, and text in units of 32 bytes.
const maxWork = 400_000_000

// overrun ends a run whose work is over the limit.
type overrun struct{}

// spend counts work.
func (r *run) spend(n int) {
	r.work += int64(n)
	if r.work > maxWork {
		panic(overrun{})
	}
}

// Run checks the query against the tables and runs it.
func (p *program) Run(in native.Input) (out native.Output, faults diag.List) {
	r := &run{prog: p, in: in, now: nowOf(in), regexes: map[string]any{}, docs: needsEvents(p.query)}
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(overrun); !ok {
				panic(e)
			}
			out, faults = native.Output{}, append(r.faults, diag.New(diag.ESQLLimit, p.query.Span,
				"the query computes too much", "filter earlier, or give fewer events"))
		}
	}()
	stages, cols := r.plan()
	if r.faults.HasErrors() {
		return native.Output{}, r.faults.Sort()
	}
	rows := []row{{}}
	for _, s := range stages {
		rows = s(rows)
		r.spend(len(rows))
		if r.faults.HasErrors() {
			return native.Output{}, r.faults.Sort()
		}
	}
	r.emit(cols, rows)
	return r.out, r.faults.Sort()
}

// hold counts cells that stay in memory, which are dearer than work.
func (r *run) hold(cells int) { r.spend(10 * cells) }

// nowOf is the instant of NOW(): the one given, else the largest @timestamp of the tables.
func nowOf(in native.Input) int64 {
	if !in.Now.IsZero() {
		return in.Now.UnixMilli()
	}
	var best int64
	for i := range in.Tables {
		for _, row := range in.Tables[i].Rows {
			if ms, ok := timestampOf(row); ok && ms > best {
				best = ms
			}
		}
	}
	return best
}

// timestampField reads @timestamp of events whatever their mapping says.
var timestampField = func() *mapping.Field {
	m, err := mapping.New(map[string]string{"@timestamp": "date"})
	if err != nil {
		panic(err)
	}
	f, _ := m.Lookup("@timestamp")
	return f
}()

func timestampOf(event native.Row) (int64, bool) {
	cell, _ := loadCell(timestampField, tDate, event)
	ms, ok := cell.(int64)
	return ms, ok
}

// emit makes the result rows.
func (r *run) emit(cols schema, rows []row) {
	for _, c := range cols {
		r.out.Columns = append(r.out.Columns, native.Column{Name: c.name, Type: c.typ.String()})
	}
	r.out.Results = make([]native.Result, len(rows))
	for i, x := range rows {
		cells := make([]any, len(cols))
		for j, c := range cols {
			cells[j] = external(c.typ, x.cells[j])
		}
		r.out.Results[i] = native.Result{Cells: cells, Source: x.src}
	}
}

// external is a cell as results carry it: json.Number, string, bool, time.Time, []any or nil.
func external(t typ, cell any) any {
	switch c := cell.(type) {
	case nil:
		return nil
	case mv:
		out := make([]any, len(c))
		for i, v := range c {
			out[i] = external(t, v)
		}
		return out
	case int64:
		switch {
		case t == tDate:
			return millisTime(c)
		case t == tNanos:
			return nanosTime(c)
		}
		return json.Number(strconv.FormatInt(c, 10))
	case uint64:
		return json.Number(strconv.FormatUint(c, 10))
	case float64:
		return json.Number(jsonDouble(c))
	case netip.Addr:
		return c.String()
	case native.Row:
		return map[string]any(c)
	case duration:
		return (time.Duration(c) * time.Millisecond).String()
	case period:
		return strconv.FormatInt(c.months, 10) + " months " + strconv.FormatInt(c.days, 10) + " days"
	}
	return cell
}

// jsonDouble writes a double as a JSON number that stays a double: 1.0, 1.0E10.
func jsonDouble(f float64) string { return formatDouble(f) }
