package interp

import (
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// docRef is the place of the event of a row, in the cell behind its columns.
type docRef struct {
	ref native.Ref
	// scope is the tables of the FROM that read the row.
	scope []int
}

// dropDocs is the stage that takes the place of the event off the rows.
func dropDocs(width int) stage {
	return func(rows []row) []row {
		for i := range rows {
			rows[i].cells = rows[i].cells[:width:width]
		}
		return rows
	}
}

// bindKQL runs the text once over all events of FROM and then looks each row up.
func bindKQL(k *call) *expr {
	if !k.want(0, strings_) {
		return nil
	}
	v, ok := k.constant(0)
	text, isText := v.(string)
	if !ok || !isText {
		if ok {
			k.wrong(k.args[0].span, "the query of KQL must be a string, found [%s]", k.args[0].text)
		}
		return nil
	}
	prog, faults := k.r.prog.kql.Compile("", text)
	if faults.HasErrors() {
		k.r.kqlFaults(k.args[0].span, faults)
		return nil
	}
	return k.overEvents("KQL", func(scope []int) map[native.Ref]bool { return k.r.matchKQL(prog, scope, k.args[0].span) })
}

// matchKQL gives the events of some tables that a program matches.
func (r *run) matchKQL(prog native.Program, scope []int, span diag.Span) map[native.Ref]bool {
	in := native.Input{Now: r.in.Now, Doubts: r.in.Doubts, Asked: r.in.Asked}
	for _, i := range scope {
		in.Tables = append(in.Tables, r.in.Tables[i])
	}
	out, faults := prog.Run(in)
	if faults.HasErrors() {
		r.kqlFaults(span, faults)
	}
	hits := make(map[native.Ref]bool, len(out.Matches))
	for _, m := range out.Matches {
		hits[native.Ref{Table: scope[m.Table], Row: m.Row}] = true
	}
	return hits
}

// kqlFaults reports faults inside of the text at the string that holds it.
func (r *run) kqlFaults(span diag.Span, faults diag.List) {
	for _, f := range faults {
		r.fault(diag.ESQLRun, span, "in the KQL query: "+f.Title, f.Help...)
	}
}
