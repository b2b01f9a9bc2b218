package interp

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/backends/native"
)

// The documentation prints cells as text in Markdown tables: these functions compare such text with a cell.

var (
	breaks = regexp.MustCompile(`<br */?>`)
	blanks = regexp.MustCompile(`\s+`)
)

// plainCell removes what Markdown adds to a cell.
func plainCell(s string) string {
	s = breaks.ReplaceAllString(s, " ")
	s = strings.ReplaceAll(html.UnescapeString(s), "\u00a0", " ")
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[0] == '`' && s[len(s)-1] == '`' {
		s = strings.Trim(s, "`")
	}
	s = strings.ReplaceAll(s, `\|`, "|")
	return strings.TrimSpace(s)
}

// sameCell reports whether a cell of a type prints as expected.
func sameCell(want string, got any, typ string) bool {
	if s, ok := got.(string); ok {
		if strings.TrimSpace(want) == strings.TrimSpace(s) {
			return true
		}
		got = strings.ReplaceAll(s, "\u00a0", " ")
	}
	want = plainCell(want)
	switch v := got.(type) {
	case nil:
		return want == "" || want == "null" || want == "NULL" || want == "(null)" || want == "<null>"
	case bool:
		return strings.EqualFold(want, strconv.FormatBool(v)) || want == map[bool]string{true: "1", false: "0"}[v]
	case time.Time:
		t, ok := syntax.ParseDatetime(strings.Trim(want, `"`))
		return ok && t == syntax.TicksOf(v)
	case json.Number:
		return sameNumber(want, v.String())
	case string:
		return sameText(want, v, typ)
	}
	return sameJSON(want, got)
}

