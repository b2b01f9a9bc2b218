package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/diag"
)

// matching gives the columns that a name pattern fits, in order; a fault when there is none.
func (r *run) matching(p syntax.NamePattern, in schema) []int {
	var out []int
	if p.Literal() {
		if i := in.index(p.Pieces[0]); i >= 0 {
			return []int{i}
		}
		if !r.nullify {
			r.unknownColumn(p.Span, p.Pieces[0], in)
		}
		return nil
	}
	for i, c := range in {
		if fitsPieces(p.Pieces, c.name) {
			out = append(out, i)
		}
	}
	if len(out) == 0 && p.Text() != "*" {
		r.fault(diag.ESQLUnknown, p.Span, "No matches found for pattern ["+p.Text()+"]")
	}
	return out
}

// fitsPieces matches a name against literal pieces with anything between them.
func fitsPieces(pieces []string, name string) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	mid := name[len(first) : len(name)-len(last)]
	for _, p := range pieces[1 : len(pieces)-1] {
		i := strings.Index(mid, p)
		if i < 0 {
			return false
		}
		mid = mid[i+len(p):]
	}
	return true
}

// keep gives a column the place of the strongest pattern that fits it: a full name beats a pattern, a pattern beats "*",
// and of equals the last one wins (page "KEEP").
func (r *run) keep(c *syntax.Keep, in schema) layout {
	type place struct{ strength, at int }
	best := map[int]place{}
	for at, p := range c.Names {
		strength := 1
		switch {
		case p.Literal():
			strength = 2
			if r.nullify && in.index(p.Pieces[0]) < 0 {
				continue
			}
		case p.Text() == "*":
			strength = 0
		}
		for _, i := range r.matching(p, in) {
			if b, ok := best[i]; !ok || strength >= b.strength {
				best[i] = place{strength, at}
			}
		}
	}
	var out layout
	for at := range c.Names {
		if p := c.Names[at]; p.Literal() && in.index(p.Pieces[0]) < 0 && r.nullify {
			out.add(column{name: p.Pieces[0], typ: tNull, konst: true}, -1)
		}
		for i := range in {
			if b, ok := best[i]; ok && b.at == at {
				out.cols = append(out.cols, in[i])
				out.take = append(out.take, i)
			}
		}
	}
	return out
}

func (r *run) drop(c *syntax.Drop, in schema) layout {
	out := identity(in)
	for _, p := range c.Names {
		for _, i := range r.matching(p, in) {
			out.remove(in[i].name)
		}
	}
	return out
}

// rename renames one pair after the other; a column that had the new name is gone.
func (r *run) rename(c *syntax.Rename, in schema) layout {
	out := identity(in)
	for _, p := range c.Pairs {
		i := out.cols.index(p.Old.Text)
		if i < 0 && r.nullify {
			out.add(column{name: p.New.Text, typ: tNull, konst: true}, -1)
			continue
		}
		if i < 0 {
			r.unknownColumn(p.Old.Span, p.Old.Text, out.cols)
			continue
		}
		if p.Old.Text == p.New.Text {
			continue
		}
		out.remove(p.New.Text)
		i = out.cols.index(p.Old.Text)
		out.cols = slices.Clone(out.cols)
		out.cols[i].name = p.New.Text
	}
	return out
}
