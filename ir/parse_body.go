package ir

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// bodyLine reads one line of the columns or the body into the rule; false means that the word begins none.
func (p *parser) bodyLine(r *Rule, word string) bool {
	switch word {
	case "key":
		r.Keys = append(r.Keys, p.key())
	case "arg":
		r.Args = append(r.Args, p.term(0))
	case "cond":
		r.Conds = append(r.Conds, p.pred(0))
		if r.CondFrom != nil {
			r.CondFrom = append(r.CondFrom, nil)
		}
	case "of":
		p.condFrom(r)
	case "per":
		p.per(r)
	case "when":
		p.when(r)
	default:
		return p.kindLine(r, word)
	}
	return true
}

// kindLine reads the lines that one kind of body has.
func (p *parser) kindLine(r *Rule, word string) bool {
	switch b := r.Body.(type) {
	case *Count:
		switch word {
		case "window":
			b.Window = p.window()
		case "scope":
			b.Scopes = append(b.Scopes, Scope{Name: p.name(), Keys: p.indexes()})
		case "agg":
			if len(b.Scopes) == 0 {
				p.fail("an aggregate stands in no scope")
				return true
			}
			s := &b.Scopes[len(b.Scopes)-1]
			s.Aggs = append(s.Aggs, p.agg())
		default:
			return false
		}
		return true
	case *FirstSeen:
		if word != "first_seen" {
			return false
		}
		b.Value = p.integer()
		p.expect("every")
		b.Every = p.millis()
		p.expect("history")
		b.History = p.millis()
		p.expect("warmup")
		b.Warmup = p.millis()
		return true
	case *Baseline:
		switch word {
		case "measure":
			b.Measure = p.agg()
			p.expect("bucket")
			b.Bucket = p.millis()
		case "baseline":
			p.expect("learn")
			b.Learn = p.millis()
			p.expect("own")
			b.Own = p.integer()
			p.expect("population")
			b.Population = p.word() == "true"
		default:
			return false
		}
		return true
	case *Sequence:
		return p.sequenceLine(b, word)
	case *Absence:
		return p.absenceLine(b, word)
	case nil:
	}
	return false
}

// condFrom reads a class of the condition before.
func (p *parser) condFrom(r *Rule) {
	c := ClassOn{Class: p.word()}
	c.Source = p.word()
	if len(r.Conds) == 0 {
		p.fail("a class stands behind no condition")
		return
	}
	for len(r.CondFrom) < len(r.Conds) {
		r.CondFrom = append(r.CondFrom, nil)
	}
	last := len(r.Conds) - 1
	r.CondFrom[last] = append(r.CondFrom[last], c)
}

func (p *parser) sequenceLine(b *Sequence, word string) bool {
	switch word {
	case "within":
		b.Within = p.millis()
	case "step":
		s := Step{Name: p.name()}
		s.Kind = StepKind(slices.Index(stepNames, p.tok) + 1)
		if s.Kind == 0 {
			p.fail("event, missing or until is expected here")
		}
		p.next()
		s.Cond = p.integer()
		s.Keys = p.indexes()
		s.Repeat = p.integer()
		b.Steps = append(b.Steps, s)
	case "cross":
		b.Cross = append(b.Cross, p.cross())
	default:
		return false
	}
	return true
}

func (p *parser) cross() Cross {
	p.expect("(")
	head := p.word()
	if head == "not" {
		c := p.cross()
		c.Negated = !c.Negated
		p.expect(")")
		return c
	}
	name, rel := strings.CutPrefix(head, "rel.")
	name, cased := strings.CutSuffix(name, ".cs")
	c := Cross{Cased: cased}
	for _, info := range Ops {
		if rel && info.Name == name {
			c.Op = info.Op
		}
	}
	if c.Op == 0 {
		p.fail("a comparison of two steps is expected here")
		return c
	}
	c.L = p.stepValue()
	c.R = p.stepValue()
	p.expect(")")
	return c
}

func (p *parser) stepValue() StepValue {
	p.expect("(")
	p.expect("step")
	v := StepValue{Step: p.integer()}
	v.Arg = p.integer()
	p.expect(")")
	return v
}

func (p *parser) absenceLine(b *Absence, word string) bool {
	switch word {
	case "expect":
		b.Min = p.integer()
		p.expect("key")
		b.Key = p.integer()
		p.expect("window")
		b.Window = p.millis()
		p.expect("grace")
		b.Grace = p.millis()
	case "in":
		p.expect("[")
		for p.tok != "]" && p.tok != "" {
			b.Expected = append(b.Expected, p.value())
		}
		p.expect("]")
	default:
		return false
	}
	return true
}

func newBody(kind string) (Body, bool) {
	switch kind {
	case "event":
		return nil, true
	case "count":
		return &Count{}, true
	case "first_seen":
		return &FirstSeen{}, true
	case "baseline":
		return &Baseline{}, true
	case "sequence", "together":
		return &Sequence{Ordered: kind == "sequence"}, true
	case "absence":
		return &Absence{}, true
	}
	return nil, false
}

