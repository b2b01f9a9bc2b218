package sigma

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

var boundWords = []string{"gt", "gte", "lt", "lte", "eq", "neq"}

// boundSigns are comparisons as they are written elsewhere.
var boundSigns = map[string]string{
	">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "eq", "==": "eq", "!=": "neq", "<>": "neq", "ge": "gte", "le": "lte", "ne": "neq", "min": "gte", "max": "lte", "equals": "eq",
}

var signBound = regexp.MustCompile(`^\s*([<>=!]{1,2})\s*([0-9.]+)\s*$`)

func (r *reader) corrCondition(c *correlation, x entry) {
	n := r.deref(x.value, 2)
	if n == nil {
		return
	}
	k := &corrCondition{at: x.at}
	c.condition = k
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		if corrKinds[c.kind].aggregate != "" {
			if m := signBound.FindStringSubmatch(n.Value); m != nil {
				r.corrFault(n, "the condition is a text", fmt.Sprintf("write `condition: {%s: %s}`", boundSigns[m[1]], m[2]))
				return
			}
			r.corrFault(n, fmt.Sprintf("a condition over names does not go with `%s`", c.kind), "write `condition: {gte: 10}`, or the type temporal")
			return
		}
		names := make([]string, len(c.refs))
		for i, ref := range c.refs {
			names[i] = ref.text
		}
		k.text, k.textNode = r.condition(n, names), n
		return
	}
	entries, ok := r.mapping(n, 2)
	if !ok {
		r.corrFault(n, "the condition is no map", "write `condition: {gte: 10}`, say")
		return
	}
	before := len(r.diags)
	for _, e := range entries {
		switch {
		case slices.Contains(boundWords, e.key):
			r.corrBound(c, k, e)
		case e.key == "field":
			k.fieldAt = e.at
			for _, f := range r.items(e.value, 3) {
				if f.Kind == yaml.ScalarNode && !isNull(f) {
					k.fields = append(k.fields, f)
				} else {
					r.corrFault(f, "`field` is no name of a field", "write the name of a field")
				}
			}
		case e.key == "percentile":
			r.corrPercentile(c, k, e)
		default:
			help := ""
			if word := boundSigns[e.key]; word != "" {
				help = "write `" + word + "`"
			}
			r.corrFault(e.at, fmt.Sprintf("there is no key `%s` in the condition of a correlation", e.key), cmp.Or(help, diag.Suggestion("key", e.key, boundWords), "the comparisons are "+strings.Join(boundWords, ", ")+"; `field` names what is counted"))
		}
	}
	k.spoiled = r.errorsSince(before)
	r.corrBounds(c, k)
}

func (r *reader) corrBound(c *correlation, k *corrCondition, e entry) {
	n := r.deref(e.value, 3)
	if n == nil {
		return
	}
	f, err := strconv.ParseFloat(n.Value, 64)
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	switch {
	case n.Kind != yaml.ScalarNode || err != nil || !decimal.MatchString(n.Value):
		r.corrFault(n, fmt.Sprintf("`%s` takes a number", e.key), "write a number, such as `"+e.key+": 10`")
		return
	case quoted:
		d := diag.New(diag.SigmaCorrelation, r.span(n), fmt.Sprintf("the number of `%s` stands in quotes", e.key), "write it without")
		d.Fix = []diag.Edit{{Span: r.span(n), New: n.Value}}
		r.diags = append(r.diags, d)
		return
	case f != math.Trunc(f) && wholeKind(c.kind):
		r.corrFault(n, fmt.Sprintf("`%s` is no whole number, and a count is one", n.Value), "write a whole number; some tools cut it to "+strconv.Itoa(int(f))+" without a word")
		return
	}
	k.bounds = append(k.bounds, bound{e.key, n.Value, f, n})
}

// wholeKind reports whether the type compares a number of things.
func wholeKind(kind string) bool {
	return kind == "event_count" || kind == "value_count" || corrKinds[kind].aggregate == ""
}

func (r *reader) corrPercentile(c *correlation, k *corrCondition, e entry) {
	f, err := strconv.ParseFloat(e.value.Value, 64)
	switch {
	case c.kind != "value_percentile":
		r.corrFault(e.at, fmt.Sprintf("`percentile` does not go with `%s`", c.kind), "write the type value_percentile")
	case err != nil || f < 0 || f > 100 || !decimal.MatchString(e.value.Value):
		r.corrFault(e.value, "the percentile is no number from 0 to 100", "write `percentile: 95`, say")
	default:
		k.percentile = e.value.Value
	}
}

// corrBounds checks what the bounds say together.
func (r *reader) corrBounds(c *correlation, k *corrCondition) {
	lower, upper, equal := -1, -1, -1
	for i, b := range k.bounds {
		p := &equal
		switch b.word {
		case "gt", "gte":
			p = &lower
		case "lt", "lte":
			p = &upper
		}
		if *p >= 0 {
			r.corrFault(b.node, fmt.Sprintf("`%s` stands beside `%s`", b.word, k.bounds[*p].word), "keep one of them")
		}
		*p = i
	}
	switch {
	case len(k.bounds) == 0:
		if corrKinds[c.kind].aggregate != "" && !k.spoiled {
			r.corrFault(k.at, "the condition compares nothing", "write `gte: 10`, say")
		}
	case equal >= 0 && len(k.bounds) > 1:
		r.corrFault(k.bounds[equal].node, fmt.Sprintf("`%s` stands with another bound", k.bounds[equal].word), "keep one of them")
	case lower >= 0 && upper >= 0 && k.bounds[lower].num > k.bounds[upper].num:
		r.corrFault(k.bounds[upper].node, "no number fulfils both bounds", "the lower bound is above the upper one")
	}
	r.corrOdd(c, k)
}

