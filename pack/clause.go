package pack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/ir"
)

// Clause is one part of what a rule says, in the words of rules, so that two packs can be compared by what their rules say.
type Clause struct {
	// Part names the part: `where`, `when`, `param failures`, `step guess`. Parts with several clauses repeat it.
	Part string `json:"part"`
	Text string `json:"text"`
}

// The parts that are no part of the meaning.
const (
	partSchedule = "schedule"
	partEmit     = "emit"
	partTargets  = "targets"
)

// delivery reports whether a part says how findings come about and what they carry, not which there are.
func delivery(part string) bool {
	return part == partSchedule || part == partEmit || part == partTargets
}

// clauses writes a rule out, one entry for each condition that the author could change by itself.
func clauses(r *ir.Rule) []Clause {
	c := clauseList{rule: r}
	for _, p := range r.Params {
		c.add("param "+p.Name, p.Value.String())
	}
	for _, f := range r.From {
		c.add("from", f.Class+" on "+f.Source)
	}
	if _, always := r.Where.(*ir.Const); !always {
		c.preds("where", r.Where)
	}
	for _, a := range r.Alts {
		c.preds("alt on "+a.Binding, a.Where)
	}
	c.body()
	c.delivery()
	if c.out == nil {
		return []Clause{}
	}
	return c.out
}

type clauseList struct {
	rule *ir.Rule
	out  []Clause
}

func (c *clauseList) add(part, text string) { c.out = append(c.out, Clause{part, text}) }

// preds adds the members of a condition one by one.
func (c *clauseList) preds(part string, p ir.Pred) {
	if and, ok := p.(*ir.And); ok {
		for _, x := range and.Xs {
			c.preds(part, x)
		}
		return
	}
	if p != nil {
		c.add(part, ir.Words(p))
	}
}

func (c *clauseList) when(x ir.Cond) {
	if and, ok := x.(*ir.CondAnd); ok {
		for _, x := range and.Xs {
			c.when(x)
		}
		return
	}
	if x != nil {
		c.add("when", c.rule.CondWords(x))
	}
}

func (c *clauseList) body() {
	r := c.rule
	switch x := r.Body.(type) {
	case *ir.Count:
		c.add("window", windowWords(x.Window))
		for _, s := range x.Scopes {
			c.add("count "+s.Name, c.per(s.Keys))
			for _, a := range s.Aggs {
				c.add(s.Name+"."+a.Name, c.agg(a))
			}
		}
		c.add("finding", c.per(x.Per))
		c.when(x.When)
	case *ir.FirstSeen:
		c.add("first_seen", ir.KeyWords(r.Keys[x.Value])+" "+c.per(x.Per))
		c.add("every", span(x.Every))
		c.add("history", span(x.History))
		if x.Warmup > 0 {
			c.add("warmup", span(x.Warmup))
		}
	case *ir.Baseline:
		c.add("measure", x.Measure.Name+" = "+c.agg(x.Measure)+" "+c.per(x.Per))
		c.add("window", "tumbling "+span(x.Bucket))
		c.add("learn", span(x.Learn))
		c.add("own history", strconv.Itoa(max(x.Own, 1))+" buckets")
		if x.Population {
			c.add("otherwise", "population")
		}
		c.when(x.When)
	case *ir.Sequence:
		c.sequence(x)
	case *ir.Absence:
		c.add("expect", fmt.Sprintf(">= %d per %s", x.Min, ir.KeyWords(r.Keys[x.Key])))
		c.add("window", "tumbling "+span(x.Window))
		c.add("grace", span(x.Grace))
		for _, v := range x.Expected {
			c.add("in", v.String())
		}
	case nil:
	}
}

