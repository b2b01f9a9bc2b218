package interp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// each makes a stage of a change to every row; names are the fields that it may add, for the column order.
func each(names []string, f func(r *run, w *row)) stage {
	return func(r *run, in set) set {
		for _, w := range in.rows {
			f(r, w)
			if r.failed() {
				return set{}
			}
		}
		return in.with(names...)
	}
}

// with adds columns to the order, if the set has one.
func (s set) with(names ...string) set {
	if s.order == nil {
		return s
	}
	order := slices.Clip(s.order)
	for _, n := range names {
		if !slices.Contains(order, n) {
			order = append(order, n)
		}
	}
	s.order = order
	return s
}

func (k *compiler) where(st *syntax.Where) stage {
	cond := k.condition(st.Cond, "where")
	return func(r *run, in set) set {
		return filter(r, in, func(r *run, w *row) bool { return r.truth(cond(r, w)) == yes })
	}
}

// eval assigns fields from left to right.
func (k *compiler) eval(st *syntax.Eval) stage {
	type target struct {
		name              string
		dynamic, template bool
		value             evalFunc
	}
	var targets []target
	var names []string
	for _, a := range st.Assigns {
		e := k.expr(a.Value)
		if e.typ == boolType {
			k.invalid(a.Span, fmt.Sprintf("a condition cannot be assigned to `%s`", a.Name), "write if(condition, 1, 0)")
		}
		template := !a.Dynamic && fillName(a.Name, newRow()) != a.Name
		targets = append(targets, target{a.Name, a.Dynamic, template, e.eval})
		if !a.Dynamic && !template {
			names = append(names, a.Name)
		}
	}
	if st.Format { // fieldformat changes what is shown, never the value
		return func(_ *run, in set) set { return in }
	}
	return each(names, func(r *run, w *row) {
		for _, t := range targets {
			v := t.value(r, w)
			if v.kind == boolean {
				v = value{}
			}
			name := t.name
			if t.dynamic {
				name = w.get(name).text()
			} else if t.template {
				name = fillName(name, w)
			}
			if name != "" {
				w.set(name, v)
			}
		}
	})
}

// fillName puts the values of the fields whose names stand in braces into a name: count_{host}. Empty braces are part of it.
func fillName(name string, w *row) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(name, '{')
		length := 0
		if open >= 0 {
			length = strings.IndexByte(name[open:], '}')
		}
		if open < 0 || length < 0 {
			b.WriteString(name)
			return b.String()
		}
		b.WriteString(name[:open])
		if field := name[open+1 : open+length]; field == "" {
			b.WriteString("{}")
		} else {
			b.WriteString(w.get(field).text())
		}
		name = name[open+length+1:]
	}
}

// fields keeps or removes fields. Kept rows keep _time and _raw.
func (k *compiler) fields(st *syntax.Fields) stage {
	pats := make([]wildcard, len(st.Names))
	for i, n := range st.Names {
		pats[i] = newWildcard(n)
	}
	listed := func(name string) bool {
		return slices.ContainsFunc(pats, func(p wildcard) bool { return p.fits(name) })
	}
	return func(_ *run, in set) set {
		if !st.Minus {
			in.order = expandNames(st.Names, in)
		}
		for _, w := range in.rows {
			index := w.get("index")
			for name := range w.f {
				drop := listed(name)
				if !st.Minus {
					drop = !drop && name != "_time" && name != "_raw"
				}
				if drop {
					delete(w.f, name)
				}
			}
			if !st.Minus && listed("index") {
				w.set("index", index)
			}
			if w.ev != nil && st.Minus == listed("index") {
				w.ev = &event{native: w.ev.native, raw: w.ev.raw}
			}
			if st.Minus && listed("_raw") {
				w.ev = nil
			}
		}
		if st.Minus && in.order != nil {
			in.order = slices.DeleteFunc(slices.Clone(in.order), listed)
		}
		return in
	}
}

func (k *compiler) table(st *syntax.Table) stage {
	return func(_ *run, in set) set {
		order := expandNames(st.Names, in)
		for _, w := range in.rows {
			f := make(map[string]value, len(order))
			for _, n := range order {
				if v := w.get(n); !v.isNull() {
					f[n] = v
				}
			}
			w.f, w.ev = f, nil
		}
		return set{rows: in.rows, order: order}
	}
}

// rename renames pairwise; a wildcard's stars carry over from left to right.
func (k *compiler) rename(st *syntax.Rename) stage {
	for _, p := range st.Pairs {
		if a, b := strings.Count(p.Name, "*"), strings.Count(p.As, "*"); a != b {
			k.invalid(p.Span, "the two names of a rename have different numbers of wildcards", "write as many `*` on the right as on the left")
			return nil
		}
	}
	return func(r *run, in set) set {
		for _, p := range st.Pairs {
			in = r.renamePair(in, p)
		}
		return in
	}
}

