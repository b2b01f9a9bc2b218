package verify

import (
	"maps"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// explain minimises the event of a disagreement and finds the condition that it turns on.
func (j *judge) explain(d Disagreement) Disagreement {
	d.Native = j.shrink(d)
	d.Leaf, d.Piece = j.piece(d)
	return d
}

// stillBad reports whether a smaller event shows a disagreement of the same kind.
func (j *judge) stillBad(d Disagreement, nativeEvent map[string]any) bool {
	e, ok := canonicalOn(j.out.Bound.Parts[d.Case.Part], "shrunk", nativeEvent)
	if stranger := d.Case.Canonical.Class == ""; stranger == ok {
		return false
	}
	if !ok {
		e = schema.Event{}
	}
	c := Case{Part: d.Case.Part, Native: nativeEvent, Canonical: e}
	if j.breaks(c) != "" {
		return false
	}
	answers, err := j.run([]Case{c}, nil)
	if err != nil {
		return false
	}
	got, bad := compare(j.out.Fidelity, j.canonical.Match(&e), j.boundHolds(c), answers[0])
	return bad && got.Blame == d.Blame
}

// shrink takes fields away, then elements, then halves of texts, as long as the disagreement stays.
func (j *judge) shrink(d Disagreement) map[string]any {
	best := clone(d.Case.Native)
	for _, path := range slices.Sorted(maps.Keys(schema.FlattenKeys(best))) {
		try := without(best, path)
		if j.stillBad(d, try) {
			best = try
		}
	}
	for _, path := range slices.Sorted(maps.Keys(schema.FlattenKeys(best))) {
		for _, smaller := range smallerValues(schema.ObjectLeaves(best, path)) {
			try := clone(best)
			schema.SetPath(try, path, smaller)
			if j.stillBad(d, try) {
				best = try
				break
			}
		}
	}
	return best
}

func smallerValues(vals []any) [][]any {
	var out [][]any
	if len(vals) > 1 {
		for _, v := range vals {
			out = append(out, []any{v})
		}
		return out
	}
	s, ok := vals[0].(string)
	if !ok {
		return nil
	}
	r := []rune(s)
	for n := 1; n < len(r) && n < 64; n *= 2 {
		out = append(out, []any{string(r[:n])}, []any{string(r[len(r)-n:])})
	}
	return out
}

// piece finds the first condition of the part on which the language alone disagrees with the evaluator, and its text.
func (j *judge) piece(d Disagreement) (leaf, text string) {
	if d.Blame != "lowering" {
		return "", ""
	}
	part := j.out.Bound.Parts[d.Case.Part]
	for _, p := range []ir.Pred{part.Select, part.Where} {
		for _, path := range leafPaths(p, nil) {
			q := path[len(path)-1]
			if len(path) > 1 {
				if not, ok := path[len(path)-2].(*ir.Not); ok {
					q = not
				}
			}
			alone, diags := j.out.Alone(part, q)
			if diags.HasErrors() {
				continue
			}
			one, err := newJudge(alone)
			if err != nil {
				return ir.Words(q), alone.Query.Text
			}
			c := Case{Native: d.Native}
			got, err := one.run([]Case{c}, nil)
			if err != nil || got[0] != one.boundHolds(c) {
				return ir.Words(q), alone.Query.Text
			}
		}
	}
	return "", j.out.Query.Text
}
