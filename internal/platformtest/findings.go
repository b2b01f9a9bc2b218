package platformtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

// Found runs the document and returns the findings by identity, with what they show.
func (m *Made) Found(t T, in schedule.Input) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range m.run(t, in) {
		x := m.Read(t, f)
		id, text := x.Identity(), m.Shown(x)
		if before, twice := out[id]; twice && (!m.Again || before != text) {
			t.Fatalf("%s is found twice\n%s\n%s\n%s", id, before, text, m.Art.Query.Text)
		}
		out[id] = text
	}
	return out
}

func (m *Made) run(t T, in schedule.Input) []schedule.Finding {
	t.Helper()
	fs, diags := m.Platform.Run(m.Doc, in)
	if diags.HasErrors() {
		t.Fatalf("run: %v\n%s", diags, m.Art.Query.Text)
	}
	return fs
}

// Ticks runs the document and returns what each of its runs told; the runs start at these times.
func (m *Made) Ticks(t T, in schedule.Input, starts []time.Time) []verify.Tick {
	t.Helper()
	fs := m.run(t, in)
	var out []verify.Tick
	told := 0
	for _, at := range starts {
		tick := verify.Tick{At: at}
		for _, f := range fs {
			if f.At.Equal(at) {
				tick.Findings = append(tick.Findings, *m.Read(t, f))
				told++
			}
		}
		out = append(out, tick)
	}
	if told != len(fs) {
		t.Fatalf("%d of %d findings are told at ticks", told, len(fs))
	}
	return out
}

// Read reads a finding from the columns that the artefact names.
func (m *Made) Read(t T, f schedule.Finding) *ir.Finding {
	t.Helper()
	r, cols := m.Bound.Rule, m.Art.Columns
	x := &ir.Finding{Key: []schema.Value{}}
	for i, k := range r.Per() {
		x.Key = append(x.Key, m.Key(t, f, r.Keys[k], cols.Keys[i]))
	}
	if b, ok := r.Body.(*ir.FirstSeen); ok {
		v := m.Key(t, f, r.Keys[b.Value], cols.Value)
		x.Value = &v
	}
	millis := func(name string) int64 {
		ms, ok := m.Millis(f.Columns[name])
		if !ok {
			t.Fatalf("column %s holds %v of %v\n%s", name, f.Columns[name], f.Columns, m.Art.Query.Text)
		}
		return ms
	}
	if cols.From != "" {
		x.From = millis(cols.From)
		x.To = x.From + WindowSize(r).Milliseconds()
	}
	if cols.Time != "" {
		x.Time = millis(cols.Time)
	}
	for i, s := range r.Emit.Shown {
		var column any
		if i < len(cols.Shown) && cols.Shown[i] != "" {
			column = f.Columns[cols.Shown[i]]
		}
		x.Shown = append(x.Shown, m.values(r.ShownType(s), column))
	}
	return x
}

// Key reads a value of a key.
func (m *Made) Key(t T, f schedule.Finding, k ir.Key, column string) schema.Value {
	t.Helper()
	v, ok := schema.Convert(ir.TermType(k.Term), f.Columns[column])
	if !ok {
		t.Fatalf("column %s holds %v of %v\n%s", column, f.Columns[column], f.Columns, m.Art.Query.Text)
	}
	if k.Fold {
		v = schema.String(pattern.FoldString(v.Str()))
	}
	return v
}

func (m *Made) values(typ schema.Type, column any) []schema.Value {
	read := m.Value
	if read == nil {
		read = schema.Convert
	}
	items, ok := column.([]any)
	if !ok {
		items = []any{column}
	}
	var out []schema.Value
	for _, item := range items {
		if v, ok := read(typ, item); ok && !(m.Sets && slices.Contains(out, v)) {
			out = append(out, v)
		}
	}
	return out
}

