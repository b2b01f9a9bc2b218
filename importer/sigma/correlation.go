package sigma

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// correlation is what a correlation document asks of several events.
type correlation struct {
	kind      string
	kindAt    *yaml.Node
	refs      []reference
	groupBy   []*yaml.Node
	timespan  time.Duration
	spanText  string
	spanAt    *yaml.Node
	condition *corrCondition
	aliases   []alias
	at        *yaml.Node
}

// reference is the id or name of a rule.
type reference struct {
	text string
	node *yaml.Node
}

// alias is one name for fields that rules call differently.
type alias struct {
	name   string
	at     *yaml.Node
	fields []entry // rule, field
}

// corrCondition is bounds of a number, or a condition over the names of rules.
type corrCondition struct {
	at         *yaml.Node
	bounds     []bound
	fields     []*yaml.Node
	fieldAt    *yaml.Node
	percentile string
	text       cond
	textNode   *yaml.Node
	spoiled    bool // a part has a fault
}

// bound is one comparison with a number.
type bound struct {
	word string
	text string
	num  float64
	node *yaml.Node
}

// corrKind says what a type of correlation compares.
type corrKind struct {
	aggregate string // of the rule language, "" for those about rules
	needs     bool   // a field
	ordered   bool
}

var corrKinds = map[string]corrKind{
	"event_count": {aggregate: "count"}, "value_count": {aggregate: "distinct", needs: true}, "value_sum": {aggregate: "sum", needs: true},
	"value_avg": {aggregate: "avg", needs: true}, "value_median": {aggregate: "median", needs: true}, "value_percentile": {aggregate: "percentile", needs: true},
	"temporal": {}, "temporal_ordered": {ordered: true},
}

var corrKindNames = []string{"event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_median", "value_percentile"}

var corrKeys = []string{"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"}

func (r *reader) corrFault(n *yaml.Node, title string, help ...string) {
	r.fault(diag.SigmaCorrelation, n, title, help...)
}

// readCorrelation reads the part under `correlation`.
func (r *reader) readCorrelation(d *document, e entry) {
	c := &correlation{at: e.at}
	d.correlation = c
	entries, ok := r.mapping(e.value, 1)
	if !ok {
		r.corrFault(e.value, "`correlation` is no map", "write `type`, `rules`, `timespan` and `condition` under it")
		return
	}
	for _, x := range entries {
		switch x.key {
		case "type":
			r.corrType(c, x)
		case "rules":
			for _, n := range r.items(x.value, 2) {
				if n.Kind != yaml.ScalarNode || isNull(n) {
					r.corrFault(n, "an entry of `rules` is no id or name", "list ids or names of rules")
					continue
				}
				if slices.ContainsFunc(c.refs, func(o reference) bool { return o.text == n.Value }) {
					r.corrFault(n, fmt.Sprintf("`%s` stands twice among the rules", n.Value), "take one of them out; how often a rule must match is said by `condition`")
					continue
				}
				c.refs = append(c.refs, reference{n.Value, n})
			}
		case "group-by":
			for _, n := range r.items(x.value, 2) {
				if n.Kind != yaml.ScalarNode || isNull(n) {
					r.corrFault(n, "an entry of `group-by` is no field", "list names of fields")
					continue
				}
				c.groupBy = append(c.groupBy, n)
			}
		case "timespan", "timeframe":
			if x.key == "timeframe" {
				r.corrFault(x.at, "a correlation has no `timeframe`", "write `timespan`")
			}
			r.corrSpan(c, x)
		case "aliases":
			r.corrAliases(c, x)
		case "generate":
			d.generate = r.boolean(x)
		case "condition":
		default:
			help := ""
			if x.key == "field" || x.key == "percentile" || slices.Contains(boundWords, x.key) {
				help = "it belongs under `condition`: `condition: {" + x.key + ": …}`"
			}
			r.corrFault(x.at, fmt.Sprintf("there is no key `%s` in a correlation", x.key), cmp.Or(help, diag.Suggestion("key", x.key, corrKeys), "the keys are "+strings.Join(corrKeys, ", ")))
		}
	}
	if x, ok := lookup(entries, "condition"); ok && c.kind != "" {
		r.corrCondition(c, x)
	}
	r.corrWhole(c)
}

func (r *reader) corrType(c *correlation, x entry) {
	c.kindAt = x.value
	if _, ok := corrKinds[x.value.Value]; ok && x.value.Kind == yaml.ScalarNode {
		c.kind = x.value.Value
		return
	}
	help := "the types are " + strings.Join(corrKindNames, ", ")
	if near, ok := diag.Nearest(x.value.Value, corrKindNames); ok {
		help = "a type with a similar name exists: `" + near + "`"
	}
	r.corrFault(x.value, fmt.Sprintf("there is no correlation of the type `%s`", x.value.Value), help)
}

// spanUnits are seconds; a month and a year are those of pySigma.
var spanUnits = map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400, 'M': 2629746, 'y': 31556952}

// maxSpan is ten years.
const maxSpan = 10 * 31556952

func (r *reader) corrSpan(c *correlation, x entry) {
	n := r.deref(x.value, 2)
	if n == nil {
		return
	}
	c.spanAt = n
	s := n.Value
	bad := func(title, help string) { r.corrFault(n, title, help) }
	if n.Kind != yaml.ScalarNode || s == "" {
		bad("the time span is no text", "write a number and a unit: 30s, 5m, 1h, 7d")
		return
	}
	unit, ok := spanUnits[s[len(s)-1]]
	num, err := strconv.ParseInt(s[:len(s)-1], 10, 64)
	switch {
	case !ok && strings.Trim(s, "0123456789") == "":
		bad(fmt.Sprintf("the time span `%s` has no unit", s), fmt.Sprintf("write %ss for seconds, or m, h, d", s))
	case !ok || err != nil:
		bad(fmt.Sprintf("`%s` is no time span", s), "write a whole number and one unit: s, m, h, d, w, M (months) or y: 30s, 5m, 1h, 7d")
	case num <= 0:
		bad(fmt.Sprintf("the time span `%s` holds no time", s), "write a number above zero")
	case num > maxSpan/unit:
		bad(fmt.Sprintf("the time span `%s` is longer than ten years", s), "no platform keeps events that long")
	default:
		c.timespan = time.Duration(num*unit) * time.Second
		if strings.IndexByte("smhdw", s[len(s)-1]) >= 0 && s[0] != '+' && s[0] != '0' {
			c.spanText = s
		}
	}
}

func (r *reader) corrAliases(c *correlation, x entry) {
	entries, ok := r.mapping(x.value, 2)
	if !ok {
		r.corrFault(x.value, "`aliases` is no map", "write `alias: {rule: field}` under it")
		return
	}
	for _, e := range entries {
		fields, ok := r.mapping(e.value, 3)
		if !ok || len(fields) == 0 {
			r.corrFault(e.value, fmt.Sprintf("the alias `%s` is no map of rules and fields", e.key), "write the name of each rule and its field: `"+e.key+": {first_rule: a_field}`")
			continue
		}
		for _, f := range fields {
			if f.value.Kind != yaml.ScalarNode {
				r.corrFault(f.value, "an alias stands for one field of each rule", "write the name of a field")
			}
		}
		c.aliases = append(c.aliases, alias{e.key, e.at, fields})
	}
}