// corrOdd remarks on bounds that every group, or none, fulfils: a group begins with one event.
func (r *reader) corrOdd(c *correlation, k *corrCondition) {
	if c.kind != "event_count" && c.kind != "value_count" || len(k.bounds) != 1 {
		return
	}
	b := k.bounds[0]
	least := 1.0
	if c.kind == "value_count" {
		least = 0
	}
	always := b.word == "gte" && b.num <= least || b.word == "gt" && b.num < least || b.word == "neq" && b.num < least
	never := b.word == "lt" && b.num <= least || b.word == "lte" && b.num < least || b.word == "eq" && b.num < least
	switch {
	case always && c.kind == "event_count":
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(b.node), fmt.Sprintf("`%s: %s` is true of every group: one event suffices", b.word, b.text), "write the number from which on it is unusual"))
	case always:
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(b.node), fmt.Sprintf("`%s: %s` is true of every group", b.word, b.text), "write the number from which on it is unusual"))
	case never:
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(b.node), fmt.Sprintf("`%s: %s` is true of no group: a group begins with an event", b.word, b.text), "what does not happen at all is no finding of a correlation; the rule language has `expect` for it"))
	case c.kind == "value_count" && b.word == "gte" && b.num == 1:
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(b.node), "`gte: 1` is true of every group that has the field: one value suffices", "write the number from which on it is unusual"))
	}
}

// corrWhole checks what the parts say together.
func (r *reader) corrWhole(c *correlation) {
	info := corrKinds[c.kind]
	missing := func(key, help string) {
		r.corrFault(c.at, "the correlation has no `"+key+"`", help)
	}
	if c.kindAt == nil {
		missing("type", "write `type: event_count`, say; the types are "+strings.Join(corrKindNames, ", "))
	}
	if len(c.refs) == 0 {
		if c.condition != nil && c.condition.text != nil {
			r.refsOf(c)
		} else {
			missing("rules", "list ids or names of the rules whose events it looks at")
		}
	}
	if len(c.refs) == 1 && info.aggregate == "" && c.kind != "" && !r.diags.HasErrors() {
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(c.kindAt), fmt.Sprintf("`%s` over one rule finds each of its events", c.kind), "name the rules that belong together, or count the events of one by event_count"))
	}
	if c.spanAt == nil {
		missing("timespan", "write `timespan: 1h`, say")
	}
	if c.kind == "" {
		return
	}
	k := c.condition
	switch {
	case k == nil && info.aggregate != "":
		missing("condition", "write `condition: {gte: 10}`, say")
		return
	case k == nil:
		return
	case info.needs && len(k.fields) == 0:
		r.corrFault(k.at, fmt.Sprintf("`%s` has no `field`", c.kind), "name the field whose values are looked at: `field: a_field`")
	case !info.needs && k.fieldAt != nil:
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(k.fieldAt), fmt.Sprintf("`field` has no effect on `%s`", c.kind), "take it out, or write value_count to count different values"))
	}
	if c.kind == "value_percentile" && k.percentile == "" {
		r.corrFault(k.at, "`value_percentile` has no `percentile`", "write `percentile: 95`, say: the percentile of the numeric field is compared with the bound")
	}
	if k.text != nil {
		r.corrNames(c)
	}
}

// refsOf takes the rules from the condition over their names.
func (r *reader) refsOf(c *correlation) {
	walkCond(c.condition.text, func(x cond) {
		if n, ok := x.(*condName); ok && !slices.ContainsFunc(c.refs, func(o reference) bool { return o.text == n.name }) {
			c.refs = append(c.refs, reference{n.name, c.condition.textNode})
		}
	})
}

// corrNames checks that the condition and the list name the same rules.
func (r *reader) corrNames(c *correlation) {
	used := map[string]bool{}
	var names []string
	for _, ref := range c.refs {
		names = append(names, ref.text)
	}
	walkCond(c.condition.text, func(x cond) {
		switch x := x.(type) {
		case *condName:
			used[x.name] = true
			if !slices.Contains(names, x.name) {
				d := diag.New(diag.SigmaCorrelation, r.part(c.condition.textNode, x.from, x.to), fmt.Sprintf("`%s` is not among the rules", x.name), cmp.Or(diag.Suggestion("rule", x.name, names), "the rules are "+strings.Join(names, ", ")))
				r.diags = append(r.diags, d)
			}
		case *condOf:
			d := diag.New(diag.SigmaCorrelation, r.part(c.condition.textNode, x.from, x.to), "`1 of` and `all of` do not go with rules", "write the names, joined by `and` and `or`")
			r.diags = append(r.diags, d)
		case *condNot, *condJoin:
		}
	})
	for _, ref := range c.refs {
		if !used[ref.text] {
			r.corrFault(ref.node, fmt.Sprintf("the condition does not name `%s`", ref.text), "name every rule of the list, or take it out of the list")
		}
	}
}
