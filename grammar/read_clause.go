package grammar

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// parts lists, for clauses that may go on with a plain word, these words.
var parts = map[string]string{
	"list": "column", "window": "every", "session": "gap max", "schedule": "every delay lookback", "count": "total", "baseline": "of",
}

// clause reads one clause of a rule; nil when it did not parse, which has been reported.
func (r *reader) clause() Clause {
	t := r.cur()
	if t.Type != kindKeyword || !clauseStart[t.Value] {
		if !r.wrongClause(t) {
			return nil
		}
	}
	word := t.Value
	block := blockReader(word)
	chunk := r.take(r.startsClause(parts[word]), block != nil || word == "test")
	chunk = r.splitLine(chunk)
	switch {
	case word == "test":
		if x := r.test(chunk); x != nil {
			return x
		}
		return nil
	case block != nil:
		return block(r, chunk)
	}
	return r.simpleClause(word, chunk)
}

// wrongClause reports a line that starts with no clause word. If the word was meant, the token is made that word.
func (r *reader) wrongClause(t *token) bool {
	low := strings.ToLower(t.Value)
	next := r.at(r.i + 1)
	help := "clauses start with " + clauseList
	switch {
	case t.Type == kindJunk || t.Type == kindString && t.bad:
	case clauseHabits[low] != "" && !next.is("=="):
		r.faults.add(fault(diag.SyntaxClause, spanOf(t.Token), "`"+t.Value+"` does not start a clause", "not a clause", clauseHabits[low]))
	case t.Type == kindName && metaKeys[low] && (next.is("=") || next.is(":")):
		r.faults.add(fault(diag.SyntaxClause, spanOf(t.Token), "`"+t.Value+"` stands outside of `meta`", "a key of `meta`",
			"write `meta { "+low+" = … }`"))
	case t.Type == kindName || t.Type == kindKeyword:
		if near, ok := nearWord(t.Value, clauseAndLinks); ok {
			r.faults.add(r.wrongWord(t, diag.SyntaxClause, near, "`"+t.Value+"` does not start a clause"))
			if clauseStart[near] {
				t.become(near)
				return true
			}
			break
		}
		fallthrough
	case t.Type == kindPath:
		if startsComparison(next.Token) || next.is(":") || next.is("not") {
			help = "start the condition with `where`, or join it to the condition before it with `and` or `or`"
		}
		fallthrough
	default:
		r.faults.add(fault(diag.SyntaxClause, spanOf(t.Token), describe(t.Token)+" does not start a clause", "expected a clause", help))
	}
	if chunk := r.take(r.startsClause(""), true); len(chunk) > 0 && r.cur().is("{") {
		r.skipBlock()
	}
	return false
}

var clauseList = "`" + strings.Join(clauseWords, "` `") + "`"

// clauseAndLinks are the words that a line of a rule may start with.
var clauseAndLinks = append(append([]string{}, clauseWords...), "and", "or")

// clauseHabits are words that start a part of a rule in other languages.
var clauseHabits = map[string]string{
	"condition": "write the condition after `where`", "detection": "write the conditions after `where`",
	"select": "name what to show in `emit { show … }`", "search": "write `from CLASS on SOURCE` and `where CONDITION`",
	"filter": "write the condition after `where`", "if": "write the condition after `where`", "having": "write the condition on counts after `when`",
	"group": "write `count per KEY as NAME { … }`", "stats": "write `count per KEY as NAME { … }`", "summarize": "write `count per KEY as NAME { … }`",
	"timeframe": "write `tumbling T`, `sliding T`, or `within T` at a sequence", "timespan": "write `tumbling T`, `sliding T`, or `within T` at a sequence",
	"threshold": "write `count … { … }` and `when NAME.COUNT >= N`", "logsource": "write `from CLASS on SOURCE`", "index": "write `from CLASS on SOURCE`; indexes belong to bindings",
	"fields": "name what to show in `emit { show … }`", "output": "name what to show in `emit { show … }`", "exclude": "write `where not (…)`; `exclude` belongs into a `tune` block",
	"parameters": "write one `param` clause for each parameter", "var": "write `param NAME: TYPE = VALUE`", "let": "write `def NAME = CONDITION`",
	"macro": "write `def NAME = CONDITION`", "until": "`until` belongs into a sequence", "missing": "`missing` belongs into a sequence",
	"repeat": "`repeat` belongs to a step of a sequence", "within": "`within` belongs to the head of a sequence",
}

// metaKeys are the usual keys of a meta block.
var metaKeys = wordSet(strings.Fields("id title name status severity level risk attack author authors date references tags description triage false_positives license"))

// skipBlock reads over a block that is not understood.
func (r *reader) skipBlock() {
	depth := 0
	for !r.cur().EOF() {
		t := r.cur()
		switch {
		case t.is("{"):
			depth++
		case t.is("}"):
			depth--
		}
		r.i++
		if depth == 0 {
			return
		}
	}
}

