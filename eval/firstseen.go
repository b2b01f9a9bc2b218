package eval

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// firstSeen asks at each tick, for each pair of a tuple and a value that some row of the tick has, whether it is new.
func firstSeen(b *ir.FirstSeen, rows []Row, rng Range) []moment {
	every, history, warmup := b.Every.Milliseconds(), b.History.Milliseconds(), b.Warmup.Milliseconds()
	pairKeys := append(slices.Clone(b.Per), b.Value)
	pairs, owners := groups(rows, pairKeys), groups(rows, b.Per)
	var out []moment
	for _, tick := range windows(rows, every, every) {
		for _, g := range inKeyOrder(groups(between(rows, tick, tick+every), pairKeys)) {
			n := len(b.Per)
			m := moment{key: g.key[:n:n], value: &g.key[n], time: g.rows[0].Millis, event: g.rows[0].ID}
			seen := between(pairs[tupleID(g.key)].rows, tick-history, tick)
			known := between(owners[tupleID(m.key)].rows, tick-history, tick-warmup)
			switch {
			case len(seen) > 0:
				m.why = fmt.Sprintf("seen before, last at %s", schema.DateMillis(seen[len(seen)-1].Millis))
			case warmup > 0 && len(known) == 0:
				m.why = fmt.Sprintf("no event of the group from %s to %s, before the warm-up", schema.DateMillis(tick-history), schema.DateMillis(tick-warmup))
			default:
				m.found = true
			}
			if rng.has(m.time) {
				out = append(out, m)
			}
		}
	}
	return out
}