func (r *run) renamePair(in set, p syntax.Alias) set {
	pat := newWildcard(p.Name)
	to := map[string]string{}
	if pat.isPlain() {
		to[p.Name] = p.As
	} else {
		for _, name := range fieldsOf(in) {
			if pat.fits(name) {
				to[name] = fillStars(p.As, pat.parts(name))
			}
		}
	}
	order := slices.Sorted(maps.Keys(to)) // of two fields that get one name, the later wins in every run
	for _, w := range in.rows {
		moved := map[string]value{}
		for _, from := range order {
			name, v := to[from], w.get(from)
			if from == name || v.isNull() && !r.on[renameClears].On() {
				continue
			}
			delete(w.f, from)
			moved[name] = v
		}
		for name, v := range moved {
			w.set(name, v)
		}
	}
	if in.order != nil {
		order := make([]string, 0, len(in.order))
		for _, c := range in.order {
			if as, ok := to[c]; ok {
				c = as
			}
			if !slices.Contains(order, c) {
				order = append(order, c)
			}
		}
		in.order = order
	}
	return in
}

// fillStars puts the parts in place of the stars of a pattern.
func fillStars(pattern string, parts []string) string {
	var b strings.Builder
	for i, piece := range strings.Split(pattern, "*") {
		if i > 0 && i <= len(parts) {
			b.WriteString(parts[i-1])
		}
		b.WriteString(piece)
	}
	return b.String()
}

func (k *compiler) regex(st *syntax.Regex) stage {
	k.checkRegex(st.Pattern, st.Span)
	name := st.Field
	if name == "" {
		name = "_raw"
	}
	return func(r *run, in set) set {
		re := r.regex(st.Pattern)
		return filter(r, in, func(r *run, w *row) bool {
			v := w.get(name)
			if v.isNull() {
				return st.Negate && r.on[regexNotMissing].On()
			}
			found := slices.ContainsFunc(v.values(), func(v value) bool { return r.find(re, v.text(), 0) != nil })
			return found != st.Negate
		})
	}
}

// rex sets the fields of named groups; without a match they stay as they are.
func (k *compiler) rex(st *syntax.Rex) stage {
	o := k.options("rex", st.Options, "field", "max_match", "offset_field", "mode")
	name := o.text("field", "_raw")
	if o.text("mode", "") == "sed" {
		return k.sed(st, name)
	}
	if o.has("mode") {
		k.invalid(o.all["mode"].Span, "`rex` has no mode `"+o.text("mode", "")+"`", "use mode=sed, or leave it out")
	}
	limit, offsets := o.int("max_match", 1), o.text("offset_field", "")
	re := k.checkRegex(st.Pattern, st.Span)
	var names []string
	if re != nil {
		for _, n := range re.Names() {
			if n != "" {
				names = append(names, n)
			}
		}
		if len(names) == 0 {
			k.invalid(st.Span, "the regular expression of `rex` names no group", "name what to extract: (?<field>…)")
		}
	}
	if offsets != "" {
		names = append(names, offsets)
	}
	return each(names, func(r *run, w *row) {
		got := map[string][]value{}
		for _, v := range w.get(name).values() {
			r.extractGroups(st.Pattern, v.text(), limit, got)
			if r.extractOffsets(st.Pattern, v.text(), limit, offsets, got); r.failed() {
				return
			}
			if limit == 1 && len(got) > 0 {
				break
			}
		}
		for n, vals := range got {
			w.set(n, r.listValue(vals))
		}
	})
}

// extractGroups collects what the named groups fit in s, for up to limit matches (0: all).
func (r *run) extractGroups(pattern, s string, limit int, got map[string][]value) {
	re := r.regex(pattern)
	if re == nil {
		return
	}
	at := 0
	for n := 0; limit == 0 || n < limit; n++ {
		caps := r.find(re, s, at)
		if caps == nil {
			return
		}
		for i, name := range re.Names() {
			if name != "" && caps[2*i] >= 0 && caps[2*i+1] >= caps[2*i] {
				if len(got[name]) <= maxValues {
					got[name] = append(got[name], fieldText(s[caps[2*i]:caps[2*i+1]]))
				}
			}
		}
		if at = after(s, at, caps); at > len(s) {
			return
		}
	}
}

// extractOffsets collects where the named groups fit: first-last from 0 (Search Reference, rex); of several groups with their
// names, joined by &.
func (r *run) extractOffsets(pattern, s string, limit int, to string, got map[string][]value) {
	re := r.regex(pattern)
	at := 0
	groups := 0
	if re != nil {
		for _, name := range re.Names() {
			if name != "" {
				groups++
			}
		}
	}
	for n := 0; to != "" && re != nil && at <= len(s) && (limit == 0 || n < limit); n++ {
		caps := r.find(re, s, at)
		if caps == nil || !r.spend(caps[1]/16+1) {
			return
		}
		var parts []string
		for i, name := range re.Names() {
			if name != "" && caps[2*i] >= 0 && caps[2*i+1] > caps[2*i] {
				from := utf8.RuneCountInString(s[:caps[2*i]])
				to := from + utf8.RuneCountInString(s[caps[2*i]:caps[2*i+1]]) - 1
				place := fmt.Sprintf("%d-%d", from, to)
				if groups > 1 {
					place = name + "=" + place
				}
				parts = append(parts, place)
			}
		}
		if len(parts) > 0 && len(got[to]) <= maxValues {
			got[to] = append(got[to], fieldText(strings.Join(parts, "&")))
		}
		at = after(s, at, caps)
	}
}

// after is where the search for the next match begins: behind the match, or behind the next character if that is no
// progress.
func after(s string, at int, caps []int) int {
	if caps[1] > at {
		return caps[1]
	}
	_, n := utf8.DecodeRuneInString(s[at:])
	return at + max(n, 1)
}
