package eval

import (
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// countWindows is counting in tumbling and hopping windows: in each window each tuple that some row of the window has.
func countWindows(b *ir.Count, rows []Row, rng Range) []moment {
	size, every := b.Window.Size.Milliseconds(), b.Window.Every.Milliseconds()
	if b.Window.Kind == ir.Tumbling {
		every = size
	}
	var out []moment
	for _, from := range windows(rows, size, every) {
		to, at := from+size, from
		if b.Window.Kind == ir.Hopping {
			at = to // the tick
		}
		if !rng.has(at) {
			continue
		}
		in := between(rows, from, to)
		scopes := scopeGroups(b, in)
		for _, g := range inKeyOrder(groups(in, b.Per)) {
			m := moment{key: g.key, from: from, to: to}
			m.aggs = scopeAggs(b, g.key, scopes, from, to)
			m.found = m.holds(b.When)
			out = append(out, m)
		}
	}
	return out
}

// countSliding is counting at the time of each event of a tuple.
func countSliding(b *ir.Count, rows []Row, rng Range) []moment {
	size := b.Window.Size.Milliseconds()
	scopes := scopeGroups(b, rows)
	var out []moment
	for _, g := range inKeyOrder(groups(rows, b.Per)) {
		before, last := false, int64(0)
		for _, first := range firstAtEachTime(g.rows) {
			t := first.Millis
			before, last = before && t-last < size, t
			m := moment{key: g.key, time: t, event: first.ID}
			m.aggs = scopeAggs(b, g.key, scopes, t-size+1, t+1) // (t−T, t] of whole milliseconds
			m.becomes(m.holds(b.When), &before)
			if rng.has(t) {
				out = append(out, m)
			}
		}
	}
	return out
}

// countSessions is counting in the sessions of each tuple.
func countSessions(b *ir.Count, rows []Row, rng Range) []moment {
	var out []moment
	for _, g := range inKeyOrder(groups(rows, b.Per)) {
		for _, session := range sessions(g.rows, b.Window) {
			before := false
			for _, first := range firstAtEachTime(session) {
				t := first.Millis
				m := moment{key: g.key, time: t, event: first.ID}
				for _, s := range b.Scopes {
					m.aggs = append(m.aggs, aggregates(s, between(session, session[0].Millis, t+1)))
				}
				m.becomes(m.holds(b.When), &before)
				if rng.has(t) {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// becomes says whether the moment begins an episode: `when` is true, and was not before.
func (m *moment) becomes(now bool, before *bool) {
	m.found = now && !*before
	if now && *before {
		m.why = "true, as it was at the group's time before: no new finding"
	}
	*before = now
}

// sessions cuts the rows of a tuple into sessions.
func sessions(rows []Row, w ir.Window) [][]Row {
	var out [][]Row
	start := 0
	for i := range rows {
		if i > start && (rows[i].Millis-rows[i-1].Millis >= w.Size.Milliseconds() || rows[i].Millis-rows[start].Millis >= w.Max.Milliseconds()) {
			out = append(out, rows[start:i])
			start = i
		}
	}
	return append(out, rows[start:])
}

// firstAtEachTime returns, of rows in order, the first one at each time.
func firstAtEachTime(rows []Row) []Row {
	var out []Row
	for i, row := range rows {
		if i == 0 || rows[i-1].Millis != row.Millis {
			out = append(out, row)
		}
	}
	return out
}

// scopeGroups sorts the rows by the keys of each scope.
func scopeGroups(b *ir.Count, rows []Row) []map[string]*group {
	out := make([]map[string]*group, len(b.Scopes))
	for i, s := range b.Scopes {
		out[i] = groups(rows, s.Keys)
	}
	return out
}

// scopeAggs returns the aggregates of each scope for a tuple over the rows in [from, to).
func scopeAggs(b *ir.Count, tuple []schema.Value, scopes []map[string]*group, from, to int64) [][][]schema.Value {
	out := make([][][]schema.Value, len(b.Scopes))
	for i, s := range b.Scopes {
		out[i] = aggregates(s, between(rowsOf(scopes[i], tuple, b.Per, s.Keys), from, to))
	}
	return out
}

func aggregates(s ir.Scope, rows []Row) [][]schema.Value {
	out := make([][]schema.Value, len(s.Aggs))
	for i, a := range s.Aggs {
		out[i] = aggregate(a, rows)
	}
	return out
}