// Shown is the text of what a finding shows.
func (m *Made) Shown(f *ir.Finding) string {
	var parts []string
	for i, vals := range f.Shown {
		var texts []string
		for _, v := range vals {
			if v.Type().IsNumber() {
				texts = append(texts, strconv.FormatFloat(v.Float64()+0, 'g', m.Digits, 64))
			} else {
				texts = append(texts, v.String())
			}
		}
		slices.Sort(texts)
		parts = append(parts, m.Bound.Rule.Emit.Shown[i].Name+"="+strings.Join(texts, "|"))
	}
	return strings.Join(parts, " ")
}

// Rows are the events as the body of the rule reads them.
func Rows(t T, b *ir.Bound, events []schema.Event) []eval.Row {
	t.Helper()
	var columns []*eval.Columns
	for _, p := range b.Parts {
		c, err := eval.PartColumns(p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		columns = append(columns, c)
	}
	var out []eval.Row
	for i := range events {
		for _, c := range columns {
			if row, ok := c.Row(&events[i]); ok {
				out = append(out, row)
				break
			}
		}
	}
	return out
}

// Expected are the findings by the meaning of the rule.
func (m *Made) Expected(t T, events []schema.Event) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range eval.Findings(m.Bound.Rule, Rows(t, m.Bound, events), eval.Always) {
		out[f.Identity()] = m.Shown(&f)
	}
	return out
}

// Compare holds the findings of the document in an input against the meaning on the events of it, in all readings of the clock. It
// returns the number of findings.
func (m *Made) Compare(t T, in schedule.Input, events []schema.Event) int {
	t.Helper()
	want := m.Expected(t, events)
	for in := range m.Readings(in) {
		if got := m.Found(t, in); fmt.Sprint(got) != fmt.Sprint(want) {
			m.Fail(t, in, events, "\nwant %v\ngot  %v", want, got)
		}
	}
	return len(want)
}

// CompareWindows holds the findings of a rule over windows against the meaning, for the windows that end after the run before the
// first one, and up to the last one: at the times that are settled then.
func (m *Made) CompareWindows(t T, in schedule.Input, events []schema.Event, rows []eval.Row, before, last time.Time) int {
	t.Helper()
	size := WindowSize(m.Bound.Rule)
	want := map[string]string{}
	for _, f := range eval.Findings(m.Bound.Rule, rows, eval.Range{From: before.Add(-size).UnixMilli() + 1, To: last.Add(-size).UnixMilli() + 1}) {
		want[f.Identity()] = m.Shown(&f)
	}
	if got := m.Found(t, in); fmt.Sprint(got) != fmt.Sprint(want) {
		m.Fail(t, in, events, "\nwant %v\ngot  %v", want, got)
	}
	return len(want)
}

// Apart reports whether all rows have times of their own.
func Apart(rows []eval.Row) bool {
	seen := map[int64]bool{}
	for _, r := range rows {
		if seen[r.Millis] {
			return false
		}
		seen[r.Millis] = true
	}
	return true
}

// LongRuns reports whether the events of some group follow each other, without the gap of a session rule, for more than two of its
// longest sessions: then sessions depend on where the first began.
func LongRuns(rows []eval.Row, r *ir.Rule) bool {
	w := r.Body.(*ir.Count).Window
	last, first := map[string]int64{}, map[string]int64{}
	for _, row := range slices.SortedFunc(slices.Values(rows), func(a, b eval.Row) int { return int(a.Millis - b.Millis) }) {
		for _, g := range groupsOf(row, r.Per()) {
			if at, ok := last[g]; !ok || row.Millis-at >= w.Size.Milliseconds() {
				first[g] = row.Millis
			}
			last[g] = row.Millis
			if row.Millis-first[g] > 2*w.Max.Milliseconds() {
				return true
			}
		}
	}
	return false
}

// groupsOf are the tuples of a row, as texts.
func groupsOf(row eval.Row, per []int) []string {
	groups := []string{""}
	for _, k := range per {
		var longer []string
		for _, g := range groups {
			for _, v := range row.Keys[k] {
				longer = append(longer, g+"\x00"+v.String())
			}
		}
		groups = longer
	}
	return groups
}
