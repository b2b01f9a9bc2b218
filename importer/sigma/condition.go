package sigma

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// cond is a condition over the names of selections.
//
//sumtype:decl
type cond interface{ cond() }

type (
	// condName is the name of a selection.
	condName struct {
		name     string
		from, to int // in the text of the condition
	}
	// condOf is `1 of PATTERN` or `all of PATTERN`; the pattern is `them`, or a name with `*`.
	condOf struct {
		all      bool
		pattern  string
		from, to int
	}
	condNot struct{ x cond }
	// condJoin is `and` or `or` of two or more.
	condJoin struct {
		op string
		xs []cond
	}
)

func (*condName) cond() {}
func (*condOf) cond()   {}
func (*condNot) cond()  {}
func (*condJoin) cond() {}

// maxCondition bounds the words of a condition.
const maxCondition = 2000

// condToken is a word or bracket of a condition.
type condToken struct {
	text     string
	from, to int
}

// condParser reads one condition.
type condParser struct {
	r     *reader
	n     *yaml.Node
	toks  []condToken
	at    int
	depth int
	bad   bool
	// names are words that name something, for suggestions.
	names []string
}

var condWord = regexp.MustCompile(`^[\p{L}\p{N}_*.\-]+`)

// condition parses the text of a condition; nil means that a fault was reported.
func (r *reader) condition(n *yaml.Node, names []string) cond {
	p := &condParser{r: r, n: n, names: names}
	if strings.TrimSpace(n.Value) == "" {
		r.fault(diag.SigmaCondition, n, "the condition is empty", "name the selections that must fit, such as `selection and not filter`")
		return nil
	}
	if r.aggregation(n) || !p.lex() {
		return nil
	}
	c := p.or()
	if !p.bad && p.at < len(p.toks) {
		p.trailing()
	}
	if p.bad {
		return nil
	}
	return c
}

func (p *condParser) fault(from, to int, title string, help ...string) {
	if p.bad {
		return
	}
	p.bad = true
	p.r.diags = append(p.r.diags, diag.New(diag.SigmaCondition, p.r.part(p.n, from, to), title, help...))
}

// lex cuts the text into words and brackets.
func (p *condParser) lex() bool {
	s := p.n.Value
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		case c == '(' || c == ')':
			p.toks = append(p.toks, condToken{s[i : i+1], i, i + 1})
			i++
		default:
			w := condWord.FindString(s[i:])
			if w == "" {
				size := 1
				for i+size < len(s) && s[i+size]&0xC0 == 0x80 {
					size++
				}
				p.fault(i, i+size, fmt.Sprintf("`%s` has no meaning in a condition", s[i:i+size]), signHelp(s[i:]))
				return false
			}
			p.toks = append(p.toks, condToken{w, i, i + len(w)})
			i += len(w)
		}
		if len(p.toks) > maxCondition {
			p.fault(0, 0, fmt.Sprintf("the condition has more than %d words", maxCondition), "use `1 of NAME*` and `all of NAME*`")
			return false
		}
	}
	return true
}

func signHelp(rest string) string {
	switch {
	case strings.HasPrefix(rest, "&"):
		return "write `and`"
	case strings.HasPrefix(rest, "!"):
		return "write `not`"
	case strings.HasPrefix(rest, "|"):
		return "write `or`; counting by `| count()` is a correlation document since Sigma 2.0"
	case strings.HasPrefix(rest, "'"), strings.HasPrefix(rest, `"`):
		return "names of selections stand without quotes"
	case strings.HasPrefix(rest, ","):
		return "join names by `and` or `or`"
	}
	return "a condition has names of selections, `and`, `or`, `not`, `1 of`, `all of` and parentheses"
}

func (p *condParser) peek() string {
	if p.at < len(p.toks) {
		return p.toks[p.at].text
	}
	return ""
}

func (p *condParser) or() cond  { return p.join("or", p.and) }
func (p *condParser) and() cond { return p.join("and", p.not) }

func (p *condParser) join(op string, next func() cond) cond {
	xs := []cond{next()}
	for !p.bad && p.peek() == op {
		p.at++
		xs = append(xs, next())
	}
	if len(xs) == 1 {
		return xs[0]
	}
	return &condJoin{op: op, xs: xs}
}

func (p *condParser) not() cond {
	negated := false
	for p.peek() == "not" {
		negated = !negated
		p.at++
	}
	c := p.primary()
	if negated {
		return &condNot{c}
	}
	return c
}

func (p *condParser) primary() cond {
	if p.at >= len(p.toks) {
		end := len(strings.TrimRight(p.n.Value, " \n\t"))
		last := ""
		if p.at > 0 {
			last = fmt.Sprintf(" behind `%s`", p.toks[p.at-1].text)
		}
		p.fault(max(0, end-1), end, "the condition ends too early: a name is missing"+last, "write the name of a selection there")
		return nil
	}
	t := p.toks[p.at]
	p.at++
	switch {
	case t.text == "(":
		return p.paren(t)
	case t.text == ")":
		p.fault(t.from, t.to, "a parenthesis is closed that was not opened", "take it out, or open it before")
		return nil
	case t.text == "and" || t.text == "or" || t.text == "of":
		p.fault(t.from, t.to, fmt.Sprintf("`%s` stands where a name is expected", t.text), "write the name of a selection before it")
		return nil
	case p.peek() == "of":
		return p.of(t)
	}
	return p.name(t)
}