func (c *clauseList) sequence(x *ir.Sequence) {
	word := "together"
	if x.Ordered {
		word = "sequence"
	}
	c.add(word, c.per(x.Per))
	c.add("within", span(x.Within))
	for i, s := range x.Steps {
		part := "step " + s.Name
		if s.Name == "" {
			part = "step " + strconv.Itoa(i+1)
		}
		text := c.event(s.Cond)
		if s.Kind != ir.StepEvent {
			text = s.Kind.String() + " " + text
		}
		c.add(part, text)
		if s.Repeat > 1 {
			c.add(part+" repeat", ">= "+strconv.Itoa(s.Repeat))
		}
		if !slices.Equal(s.Keys, x.Per) {
			c.add(part+" by", c.keys(s.Keys))
		}
	}
	for _, k := range x.Cross {
		not := ""
		if k.Negated {
			not = "not "
		}
		c.add("between steps", not+c.rule.StepWords(k.L)+" "+k.Op.String()+" "+c.rule.StepWords(k.R))
	}
}

func (c *clauseList) delivery() {
	r := c.rule
	if s := scheduleWords(r); s != "" {
		c.add(partSchedule, s)
	}
	for _, e := range r.Emit.Entities {
		c.add(partEmit, "entity "+e.Kind+" = "+e.Field.Name)
	}
	for _, f := range r.Emit.Show {
		c.add(partEmit, "show "+f.Name)
	}
	for _, s := range r.Emit.Shown {
		c.add(partEmit, "show "+s.Name)
	}
	if r.Emit.Once > 0 {
		c.add(partEmit, "once per "+span(r.Emit.Once))
	}
	for _, t := range slices.Sorted(slices.Values(r.Meta.Targets)) {
		c.add(partTargets, t)
	}
}

func scheduleWords(r *ir.Rule) string {
	var words []string
	for _, p := range []struct {
		name string
		d    time.Duration
	}{{"every", r.Schedule.Every}, {"delay", r.Schedule.Delay}, {"lookback", r.Schedule.Lookback}} {
		if p.d > 0 {
			words = append(words, p.name+" "+span(p.d))
		}
	}
	return strings.Join(words, " ")
}

func windowWords(w ir.Window) string {
	switch w.Kind {
	case ir.Hopping:
		return "window " + span(w.Size) + " every " + span(w.Every)
	case ir.Session:
		return "session gap " + span(w.Size) + " max " + span(w.Max)
	case ir.Tumbling, ir.Sliding:
	}
	return w.Kind.String() + " " + span(w.Size)
}

func (c *clauseList) keys(in []int) string {
	words := make([]string, len(in))
	for i, k := range in {
		words[i] = ir.KeyWords(c.rule.Keys[k])
	}
	return strings.Join(words, ", ")
}

func (c *clauseList) per(in []int) string {
	if len(in) == 0 {
		return "total"
	}
	return "per " + c.keys(in)
}

func (c *clauseList) agg(a ir.Agg) string {
	var args []string
	if a.Arg >= 0 {
		args = append(args, termWords(c.rule.Args[a.Arg]))
	}
	if a.Func == ir.AggPercentile {
		args = append(args, number(a.Percent))
	}
	text := a.Func.String() + "(" + strings.Join(args, ", ") + ")"
	if a.Where >= 0 {
		text += " where " + c.event(a.Where)
	}
	return text
}

// event is a condition by its index, with its classes where it has its own.
func (c *clauseList) event(i int) string {
	text := ir.Words(c.rule.Conds[i])
	if i < len(c.rule.CondFrom) && c.rule.CondFrom[i] != nil {
		return "from " + classesText(c.rule.CondFrom[i]) + " where " + text
	}
	return text
}

// termWords writes a term as an author does.
func termWords(t ir.Term) string {
	return ir.KeyWords(ir.Key{Term: t})
}

// span writes a duration as rules do: 90s, 15m, 1h, 7d, 500ms.
func span(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		word string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d > 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.word
		}
	}
	if d == 0 {
		return "0s"
	}
	return ms(d) + "ms"
}

// maxClause is the longest text of a clause in a manifest, in bytes; a list inside of a condition may be far longer.
const maxClause = 2000

// brief cuts long texts; what is cut off shows as a hash.
func brief(in []Clause) []Clause {
	for i, c := range in {
		if len(c.Text) > maxClause {
			head := strings.ToValidUTF8(c.Text[:maxClause/2], "")
			in[i].Text = fmt.Sprintf("%s … (%d bytes, sha256 %s)", head, len(c.Text), hash([]byte(c.Text))[:16])
		}
	}
	return in
}
