package interp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// Limits of subsearches (limits.conf): further rows are cut off, with a warning.
const maxJoinRows = 50000

// sub compiles a bracketed search that makes rows of its own.
func (k *compiler) sub(q *syntax.Query) pipeline { return k.query(q, true) }

// cut limits the rows of a subsearch.
func (r *run) cut(s set, command string) set {
	if len(s.rows) > maxJoinRows {
		r.warning("%s uses %d rows of its subsearch; the rest is cut off", command, maxJoinRows)
		s.rows = s.rows[:maxJoinRows]
	}
	return s
}

// join joins each row with the rows of a subsearch that have the same values in the named fields.
func (k *compiler) join(st *syntax.Join) stage {
	o := k.options("join", st.Options, "type", "max", "usetime", "earlier", "overwrite", "keepsingle")
	left := false
	switch kind := strings.ToLower(o.text("type", "inner")); kind {
	case "inner":
	case "left", "outer":
		left = true
	default:
		k.invalid(o.all["type"].Span, fmt.Sprintf("`join` has no type `%s`", kind), "use inner, left or outer")
	}
	most, overwrite := o.int("max", 1), o.bool("overwrite", true)
	useTime, earlier := o.bool("usetime", false), o.bool("earlier", true)
	p := k.sub(st.Sub)
	return func(r *run, in set) set {
		other := r.cut(r.exec(p, set{}), "join")
		names := st.Names
		if len(names) == 0 {
			names = commonFields(in, other)
		}
		index := map[string][]*row{}
		for _, w := range other.rows {
			if key, ok := joinKey(w, names); ok {
				index[key] = append(index[key], w)
			}
		}
		out := set{order: in.order}
		for _, w := range in.rows {
			key, ok := joinKey(w, names)
			matches := []*row{}
			for _, m := range index[key] {
				if ok && (!useTime || timely(w, m, earlier)) && (most == 0 || len(matches) < most) {
					matches = append(matches, m)
				}
			}
			if len(matches) == 0 && left {
				out.rows = append(out.rows, w)
			}
			for _, m := range matches {
				out.rows = append(out.rows, r.merge(w, m, overwrite))
			}
			if len(out.rows) > maxRows || r.failed() {
				return out
			}
		}
		return out.with(fieldsOf(set{rows: visible(other.rows), order: other.order})...)
	}
}

// timely reports whether the other row lies before (or, without earlier, after) the row.
func timely(w, other *row, earlier bool) bool {
	a, ok := w.get("_time").number()
	b, ok2 := other.get("_time").number()
	return ok && ok2 && (earlier && b <= a || !earlier && b >= a)
}

func commonFields(a, b set) []string {
	have := fieldsOf(b)
	return slices.DeleteFunc(fieldsOf(a), func(n string) bool { return strings.HasPrefix(n, "_") || !slices.Contains(have, n) })
}

func joinKey(w *row, names []string) (string, bool) {
	var b strings.Builder
	for _, n := range names {
		v := w.get(n)
		if v.isNull() {
			return "", false
		}
		writeKey(&b, "", v)
	}
	return b.String(), true
}

// merge is w with the fields of other; those that both have are other's with overwrite.
func (r *run) merge(w, other *row, overwrite bool) *row {
	c := r.clone(w)
	for name, v := range other.f {
		if _, has := c.f[name]; (overwrite || !has) && !(strings.HasPrefix(name, "_") && has) {
			c.f[name] = v
		}
	}
	return c
}

// append compiles append, appendpipe and appendcols.
func (k *compiler) append(st *syntax.Append, first bool) stage {
	o := k.options(st.Name, st.Options, "extendtimerange", "maxtime", "maxout", "timeout", "override", "run_in_preview")
	if first && st.Name != "append" {
		k.invalid(st.Span, fmt.Sprintf("`%s` has no rows to work on", st.Name), "begin with a search")
	}
	if st.Name == "appendpipe" {
		p := k.query(st.Sub, false)
		return func(r *run, in set) set {
			copies := set{order: in.order}
			for _, w := range in.rows {
				copies.rows = append(copies.rows, r.clone(w))
			}
			return concatSets(in, r.exec(p, copies))
		}
	}
	p := k.sub(st.Sub)
	if st.Name == "append" {
		return func(r *run, in set) set { return concatSets(in, r.cut(r.exec(p, set{}), "append")) }
	}
	override := o.bool("override", false)
	return func(r *run, in set) set {
		other := r.cut(r.exec(p, set{}), "appendcols")
		for i, w := range other.rows {
			if i >= len(in.rows) {
				in.rows = append(in.rows, w)
				continue
			}
			in.rows[i] = r.merge(in.rows[i], w, override)
			in.rows[i].src = nil
		}
		return in.with(fieldsOf(set{rows: visible(other.rows), order: other.order})...)
	}
}