func (p *condParser) paren(open condToken) cond {
	if p.depth++; p.depth > maxDepth {
		p.fault(open.from, open.to, fmt.Sprintf("parentheses nest more than %d deep", maxDepth), "take the needless ones out")
		return nil
	}
	c := p.or()
	p.depth--
	if !p.bad && p.peek() != ")" {
		if p.at < len(p.toks) {
			p.trailing()
			return nil
		}
		p.fault(open.from, open.to, "a parenthesis is not closed", "close it")
		return nil
	}
	p.at++
	return c
}

// trailing reports what stands behind a complete condition.
func (p *condParser) trailing() {
	t := p.toks[p.at]
	if w := strings.ToLower(t.text); w != t.text && (w == "and" || w == "or" || w == "not") {
		p.fault(t.from, t.to, fmt.Sprintf("`%s` is written in capital letters", t.text), "write `"+w+"`")
		return
	}
	if t.text == ")" {
		p.fault(t.from, t.to, "a parenthesis is closed that was not opened", "take it out, or open it before")
		return
	}
	help := "join the two by `and` or `or`"
	if t.text == "not" {
		help = "write `and not`"
	}
	p.fault(t.from, t.to, fmt.Sprintf("`%s` stands behind a name without `and` or `or`", t.text), help)
}

// of reads `1 of` and `all of`, whose first word was read.
func (p *condParser) of(q condToken) cond {
	word := p.toks[p.at]
	p.at++
	if p.at >= len(p.toks) {
		p.fault(word.from, word.to, "nothing stands behind `of`", "write `them`, or a name with `*` such as `selection_*`")
		return nil
	}
	t := p.toks[p.at]
	p.at++
	c := &condOf{pattern: t.text, from: t.from, to: t.to}
	switch q.text {
	case "1", "any":
	case "all":
		c.all = true
	default:
		help := "the words before `of` are 1, any and all"
		if q.text != "" && strings.Trim(q.text, "0123456789") == "" {
			help = "Sigma knows `1 of` and `all of`; write the combinations out, such as `(a and b) or (a and c) or (b and c)`"
		}
		p.fault(q.from, q.to, fmt.Sprintf("there is no `%s of`", q.text), help)
		return nil
	}
	if t.text == "(" || t.text == ")" || t.text == "and" || t.text == "or" || t.text == "not" {
		p.fault(t.from, t.to, fmt.Sprintf("`%s` stands where a name with `*` is expected", t.text), "write `them`, or a name such as `selection_*`")
		return nil
	}
	return c
}

func (p *condParser) name(t condToken) cond {
	low := strings.ToLower(t.text)
	switch {
	case low != t.text && (low == "and" || low == "or" || low == "not"):
		p.fault(t.from, t.to, fmt.Sprintf("`%s` is written in capital letters", t.text), "write `"+low+"`")
		return nil
	case t.text == "them":
		p.fault(t.from, t.to, "`them` stands alone", "write `1 of them` or `all of them`")
		return nil
	case strings.Contains(t.text, "*"):
		p.fault(t.from, t.to, fmt.Sprintf("`%s` may be several selections", t.text), fmt.Sprintf("write `1 of %s` or `all of %s`", t.text, t.text))
		return nil
	}
	return &condName{t.text, t.from, t.to}
}

var (
	aggPattern  = regexp.MustCompile(`(?s)^(.*?)\|\s*(count|sum|min|max|avg|near)\b\s*(?:\(\s*([^)]*?)\s*\))?\s*(.*)$`)
	aggTail     = regexp.MustCompile(`^(?:by\s+(\S+(?:\s*,\s*\S+)*)\s*)?(?:(>=|<=|==|=|>|<)\s*(\S+))?`)
	aggCompares = map[string]string{">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "eq", "==": "eq"}
)

// aggregation reports `| count() by …`, which Sigma 2.0 replaced by correlations, and says which one it is.
func (r *reader) aggregation(n *yaml.Node) bool {
	m := aggPattern.FindStringSubmatchIndex(n.Value)
	if m == nil {
		return false
	}
	group := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return n.Value[m[2*i]:m[2*i+1]]
	}
	function, field := group(2), group(3)
	d := diag.New(diag.SigmaCondition, r.part(n, m[3], len(strings.TrimRight(n.Value, " \n"))), fmt.Sprintf("`| %s` is counting of Sigma 1, which is a document of its own since Sigma 2.0", function))
	d.Label = "not part of a condition"
	d.Help = append(d.Help, aggregationHelp(strings.TrimSpace(group(1)), function, field, group(4)))
	r.diags = append(r.diags, d)
	return true
}

// aggregationHelp says which correlation stands for an aggregation of version 1.
func aggregationHelp(sel, function, field, tail string) string {
	kind := map[string]string{"count": "event_count", "sum": "value_sum", "avg": "value_avg", "near": "temporal", "min": "", "max": ""}[function]
	if function == "count" && field != "" {
		kind = "value_count"
	}
	if kind == "" {
		return fmt.Sprintf("no correlation has a type for `%s`: write a rule of the rule language with `%s(field)`", function, function)
	}
	if kind == "temporal" {
		return "give each part a rule of its own and add a document `correlation: {type: temporal, rules: […], timespan: …}` behind `---`"
	}
	by, condition := "", "…"
	if m := aggTail.FindStringSubmatch(tail); m != nil {
		if m[1] != "" {
			by = "group-by: [" + m[1] + "], "
		}
		if m[2] != "" {
			condition = aggCompares[m[2]] + ": " + m[3]
		}
	}
	if field != "" {
		condition += ", field: " + field
	}
	if sel == "" {
		sel = "selection"
	}
	return fmt.Sprintf("write `condition: %s`, give the rule a `name`, and add behind `---`: `correlation: {type: %s, rules: [the name], %stimespan: the timeframe, condition: {%s}}`", sel, kind, by, condition)
}
