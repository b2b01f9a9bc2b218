package syntax

import (
	"fmt"
	"strconv"
)

// sequence reads `sequence by keys with maxspan=T [..] [..] until [..]`.
func (p *parser) sequence() *Sequence {
	start := p.take().span
	s := &Sequence{}
	s.Keys = p.byKeys()
	if p.peek().is(tKeyword, "with") {
		s.MaxSpan = p.maxspan()
		if t := p.peek(); t.is(tKeyword, "by") {
			p.fail(t.span, "`by` stands behind `with maxspan`", "write `sequence by key with maxspan=…`")
		}
	}
	terms, ok := p.terms("sequence")
	s.Terms = terms
	if p.peek().is(tKeyword, "until") {
		p.take()
		t := p.term("until")
		s.Until = &t
	}
	if !ok {
		panic(bailout{})
	}
	s.Span = start.Join(p.last())
	return s
}

// sample reads `sample by keys [..] [..]`.
func (p *parser) sample() *Sample {
	start := p.take().span
	s := &Sample{Keys: p.byKeys()}
	if t := p.peek(); t.is(tKeyword, "with") {
		p.fail(t.span, "a sample has no `with maxspan`", "use a sequence where time matters")
	}
	terms, ok := p.terms("sample")
	s.Terms = terms
	if t := p.peek(); t.is(tKeyword, "until") {
		p.fail(t.span, "a sample has no `until`", "use a sequence where order matters")
	}
	if !ok {
		panic(bailout{})
	}
	s.Span = start.Join(p.last())
	return s
}

// terms reads the brackets. A fault inside one of them does not stop the reading of the others; ok is false then.
func (p *parser) terms(of string) (terms []Term, ok bool) {
	failed := false
	for p.peek().is(tPunct, "[") || p.peek().is(tPunct, "![") {
		if !p.try(func() { terms = append(terms, p.term(of)) }) {
			failed = true
			p.syncTerm()
		}
	}
	if len(terms) == 0 && !failed {
		t := p.peek()
		p.fail(t.span, fmt.Sprintf("the events of a %s stand in brackets; `[` is missing before %s", of, t.describe()),
			"write `"+of+" by key [process where …] [network where …]`")
	}
	return terms, !failed
}

// syncTerm moves behind the bracket that closes the current term, or to something that begins anew.
func (p *parser) syncTerm() {
	for {
		t := p.peek()
		switch {
		case t.kind == tEOF, t.is(tPunct, "|"), t.is(tKeyword, "until"), t.is(tPunct, "["), t.is(tPunct, "!["):
			return
		}
		p.take()
	}
}

// term reads `[event] by keys with runs=N`; of is "sequence", "sample" or "until".
func (p *parser) term(of string) Term {
	open := p.peek()
	if !open.is(tPunct, "[") && !open.is(tPunct, "![") {
		p.fail(open.span, "`until` needs an event in brackets, not "+open.describe(), "write `until [process where …]`")
	}
	p.take()
	t := Term{Missing: open.text == "!["}
	if t.Missing && of != "sequence" {
		p.fail(open.span, "a missing event `![` may stand only among the events of a sequence")
	}
	t.Event = p.eventQuery()
	if x := p.peek(); !x.is(tPunct, "]") {
		p.fail(x.span, x.describe()+" does not continue the condition", append(endHelp(x), "close the event with `]`")...)
	}
	p.take()
	if x := p.peek(); x.is(tKeyword, "fork") {
		p.fail(x.span, "`fork` is not supported by Elasticsearch", "remove it")
	}
	t.Keys = p.byKeys()
	if p.peek().is(tKeyword, "with") {
		t.Runs = p.runs(of)
		if x := p.peek(); x.is(tKeyword, "by") {
			p.fail(x.span, "`by` stands behind `with runs`", "write `[…] by key with runs=…`")
		}
	}
	t.Span = open.span.Join(p.last())
	return t
}