func (p *parser) per(r *Rule) {
	at := p.indexes()
	switch b := r.Body.(type) {
	case *Count:
		b.Per = at
	case *FirstSeen:
		b.Per = at
	case *Baseline:
		b.Per = at
	case *Sequence:
		b.Per = at
	case *Absence, nil:
		p.fail("this kind of rule has no `per`")
	}
}

func (p *parser) when(r *Rule) {
	c := p.cond(0)
	switch b := r.Body.(type) {
	case *Count:
		b.When = c
	case *Baseline:
		b.When = c
	case *FirstSeen, *Sequence, *Absence, nil:
		p.fail("this kind of rule has no `when`")
	}
}

func (p *parser) key() Key {
	if strings.HasPrefix(p.src.Text[p.start:], "(fold ") {
		p.next()
		p.next()
		k := Key{Term: p.term(0), Fold: true}
		p.expect(")")
		return k
	}
	return Key{Term: p.term(0)}
}

func (p *parser) window() Window {
	w := Window{}
	for i, name := range windowNames {
		if p.tok == name {
			w.Kind = WindowKind(i + 1)
		}
	}
	if w.Kind == 0 {
		p.fail("a kind of window is expected here")
	}
	p.next()
	w.Size, w.Every, w.Max = p.millis(), p.millis(), p.millis()
	return w
}

func (p *parser) agg() Agg {
	a := Agg{Name: p.name()}
	f, ok := LookupAgg(p.tok)
	if !ok {
		p.fail("an aggregate function is expected here")
	}
	p.next()
	a.Func, a.Arg, a.Where, a.Percent = f, p.integer(), p.integer(), p.number()
	return a
}

func (p *parser) indexes() []int {
	p.expect("[")
	out := []int{}
	for p.tok != "]" && p.tok != "" {
		out = append(out, p.integer())
	}
	p.expect("]")
	return out
}

func (p *parser) integer() int {
	n, err := strconv.Atoi(p.tok)
	if err != nil {
		p.fail("a whole number is expected here")
	}
	p.next()
	return n
}

func (p *parser) millis() time.Duration {
	n, err := strconv.ParseInt(p.tok, 10, 64)
	if err != nil || n < 0 || n > int64(maxMillis) {
		p.fail("a number of milliseconds is expected here")
	}
	p.next()
	return time.Duration(n) * time.Millisecond
}

// maxMillis is the longest duration in milliseconds that a [time.Duration] holds.
const maxMillis = (1<<63 - 1) / int(time.Millisecond)

func (p *parser) number() float64 {
	f, err := strconv.ParseFloat(p.tok, 64)
	if err != nil {
		p.fail("a number is expected here")
	}
	p.next()
	return f
}

func (p *parser) cond(depth int) Cond {
	if depth > maxDepth {
		p.fail("the condition is nested more than 200 deep")
		return &CondAnd{}
	}
	p.expect("(")
	head := p.word()
	var c Cond
	switch head {
	case "and", "or":
		var xs []Cond
		for p.tok != ")" && p.tok != "" {
			xs = append(xs, p.cond(depth+1))
		}
		c = &CondAnd{Xs: xs}
		if head == "or" {
			c = &CondOr{Xs: xs}
		}
	case "not":
		c = &CondNot{X: p.cond(depth + 1)}
	default:
		cmp := &CondCmp{}
		for _, info := range Ops {
			if info.Name == head {
				cmp.Op = info.Op
			}
		}
		if cmp.Op == 0 {
			p.fail("`" + head + "` is no condition")
			return cmp
		}
		cmp.L, cmp.R = p.num(depth+1), p.num(depth+1)
		c = cmp
	}
	p.expect(")")
	return c
}

func (p *parser) num(depth int) Num {
	if depth > maxDepth {
		p.fail("the number is nested more than 200 deep")
		return &NumLit{}
	}
	if p.tok != "(" {
		return &NumLit{Value: p.number()}
	}
	p.next()
	n := p.numForm(p.word(), depth)
	p.expect(")")
	return n
}

func (p *parser) numForm(head string, depth int) Num {
	switch head {
	case "param":
		return &NumLit{Param: p.name(), Value: p.number()}
	case "agg":
		return &NumAgg{Scope: p.integer(), Agg: p.integer()}
	case "base":
		word := p.word()
		for _, what := range []BaseNum{BaseMean, BaseStddev, BaseScope} {
			if what.String() == word {
				return &NumBase{What: what}
			}
		}
		p.fail("mean, stddev or scope is expected here")
		return &NumBase{What: BaseMean}
	case "step":
		v := StepValue{Step: p.integer()}
		v.Arg = p.integer()
		return &NumStep{v}
	case "+", "-", "*", "/":
		x := p.num(depth + 1)
		return &NumArith{Op: head[0], X: x, Y: p.num(depth + 1)}
	}
	for i, name := range NumFuncs {
		if name != head {
			continue
		}
		c := &NumCall{Func: NumFunc(i + 1)}
		for p.tok != ")" && p.tok != "" {
			c.Args = append(c.Args, p.num(depth+1))
		}
		return c
	}
	p.fail("`" + head + "` is no number")
	return &NumLit{}
}
