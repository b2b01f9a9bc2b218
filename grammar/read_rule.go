package grammar

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
)

// rule reads `rule name vN { … }`.
func (r *reader) rule() Item {
	rule := &Rule{}
	before := len(r.faults.list)
	head := r.take(r.startsClause(""), true)
	rule.Span = spanOfChunk(head)
	if h := parseAs[ruleHead](r, formRule, head); h != nil {
		rule.Name = r.name(h.Name, "the name of a rule")
		rule.Version = r.version(h.Name.Tok, h.Version)
	}
	if !r.openBlock(&rule.braces, head, "the rule") {
		rule.Broken = true
		return rule
	}
	r.body(&rule.braces, "the rule", r.endsRule, func() {
		if c := r.clause(); c != nil {
			rule.Clauses = append(rule.Clauses, c)
		}
	})
	rule.Span = rule.Span.Join(rule.close)
	rule.Broken = len(r.faults.list) > before
	return rule
}

// tune reads `tune RULE vN { … }`.
func (r *reader) tune() Item {
	tune := &Tune{}
	before := len(r.faults.list)
	head := r.take(r.startsClause(""), true)
	tune.Span = spanOfChunk(head)
	if h := parseAs[tuneHead](r, formTune, head); h != nil {
		tune.Rule = r.name(h.Name, "the name of a rule")
		tune.Version = r.version(h.Name.Tok, h.Version)
	}
	if !r.openBlock(&tune.braces, head, "the tune block") {
		tune.Broken = true
		return tune
	}
	entry := func(i int) bool {
		t := r.at(i)
		return t.isWord("exclude") || r.startsSetting(i) || r.startsLine(i)
	}
	ends := func(i int) bool { return r.intrudes(i) && !r.at(i).is("param") }
	r.body(&tune.braces, "the tune block", ends, func() {
		chunk := r.entry(entry)
		switch {
		case len(chunk) == 0:
		case chunk[0].is("exclude"):
			if x := parseAs[excludeEntry](r, formExclude, chunk); x != nil {
				tune.Exclude = append(tune.Exclude, &Where{At{spanOfChunk(chunk)}, x.X})
			}
		default:
			if s, ok := r.setting(chunk, formSetting, "exclude"); ok {
				tune.Params = append(tune.Params, s)
			}
		}
	})
	tune.Span = tune.Span.Join(tune.close)
	tune.Broken = len(r.faults.list) > before
	return tune
}

// version reads `v3`.
func (r *reader) version(name, v lexerToken) int {
	help := "the number grows with each change of meaning"
	if v.Value == "" {
		end := spanOf(endToken(&token{Token: name}))
		r.faults.add(fault(diag.SyntaxVersion, end, "`"+name.Value+"` has no version", "expected `v1`",
			"write `"+name.Value+" v1`; "+help))
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(v.Value, "v"))
	if v.Value[0] == 'v' && err == nil && n > 0 && v.Value[1] != '0' {
		return n
	}
	digits := strings.TrimLeft(v.Value, "vV0")
	d := fault(diag.SyntaxVersion, spanOf(v), "`"+clip(v.Value)+"` is not a version", "expected `v` and a number from 1", "write `v1`; "+help)
	if _, err := strconv.Atoi(digits); err == nil {
		d.Help[0] = "write `v" + digits + "`; " + help
		d = fixed(d, spanOf(v), "v"+digits)
	}
	r.faults.add(d)
	return 0
}

// openBlock reads the `{` of a block; false when there is no block.
func (r *reader) openBlock(b *braces, head []token, what string) bool {
	t := r.cur()
	if t.is("{") {
		b.open = spanOf(t.Token)
		r.i++
		return true
	}
	end := spanOf(endToken(&head[len(head)-1]))
	if unreadable(head) && r.i < len(r.toks)-1 {
		return (head[0].is("rule") || head[0].is("tune")) && r.seemsBody()
	}
	body := r.seemsBody()
	d := fault(diag.SyntaxBracket, end, "`{` is missing after the head of "+what, "the block starts here", "write `{` at the end of this line")
	if body {
		d = fixed(d, end, " {")
	} else if t.EOF() || t.is("}") || itemStart[t.Value] {
		d = fault(diag.SyntaxMissing, end, what+" has no block", "expected `{`", "write the clauses between `{` and `}`")
	}
	if !(r.lost && t.EOF()) {
		r.faults.add(d)
	}
	return body
}

