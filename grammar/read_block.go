package grammar

import (
	"github.com/onerule/onerule/diag"
)

// blockReader returns the function that reads a clause with a block, nil for a word that starts no such clause. The
// function gets the tokens of the head and reads the block itself.
func blockReader(word string) func(r *reader, head []token) Clause {
	switch word {
	case "meta":
		return (*reader).meta
	case "count":
		return (*reader).countClause
	case "baseline":
		return (*reader).baseline
	case "sequence", "together":
		return (*reader).sequence
	case "first_seen":
		return (*reader).firstSeen
	case "expect":
		return (*reader).expect
	case "emit":
		return (*reader).emit
	case "alt":
		return (*reader).alt
	}
	return nil
}

// meta reads `meta { key = value … }`.
func (r *reader) meta(head []token) Clause {
	m := &Meta{At: At{spanOfChunk(head)}}
	r.onlyWord(head, "meta")
	if !r.openBlock(&m.braces, head, "`meta`") {
		return m
	}
	next := func(i int) bool {
		// A value may be a reserved word (`status = test`), behind which a line would otherwise go on.
		bareWord := r.at(i-1).Type == kindKeyword && r.at(i-2).is("=") && r.at(i).nl && r.at(i+1).is("=")
		return bareWord || r.startsSetting(i) || r.startsLine(i) && r.at(i).Type != kindString
	}
	seen := map[string]diag.Span{}
	r.body(&m.braces, "`meta`", r.intrudes, func() {
		chunk := r.entry(next)
		x := parseAs[metaEntry](r, formMetaEntry, chunk)
		if x == nil {
			return
		}
		key := anyName(x.Key)
		if first, twice := seen[key.Text]; twice {
			r.faults.add(givenTwice(key.Text, key.Span, first))
			return
		}
		seen[key.Text] = key.Span
		m.Entries = append(m.Entries, MetaEntry{At: At{spanOfChunk(chunk)}, Key: key, Value: x.Value})
	})
	m.Span = m.Span.Join(m.close)
	return m
}

// onlyWord reports what stands between the word of a clause and its block.
func (r *reader) onlyWord(head []token, word string) {
	if len(head) > 1 && !head[1].bad {
		t := head[1].Token
		r.faults.add(fault(diag.SyntaxUnexpected, spanOf(t), describe(t)+" does not fit after `"+word+"`", "expected `{`", "write `"+word+" { … }`"))
	}
}

// countClause reads `count per K as x { name = agg … }`.
func (r *reader) countClause(head []token) Clause {
	c := &Count{At: At{spanOfChunk(head)}}
	if h := parseAs[countHead](r, formCount, head); h != nil {
		c.Total, c.Per, c.As = h.Total, keys(h.Per), r.name(h.As, "the name of a scope")
	}
	if !r.openBlock(&c.braces, head, "`count`") {
		return c
	}
	next := func(i int) bool { return r.startsSetting(i) || r.startsLine(i) && !r.at(i).is("where") }
	ends := func(i int) bool { return r.intrudes(i) && !r.at(i).is("where") }
	entries := 0
	r.body(&c.braces, "`count`", ends, func() {
		chunk := r.entry(next)
		entries++
		if x := parseAs[aggEntry](r, formAgg, chunk); x != nil {
			a := Agg{At: At{spanOfChunk(chunk)}, Name: r.name(x.Name, "the name of an aggregate"), Where: x.Where}
			if a.Call = r.aggregate(x.Call); a.Call != nil {
				c.Aggs = append(c.Aggs, a)
			}
		}
	})
	c.Span = c.Span.Join(c.close)
	if entries == 0 {
		r.emptyBlock(&c.braces, "`count`", formAgg)
	}
	return c
}

// emptyBlock reports a block without entries where one is needed.
func (r *reader) emptyBlock(b *braces, what string, f form) {
	r.faults.add(fault(diag.SyntaxMissing, b.open.Join(b.close), "the block of "+what+" is empty", "nothing is said here", f.help()...))
}