// byKeys reads `by a, ?b`, nil when there is none.
func (p *parser) byKeys() []*Field {
	if !p.keyword("by") {
		return nil
	}
	var keys []*Field
	for {
		t := p.peek()
		if t.kind != tIdent && t.kind != tQuoted && !t.is(tPunct, "?") {
			p.fail(t.span, "a join key is a field, not "+t.describe(), nameHelp(t)...)
		}
		keys = append(keys, p.field())
		if t := p.peek(); t.is(tPunct, "(") {
			p.fail(t.span, "a join key is a field, not a function call")
		}
		if !p.punct(",") {
			return keys
		}
	}
}

// maxspan reads `with maxspan=30s`.
func (p *parser) maxspan() *Duration {
	p.take()
	t := p.peek()
	if !p.keyword("maxspan") {
		help := "write `with maxspan=30s`"
		if t.text == "runs" {
			help = "`with runs` stands behind the event that repeats"
		}
		p.fail(t.span, "a sequence has no setting "+t.describe(), help)
	}
	p.want("=", "behind `maxspan`", "write `with maxspan=30s`")
	n := p.peek()
	if n.kind != tInt {
		p.fail(n.span, "maxspan needs a positive whole number, not "+n.describe(), "write `maxspan=30s`")
	}
	p.take()
	unit := p.peek()
	if unit.kind != tIdent {
		p.fail(n.span, "maxspan has no unit", "add one of ms, s, m, h, d, as in `maxspan="+n.text+"s`")
	}
	p.take()
	d := &Duration{Unit: unit.text, Span: n.span.Join(unit.span)}
	if unitMillis[d.Unit] == 0 {
		p.fail(unit.span, "maxspan has no unit `"+unit.text+"`", "the units are ms, s, m, h and d")
	}
	count, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil || count > maxSpanMillis/unitMillis[d.Unit] {
		p.fail(d.Span, "this maxspan is too long", "use a time below one million days")
	}
	if count == 0 {
		p.fail(d.Span, "maxspan must be positive")
	}
	d.Count = count
	return d
}

// maxSpanMillis bounds maxspan so that sums of times cannot overflow.
const maxSpanMillis = 1_000_000 * 86_400_000

// unitMillis is the length of the time units.
var unitMillis = map[string]int64{"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

// Millis is the length of a duration in milliseconds; 0 when the unit is not known.
func (d *Duration) Millis() int64 { return d.Count * unitMillis[d.Unit] }

// runs reads `with runs=5`.
func (p *parser) runs(of string) int {
	with := p.take()
	t := p.peek()
	if t.text != "runs" {
		help := "write `with runs=3`"
		if t.text == "maxspan" {
			help = "`with maxspan` stands in front of the first event"
		}
		p.fail(t.span, "an event of a sequence has no setting "+t.describe(), help)
	}
	p.take()
	if of != "sequence" {
		p.fail(with.span.Join(t.span), "`with runs` may stand only behind the events of a sequence")
	}
	p.want("=", "behind `runs`", "write `with runs=3`")
	n := p.peek()
	count, err := strconv.Atoi(n.text)
	if n.kind != tInt {
		p.fail(n.span, "runs needs a whole number, not "+n.describe(), "write `with runs=3`")
	}
	p.take()
	if err != nil || count < 1 || count > maxRuns {
		p.fail(n.span, fmt.Sprintf("runs=%s is out of range", n.text), fmt.Sprintf("use 1 to %d", maxRuns))
	}
	return count
}

// maxRuns is the largest `with runs` (EQL syntax reference).
const maxRuns = 100

// nameHelp says how to write a word that is not a field name as one.
func nameHelp(t token) []string {
	switch t.kind {
	case tKeyword:
		return []string{"a field called " + t.text + " is written " + quoteSegment(t.text)}
	case tString:
		return []string{"field names stand in back-quotes: " + quoteSegment(t.text)}
	case tInt, tDecimal:
		return []string{"a name that begins with a digit stands in back-quotes"}
	case tEOF, tIdent, tQuoted, tTilde, tPunct:
		return nil
	}
	return nil
}
