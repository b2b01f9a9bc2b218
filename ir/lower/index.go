package lower

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
)

// indexExpr is what a text of a repeated event may hold: {i}, or {i} and one operation with a whole number.
var indexExpr = regexp.MustCompile(`\{i *(?:([-+*/%]) *([0-9]{1,9}))?\}`)

// looksIndexed finds what is meant to be an index expression and is none.
var looksIndexed = regexp.MustCompile(`\{i[^}A-Za-z_]*\}`)

// indexed returns a text of a repeated event for its index, which counts from 1: {i}, {i+10}, {i-1}, {i*2}, {i/2} (a whole
// number, rounded down) and {i%3} (the remainder) are replaced.
func (b *builder) indexed(x *grammar.String, index int) (string, bool) {
	for _, m := range looksIndexed.FindAllString(x.Value, -1) {
		if e := indexExpr.FindStringSubmatch(m); e == nil || e[0] != m || e[1] != "" && (e[1] == "/" || e[1] == "%") && isZero(e[2]) {
			b.fault(diag.BadTest, x.Span, fmt.Sprintf("`%s` is no index expression", m), "write {i}, or {i} with one whole number: {i+10}, {i-1}, {i*2}, {i/2}, {i%3}")
			return "", false
		}
	}
	return indexExpr.ReplaceAllStringFunc(x.Value, func(m string) string {
		e := indexExpr.FindStringSubmatch(m)
		n, _ := strconv.Atoi(e[2])
		return strconv.Itoa(calculate(index, e[1], n))
	}), true
}

func isZero(digits string) bool { n, _ := strconv.Atoi(digits); return n == 0 }

func calculate(i int, op string, n int) int {
	switch op {
	case "+":
		return i + n
	case "-":
		return i - n
	case "*":
		return i * n
	case "/":
		return i / n
	case "%":
		return i % n
	}
	return i
}