// streamingCommands may stand in the branches of multisearch.
var streamingCommands = []string{"search", "where", "eval", "rename", "rex", "fields", "regex", "replace", "fillnull", "spath", "makemv", "mvexpand", "bin", "lookup", "convert", "addinfo", "nomv", "strcat", "xmlkv", "fieldformat"}

// union compiles union and multisearch.
func (k *compiler) union(st *syntax.Union, first bool) stage {
	k.options(st.Command(), st.Options, "maxout", "maxtime", "timeout", "extendtimerange")
	for _, d := range st.Datasets {
		k.unsupported(st.Span, "the dataset `"+d+"` in `union`", "write it as a subsearch in brackets")
	}
	if st.Multi && len(st.Subs) < 2 {
		k.invalid(st.Span, "`multisearch` needs at least two searches", "write | multisearch [search …] [search …]")
	}
	streaming := true
	var branches []pipeline
	for _, q := range st.Subs {
		for _, s := range q.Stages {
			if slices.Contains(streamingCommands, s.Command()) {
				continue
			}
			streaming = false
			if st.Multi {
				k.invalid(s.Pos(), fmt.Sprintf("`%s` cannot stand inside `multisearch`", s.Command()), "only commands that work event by event can; use union or append")
			}
		}
		branches = append(branches, k.sub(q))
	}
	return func(r *run, in set) set {
		out := in
		if first {
			out = set{}
		}
		for _, b := range branches {
			got := r.exec(b, set{})
			if !streaming {
				got = r.cut(got, st.Command())
			}
			if out.rows == nil && out.order == nil {
				out = got
				continue
			}
			out = concatSets(out, got)
		}
		if streaming && first { // branches of events come as one stream, newest first
			arrive(out.rows)
		}
		return out
	}
}

// returnStage turns rows into the text that a subsearch gives: `return 5 field`, `return $field`, `return a=field`.
func (k *compiler) returnStage(st *syntax.Plain) stage {
	args := st.Args
	n := 1
	if len(args) > 0 && args[0].Name == "" {
		if x, ok := parseNumber(args[0].Value); ok {
			n, args = int(x), args[1:]
		}
	}
	return func(_ *run, in set) set {
		var rows []string
		for _, w := range in.rows[:min(max(0, n), len(in.rows))] {
			var parts []string
			for _, a := range args {
				name, source, raw := a.Value, a.Value, false
				if a.Name != "" {
					name = a.Name
				}
				if rest, ok := strings.CutPrefix(source, "$"); ok {
					source, raw = rest, true
				}
				v := w.get(source)
				switch {
				case v.isNull():
				case raw:
					parts = append(parts, v.text())
				default:
					parts = append(parts, pairText(name, v))
				}
			}
			if len(parts) > 0 {
				rows = append(rows, strings.Join(parts, " "))
			}
		}
		if len(rows) == 0 {
			return set{}
		}
		text := rows[0]
		if len(rows) > 1 {
			text = "(" + strings.Join(rows, ") OR (") + ")"
		}
		w := newRow()
		w.set("search", fieldText(text))
		return set{rows: []*row{w}, order: []string{"search"}}
	}
}

// outputlookup passes its rows on: the interpreter writes nothing.
func (k *compiler) outputlookup(st *syntax.Plain) stage {
	_, names := k.wordsOf(st, "append", "create_empty", "override_if_empty", "max", "key_field", "createinapp", "create_context", "output_format", "allow_updates")
	if len(names) != 1 {
		k.invalid(st.Span, "`outputlookup` takes one lookup", "name it")
		return nil
	}
	return func(r *run, in set) set {
		r.warning("outputlookup %s: the lookup is not written", names[0])
		return in
	}
}