// seemsBody reports whether clauses follow although no brace was opened.
func (r *reader) seemsBody() bool {
	t := r.cur()
	return !t.EOF() && !t.is("}") && !(t.Type == kindKeyword && (t.Value == "rule" || t.Value == "tune" || t.Value == "import"))
}

// body reads the entries of a block up to its `}`. ends tells when a word proves that the `}` is missing.
func (r *reader) body(b *braces, what string, ends starts, entry func()) {
	begin := r.i
	for {
		t := r.cur()
		switch {
		case t.is("}"):
			b.close = spanOf(t.Token)
			r.i++
			return
		case t.EOF() || ends(r.i):
			r.blockOpen(b, what, begin)
			return
		}
		before := r.i
		entry()
		if r.i == before { // an entry that reads nothing would be read for ever
			r.i++
		}
	}
}

// guessing reports whether a string since a token is not closed: it may have swallowed a bracket.
func (r *reader) guessing(begin int) bool {
	for i := begin; i < r.i; i++ {
		if r.toks[i].unclosedString() {
			return true
		}
	}
	return false
}

// blockOpen reports a block without `}`, which was opened before token begin.
func (r *reader) blockOpen(b *braces, what string, begin int) {
	end := spanOf(endToken(r.at(r.i - 1)))
	b.close = end
	if r.lost && r.cur().EOF() || !b.open.IsValid() || r.guessing(begin) {
		return
	}
	d := fault(diag.SyntaxBracket, b.open, "`{` of "+what+" is never closed", "it starts here", "write `}` where "+what+" ends")
	d.Related = []diag.Label{{Span: end, Text: "`}` is missing after this"}}
	r.faults.add(d)
}

// endsRule reports words that cannot stand in a rule at the start of a line: the next item of the file.
func (r *reader) endsRule(i int) bool {
	t := r.at(i)
	return r.intrudes(i) && (t.Value == "rule" || t.Value == "tune" || t.Value == "import")
}

// entry reads one entry of a block and removes the commas that some authors put between entries.
func (r *reader) entry(next starts) []token {
	chunk := r.take(next, false)
	for len(chunk) > 0 && chunk[len(chunk)-1].is(",") {
		t := chunk[len(chunk)-1]
		r.faults.add(fixed(fault(diag.SyntaxUnexpected, spanOf(t.Token), "`,` between two entries", "entries stand on lines of their own",
			"remove the comma"), spanOf(t.Token), ""))
		chunk = chunk[:len(chunk)-1]
	}
	return chunk
}

// startsSetting recognises `name =`.
func (r *reader) startsSetting(i int) bool {
	t := r.at(i)
	return (t.Type == kindName || t.Type == kindKeyword) && r.at(i+1).is("=") && (r.at(i-1).completes() || r.at(i-1).is(",") || r.at(i-1).is("{"))
}

// setting parses `name = value`; other names the word that an entry may start with instead.
func (r *reader) setting(chunk []token, f form, other string) (ParamSet, bool) {
	if t := &chunk[0]; len(chunk) > 1 && t.Type == kindName && chunk[1].Value != "=" {
		if near, ok := nearWord(t.Value, []string{other}); ok {
			r.faults.add(r.wrongWord(t, diag.SyntaxEntry, near, "`"+t.Value+"` does not start an entry here"))
			return ParamSet{}, false
		}
	}
	if chunk[0].is("param") {
		r.faults.add(fault(diag.SyntaxEntry, spanOf(chunk[0].Token), "a parameter is set without the word `param`", "not needed here",
			"write `"+f.pattern+"`, for instance `"+f.example+"`"))
		return ParamSet{}, false
	}
	x := parseAs[setEntry](r, f, chunk)
	if x == nil {
		return ParamSet{}, false
	}
	return ParamSet{At: At{spanOfChunk(chunk)}, Name: r.name(x.Name, "a parameter"), Value: x.Value}, true
}