// simpleClause parses a clause without a block.
func (r *reader) simpleClause(word string, chunk []token) Clause {
	at := At{spanOfChunk(chunk)}
	switch word {
	case "param":
		if x := parseAs[paramClause](r, formParam, chunk); x != nil {
			return &Param{
				At: at, Name: r.name(x.Name, "the name of a parameter"), Type: anyName(x.Type), Lo: x.Lo, Hi: x.Hi, Default: x.Default,
				Doc: stringText(x.Doc),
			}
		}
	case "field":
		if x := parseAs[fieldClause](r, formFieldDecl, chunk); x != nil {
			return &FieldDecl{At: at, Path: pathNode(x.Path), Type: anyName(x.Type), Array: x.Array, Doc: stringText(x.Doc)}
		}
	case "list":
		if l := r.list(chunk); l != nil {
			return l
		}
	case "def":
		if d := r.def(chunk); d != nil {
			return d
		}
	case "from":
		if f := r.from(chunk); f != nil {
			return f
		}
	case "where":
		if w := r.where(chunk); w != nil {
			return w
		}
	case "tumbling", "window", "sliding", "session":
		if x := parseAs[windowClause](r, formWindow, chunk); x != nil {
			return window(at, x)
		}
	case "when":
		if x := parseAs[whenClause](r, formWhen, chunk); x != nil {
			return &When{at, x.X}
		}
	case "measure":
		if x := parseAs[measureClause](r, formMeasure, chunk); x != nil {
			agg := Agg{At: At{at.Span}, Name: r.name(x.Name, "the name of a measure"), Where: x.Where}
			if agg.Call = r.aggregate(x.Call); agg.Call != nil {
				return &Measure{At: at, Agg: agg, Per: keys(x.Per)}
			}
		}
	case "schedule":
		if s := r.schedule(at, chunk); s != nil {
			return s
		}
	case "allow":
		if x := parseAs[allowClause](r, formAllow, chunk); x != nil {
			return &Allow{At: at, Level: anyName(x.Level.Tok), On: names(x.On), Why: stringNode(x.Why)}
		}
	}
	return nil
}

func (r *reader) def(chunk []token) *Def {
	x := parseAs[defItem](r, formDef, chunk)
	if x == nil {
		return nil
	}
	return &Def{At: At{spanOfChunk(chunk)}, Name: r.name(x.Name, "the name of a definition"), Body: x.Body}
}

func (r *reader) list(chunk []token) *ListDecl {
	x := parseAs[listItem](r, formList, chunk)
	if x == nil {
		return nil
	}
	l := &ListDecl{At: At{spanOfChunk(chunk)}, Name: r.name(x.Name, "the name of a list")}
	if x.Inline == nil {
		l.File = stringNode(x.File)
		l.Column = x.Column.Value
		if x.Column.Type == kindString {
			l.Column = decode(x.Column.Value)
		}
		return l
	}
	inline, ok := x.Inline.(*List)
	if !ok {
		r.faults.add(fault(diag.SyntaxList, x.Inline.Pos(), "the value of a list stands in square brackets", "one value, not a list",
			"write `[…]` around it"))
		return nil
	}
	l.Inline = inline
	return l
}

func (r *reader) from(chunk []token) *From {
	x := parseAs[fromClause](r, formFrom, chunk)
	if x == nil {
		return nil
	}
	return &From{At: At{spanOfChunk(chunk)}, Classes: paths(x.Classes), Sources: sources(x.Sources)}
}

func (r *reader) where(chunk []token) *Where {
	x := parseAs[whereClause](r, formWhere, chunk)
	if x == nil {
		return nil
	}
	return &Where{At{spanOfChunk(chunk)}, x.X}
}

func window(at At, x *windowClause) *Window {
	switch {
	case x.Tumbling.Value != "":
		return &Window{At: at, Kind: Tumbling, Size: duration(x.Tumbling)}
	case x.Hopping.Value != "":
		return &Window{At: at, Kind: Hopping, Size: duration(x.Hopping), Every: duration(x.Every)}
	case x.Sliding.Value != "":
		return &Window{At: at, Kind: Sliding, Size: duration(x.Sliding)}
	}
	return &Window{At: at, Kind: Session, Size: duration(x.Gap), Max: duration(x.Max)}
}

// aggregate checks that an aggregate is a call.
func (r *reader) aggregate(x key) *Call {
	if c, ok := x.(*Call); ok {
		return c
	}
	r.faults.add(fault(diag.SyntaxUnexpected, x.Pos(), "an aggregate is a function", "not a call", "write `count()`, `distinct(field)` or another aggregate"))
	return nil
}

// timings sorts settings of the form `word T` by their word, and reports a word that is given twice.
func (r *reader) timings(parts []timing) map[string]*Duration {
	out := map[string]*Duration{}
	places := map[string]diag.Span{}
	for _, p := range parts {
		if first, twice := places[p.Word.Value]; twice {
			r.faults.add(givenTwice(p.Word.Value, spanOf(p.Word), first))
			continue
		}
		places[p.Word.Value] = spanOf(p.Word)
		out[p.Word.Value] = duration(p.Value)
	}
	return out
}

func givenTwice(what string, span, first diag.Span) diag.Diagnostic {
	d := fault(diag.SyntaxTwice, span, "`"+what+"` is given twice", "the second time", "remove one of the two")
	d.Related = []diag.Label{{Span: first, Text: "the first time"}}
	return d
}

func (r *reader) schedule(at At, chunk []token) *Schedule {
	x := parseAs[scheduleClause](r, formSchedule, chunk)
	if x == nil {
		return nil
	}
	for _, p := range x.Parts {
		if !hasWord(parts["schedule"], p.Word.Value) {
			r.faults.add(fault(diag.SyntaxUnexpected, spanOf(p.Word), "`"+p.Word.Value+"` does not fit into the schedule", "expected `every`, `delay` or `lookback`",
				formSchedule.help()...))
		}
	}
	t := r.timings(x.Parts)
	return &Schedule{At: at, Every: t["every"], Delay: t["delay"], Lookback: t["lookback"]}
}