// sameNumber compares to the precision that is printed.
func sameNumber(want, got string) bool {
	want = strings.ReplaceAll(want, ",", "")
	if want == got {
		return true
	}
	w, err1 := strconv.ParseFloat(strings.TrimSpace(want), 64)
	g, err2 := strconv.ParseFloat(got, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	tol := math.Max(1e-9*math.Abs(w), 1e-12)
	if _, frac, ok := strings.Cut(want, "."); ok && !strings.ContainsAny(want, "eE") {
		tol = math.Max(tol, 0.51*math.Pow(10, -float64(len(frac))))
	}
	return math.Abs(w-g) <= tol
}

func sameText(want, got, typ string) bool {
	if typ == "timespan" {
		w, ok1 := syntax.ParseTimespan(want)
		g, ok2 := syntax.ParseTimespan(got)
		return ok1 && ok2 && w == g
	}
	if want == strings.TrimSpace(got) || blanks.ReplaceAllString(want, "") == blanks.ReplaceAllString(got, "") {
		return true
	}
	if typ == "real" || typ == "decimal" {
		return strings.EqualFold(want, got) || want == "∞" && got == "Infinity" || want == "-∞" && got == "-Infinity"
	}
	if unq, err := strconv.Unquote(want); err == nil && unq == got {
		return true
	}
	if typ == "dynamic" || strings.HasPrefix(want, "{") || strings.HasPrefix(want, "[") {
		if v, ok := decodeJSON(got); ok && sameJSON(want, toJSON(v, tDyn)) {
			return true
		}
		return sameJSON(want, got)
	}
	return strings.ReplaceAll(want, `\`, "") == strings.ReplaceAll(got, `\`, "") && want != ""
}

// sameJSON compares JSON text with a decoded value; bags have no order, dates compare as dates, numbers to their precision.
func sameJSON(want string, got any) bool {
	v, ok := decodeJSON(want)
	if !ok {
		want = strings.ReplaceAll(want, "`", "")
		v, ok = decodeJSON(want)
	}
	if !ok {
		v, ok = decodeJSON(strings.ReplaceAll(want, `\_`, "_"))
	}
	if !ok {
		v, ok = decodeJSON(strings.ReplaceAll(want, "'", `"`))
	}
	if !ok {
		return false
	}
	return sameValue(toJSON(v, tDyn), got)
}

func sameValue(want, got any) bool {
	switch w := want.(type) {
	case nil:
		return got == nil
	case bool:
		if n, ok := got.(json.Number); ok {
			return (n.String() == "1") == w
		}
		return got == w
	case json.Number:
		if b, ok := got.(bool); ok {
			return (w.String() != "0") == b
		}
		g, ok := got.(json.Number)
		return ok && sameNumber(w.String(), g.String())
	case string:
		if n, isNum := got.(json.Number); isNum {
			return sameNumber(w, n.String())
		}
		g, ok := got.(string)
		if !ok {
			return false
		}
		if g == w {
			return true
		}
		a, ok1 := syntax.ParseDatetime(w)
		b, ok2 := syntax.ParseDatetime(g)
		return ok1 && ok2 && a == b || w == "NaN" && g == "NaN"
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !sameValue(w[i], g[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for k, v := range w {
			x, has := g[k]
			if !has || !sameValue(v, x) {
				return false
			}
		}
		return true
	}
	return false
}

// compareOutput compares an answer with printed columns and rows; "" when they agree.
func compareOutput(out native.Output, columns []string, rows [][]string, ordered bool) string {
	if len(rows) == 0 && len(out.Results) == 1 && allEmpty(out.Results[0].Cells) {
		return "" // a page cannot print a row of empty cells
	}
	if len(columns) != len(out.Columns) {
		return fmt.Sprintf("columns: want %v, got %v", columns, out.Columns)
	}
	at := matchColumns(columns, out.Columns)
	truncated := len(rows) > 0 && isEllipsis(rows[len(rows)-1])
	if truncated {
		rows = rows[:len(rows)-1]
	} else if len(rows) != len(out.Results) {
		return fmt.Sprintf("rows: want %d, got %d: %v", len(rows), len(out.Results), firstRows(out))
	}
	same := func(want []string, got native.Result) bool {
		for i, w := range want {
			if i >= len(at) || !sameCell(w, got.Cells[at[i]], out.Columns[at[i]].Type) {
				return false
			}
		}
		return true
	}
	if len(rows) <= len(out.Results) {
		diff := ""
		for i, r := range rows {
			if !same(r, out.Results[i]) {
				diff = fmt.Sprintf("row %d: want %q, got %v", i, r, out.Results[i].Cells)
				break
			}
		}
		if diff == "" || ordered {
			return diff
		}
	}
	used := make([]bool, len(out.Results))
	for i, r := range rows {
		hit := false
		for j := range out.Results {
			if !used[j] && same(r, out.Results[j]) {
				used[j], hit = true, true
				break
			}
		}
		if !hit {
			return fmt.Sprintf("row %d: want %q, not among %v", i, r, firstRows(out))
		}
	}
	return ""
}

func allEmpty(cells []any) bool {
	for _, c := range cells {
		if c != nil && c != "" {
			return false
		}
	}
	return true
}

func isEllipsis(r []string) bool {
	for _, c := range r {
		if t := strings.TrimSpace(c); t == "..." || t == "…" {
			return true
		}
	}
	return false
}

func firstRows(out native.Output) string {
	var b strings.Builder
	for i, r := range out.Results {
		if i == 8 {
			b.WriteString(" …")
			break
		}
		fmt.Fprintf(&b, "%v ", r.Cells)
	}
	return b.String()
}

// matchColumns pairs printed column names with those of the answer: by name when all are found, else by position.
func matchColumns(names []string, cols []native.Column) []int {
	at := make([]int, len(names))
	for i, n := range names {
		at[i] = -1
		for j, c := range cols {
			if plainCell(n) == c.Name {
				at[i] = j
			}
		}
	}
	for i := range at {
		if at[i] < 0 {
			for j := range at {
				at[j] = j
			}
			return at
		}
	}
	return at
}