// baseline reads `baseline of n { learn 1d  own when history >= 12 buckets  population otherwise }`.
func (r *reader) baseline(head []token) Clause {
	b := &Baseline{At: At{spanOfChunk(head)}}
	if h := parseAs[baselineHead](r, formBaseline, head); h != nil {
		b.Of = r.name(h.Of, "the name of a measure")
	}
	if !r.openBlock(&b.braces, head, "`baseline`") {
		return b
	}
	before := len(r.faults.list)
	r.settings(&b.braces, "`baseline`", "learn own population", "when history buckets otherwise", formLearn, func(chunk []token) {
		x := parseAs[baselinePart](r, formLearn, chunk)
		span := spanOfChunk(chunk)
		switch {
		case x == nil:
		case x.Learn.Value != "" && b.Learn != nil:
			r.faults.add(givenTwice("learn", span, b.Learn.Span))
		case x.Learn.Value != "":
			b.Learn = duration(x.Learn)
		case x.Population && b.Population:
			r.faults.add(givenTwice("population", span, b.populationAt))
		case x.Population:
			b.Population, b.populationAt = true, span
		case b.ownAt.IsValid():
			r.faults.add(givenTwice("own", span, b.ownAt))
		default:
			b.OwnHistory, b.ownAt = r.count(x.Own, 1, "the history of a key"), span
		}
	})
	b.Span = b.Span.Join(b.close)
	r.needs(b.Learn, before, &b.braces, "learn", "`baseline`", formBaseline)
	return b
}

// settings reads the entries of a block whose entries start with one of a few words; inner are words that stand inside.
func (r *reader) settings(b *braces, what, words, inner string, f form, entry func(chunk []token)) {
	next := func(i int) bool {
		t := r.at(i)
		return (t.Type == kindName || t.nl) && r.at(i-1).completes() && !hasWord(inner, t.Value)
	}
	ends := func(i int) bool { return r.intrudes(i) && !hasWord(inner, r.at(i).Value) }
	r.body(b, what, ends, func() {
		chunk := r.entry(next)
		if len(chunk) > 0 && !hasWord(words, chunk[0].Value) && !unreadable(chunk) {
			r.wrongEntry(&chunk[0], what, words, f)
			return
		}
		if len(chunk) > 0 {
			entry(chunk)
		}
	})
}

// wrongEntry reports an entry that does not start with one of the words.
func (r *reader) wrongEntry(t *token, what, words string, f form) {
	d := fault(diag.SyntaxEntry, spanOf(t.Token), describe(t.Token)+" does not start an entry of "+what, "unknown entry", f.help()...)
	if near, ok := nearWord(t.Value, fields(words)); ok && t.Type == kindName {
		d = r.wrongWord(t, diag.SyntaxEntry, near, d.Title)
	}
	r.faults.add(d)
}

// needs reports a setting that is missing, unless the block has other faults already.
func (r *reader) needs(d *Duration, before int, b *braces, word, what string, f form) {
	if d == nil && len(r.faults.list) == before {
		r.faults.add(fault(diag.SyntaxMissing, b.close, "`"+word+"` is missing in "+what, "expected `"+word+"` before this", f.help()...))
	}
}

// firstSeen reads `first_seen F per K { every 1h  history 14d  warmup 7d }`.
func (r *reader) firstSeen(head []token) Clause {
	f := &FirstSeen{At: At{spanOfChunk(head)}}
	if h := parseAs[firstSeenHead](r, formFirstSeen, head); h != nil {
		f.Field, f.Per = h.Field, keys(h.Per)
	}
	if !r.openBlock(&f.braces, head, "`first_seen`") {
		return f
	}
	before := len(r.faults.list)
	t := r.timingBlock(&f.braces, "`first_seen`", "every history warmup", formFirstTime)
	f.Every, f.History, f.Warmup = t["every"], t["history"], t["warmup"]
	f.Span = f.Span.Join(f.close)
	r.needs(f.Every, before, &f.braces, "every", "`first_seen`", formFirstSeen)
	r.needs(f.History, before, &f.braces, "history", "`first_seen`", formFirstSeen)
	return f
}

