package interp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// table makes a table of JSON objects, one a line.
func table(tb testing.TB, name, lines string) native.Table {
	tb.Helper()
	t := native.Table{Name: name}
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		var row native.Row
		if err := dec.Decode(&row); err != nil {
			tb.Fatalf("%s: %v", line, err)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// execute compiles and runs a query that must be right.
func execute(tb testing.TB, query string, in native.Input) native.Output {
	tb.Helper()
	p, diags := Language.Compile("q", query)
	if diags.HasErrors() {
		tb.Fatalf("%s\n%v", query, brief(diags))
	}
	out, diags := p.Run(in)
	if diags.HasErrors() {
		tb.Fatalf("%s\n%v", query, brief(diags))
	}
	return out
}

func brief(l diag.List) string {
	var lines []string
	for _, d := range l {
		lines = append(lines, d.Brief())
	}
	return strings.Join(lines, "\n")
}

// rows prints results as `name=value name=value`, a line each; null cells are left out, values of several joined by |.
func rows(out native.Output) string {
	var lines []string
	for _, res := range out.Results {
		var cells []string
		for i, c := range res.Cells {
			if c == nil {
				continue
			}
			cells = append(cells, out.Columns[i].Name+"="+cell(c))
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

func cell(c any) string {
	list, ok := c.([]any)
	if !ok {
		return fmt.Sprint(c)
	}
	var parts []string
	for _, e := range list {
		parts = append(parts, fmt.Sprint(e))
	}
	return strings.Join(parts, "|")
}

// value1 evaluates one expression on one event; "null" for null.
func value1(tb testing.TB, expr, event string, doubts map[string]bool) string {
	tb.Helper()
	out := execute(tb, "index=* | eval out="+expr+" | table out", native.Input{Tables: []native.Table{table(tb, "", event)}, Doubts: doubts})
	if len(out.Results) != 1 {
		tb.Fatalf("%d rows", len(out.Results))
	}
	if out.Results[0].Cells[0] == nil {
		return "null"
	}
	return cell(out.Results[0].Cells[0])
}
