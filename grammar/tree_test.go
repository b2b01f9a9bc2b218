package grammar

import (
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
)

// grammar.ebnf shows the productions as the parser library reads them, so that a change of the grammar is seen in review.
func TestEBNF(t *testing.T) {
	var out strings.Builder
	out.WriteString("// The productions that participle runs over the tokens of one clause, entry or head; `parser.String()` of tree.go.\n")
	out.WriteString("// Condition, Key, Value, TestValue and MetaValue are read by the precedence climber:\n//\n")
	for _, line := range expressionForms {
		out.WriteString("//   " + line + "\n")
	}
	out.WriteString("\n" + parser().String() + "\n")
	g := goldie.New(t, goldie.WithFixtureDir("."), goldie.WithNameSuffix(".ebnf"))
	g.Assert(t, "grammar", []byte(out.String()))
}

// expressionForms is the grammar of conditions and values in the same notation.
var expressionForms = []string{
	`Condition = And ("or" And)* .`,
	`And       = Not ("and" Not)* .`,
	`Not       = "not" Not | Quant | Compare .`,
	`Quant     = ("any" | "all" | "none") <name> "in" Path ":" ("not"? Compare) .`,
	`Compare   = Sum (op "cased"? Sum)? | ("exists" | "empty") Path | "keyword" ("like" | "matches")? "cased"? <string> .`,
	`Sum       = Product (("+" | "-") Product)* .`,
	`Product   = Sign (("*" | "/") Sign)* .`,
	`Sign      = "-" Sign | Operand .`,
	`Operand   = <string> | <number> | <duration> | <var> | "true" | "false" | Path | Call | "(" Condition ")" | "[" (Sum ",")* Sum? "]" .`,
	`Call      = <name> "(" ((Condition ",")* Condition)? ")" .`,
	`Key       = Path | Call .`,
	`Value     = <string> | "-"? <number> | <duration> | "true" | "false" | "[" (Value ",")* Value? "]" .`,
	`TestValue = Value | "null", and in lists also "{" (Path ":" TestValue ",")* "}" .`,
	`MetaValue = Value | <name> | <path> .`,
	`op        = ` + operatorAlternatives() + ` .`,
}

func operatorAlternatives() string {
	var out []string
	for _, w := range Words {
		if w.Kind == Infix {
			out = append(out, `"`+strings.ReplaceAll(w.Text, " ", `" "`)+`"`)
		}
	}
	return strings.Join(out, " | ")
}

func BenchmarkBuildParser(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		buildParser()
	}
}