// timingBlock reads a block of `word T` settings.
func (r *reader) timingBlock(b *braces, what, words string, f form) map[string]*Duration {
	var all []timing
	r.settings(b, what, words, "", f, func(chunk []token) {
		if x := parseAs[timing](r, f, chunk); x != nil {
			all = append(all, *x)
		}
	})
	return r.timings(all)
}

// expect reads the absence rule `expect >= n per K in $list { grace 5m }`.
func (r *reader) expect(head []token) Clause {
	e := &Expect{At: At{spanOfChunk(head)}}
	h := parseAs[expectHead](r, formExpect, head)
	if h != nil {
		e.Min, e.Per = r.count(h.Min, 1, "the expected number of events"), h.Per
		e.In = &VarRef{At{spanOf(h.In)}, h.In.Value[1:]}
	}
	if r.cur().is("{") && r.openBlock(&e.braces, head, "`expect`") {
		e.Grace = r.timingBlock(&e.braces, "`expect`", "grace", formGrace)["grace"]
		e.Span = e.Span.Join(e.close)
	}
	if h == nil {
		return nil
	}
	return e
}

// emit reads `emit per K once per T { entity kind = path … show a, b … }`.
func (r *reader) emit(head []token) Clause {
	e := &Emit{At: At{spanOfChunk(head)}}
	if h := parseAs[emitHead](r, formEmit, head); h != nil {
		e.Per, e.Once = keys(h.Per), duration(h.Once)
	}
	if !r.cur().is("{") || !r.openBlock(&e.braces, head, "`emit`") {
		return e
	}
	next := func(i int) bool {
		t := r.at(i)
		p := r.at(i - 1)
		return t.Type == kindName && (t.Value == "entity" || t.Value == "show") && p.completes() && p.Value != "entity" && p.Value != "show" || r.startsLine(i)
	}
	r.body(&e.braces, "`emit`", r.intrudes, func() {
		chunk := r.entry(next)
		if len(chunk) == 0 {
			return
		}
		if w := chunk[0].Value; w != "entity" && w != "show" && !unreadable(chunk) {
			r.wrongEntry(&chunk[0], "`emit`", "entity show", formEmitItem)
			return
		}
		x := parseAs[emitItem](r, formEmitItem, chunk)
		switch at := (At{spanOfChunk(chunk)}); {
		case x == nil:
		case x.Kind != nil:
			e.Items = append(e.Items, EmitItem{At: at, Kind: anyName(x.Kind.Tok), Shown: []Expr{x.Entity}})
		default:
			e.Items = append(e.Items, EmitItem{At: at, Shown: keys(x.Shown)})
		}
	})
	e.Span = e.Span.Join(e.close)
	return e
}

// alt reads `alt on BINDING { where … }`.
func (r *reader) alt(head []token) Clause {
	a := &Alt{At: At{spanOfChunk(head)}}
	if h := parseAs[altHead](r, formAlt, head); h != nil {
		a.Binding = anyName(h.Binding.Tok)
	}
	if !r.openBlock(&a.braces, head, "`alt`") {
		return a
	}
	entries := 0
	ends := func(i int) bool { return r.intrudes(i) && !r.at(i).is("where") }
	r.body(&a.braces, "`alt`", ends, func() {
		chunk := r.entry(r.startsLine)
		entries++
		switch {
		case len(chunk) == 0 || unreadable(chunk):
		case !chunk[0].is("where"):
			r.wrongEntry(&chunk[0], "`alt`", "where", formAlt)
		case a.Where != nil:
			r.faults.add(givenTwice("where", spanOf(chunk[0].Token), a.Where.Span))
		default:
			a.Where = r.where(chunk)
		}
	})
	a.Span = a.Span.Join(a.close)
	if entries == 0 {
		r.emptyBlock(&a.braces, "`alt`", formAlt)
	}
	return a
}
