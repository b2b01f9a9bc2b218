package run

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/datadog/search/interp"
)

// missing is the value of a missing field where a query's group-by is optional.
const missing = "N/A"

// values lists the different texts of a field in an event.
func (d *detection) values(e *event, field string) []string {
	var out []string
	for _, v := range interp.Values(d.switches, e.row, field) {
		if s := interp.Text(v); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) > 1 && !d.on(DoubtGroupArray) {
		return []string{strings.Join(out, ",")}
	}
	return out
}

// tuples lists the combinations of an event's values of some fields: none when one is missing, unless that is optional.
func (d *detection) tuples(e *event, fields []string, optional bool) [][]string {
	out := [][]string{{}}
	for _, f := range fields {
		vs := d.values(e, f)
		if len(vs) == 0 && optional {
			vs = []string{missing}
		}
		var longer [][]string
		for _, t := range out {
			for _, v := range vs {
				longer = append(longer, append(slices.Clone(t), v))
			}
		}
		out = longer
	}
	return out
}

// keyOf is a text that stands for exactly one tuple.
func keyOf(tuple []string) string {
	var b strings.Builder
	for _, v := range tuple {
		b.WriteString(strconv.Quote(v))
	}
	return b.String()
}
