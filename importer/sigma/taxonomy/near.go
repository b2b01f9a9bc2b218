package taxonomy

import (
	"slices"
	"strings"
)

// nearest returns the name that is most like the given one: the same but for case, or few letters away; "" when none is.
func nearest(name string, names []string) string {
	best, at := "", max(1, len(name)/4)+1
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return n
		}
		if d := distance(strings.ToLower(name), strings.ToLower(n), at); d < at {
			best, at = n, d
		}
	}
	return best
}

// distance returns the number of letters to insert, delete, replace or swap with their neighbour, or limit when there are as
// many or more.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 100 || len(b) > 100 {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}

// near returns up to three log sources of the same product, or of like names, that have a place.
func (t *table) near(l Logsource) []Logsource {
	type scored struct {
		l Logsource
		d int
	}
	var found []scored
	for k := range t.sources {
		limit := 4
		d := distance(l.Product, k.Product, limit) + distance(l.Category, k.Category, limit) + distance(l.Service, k.Service, limit)
		if d < limit {
			found = append(found, scored{k, d})
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		if a.d != b.d {
			return a.d - b.d
		}
		return strings.Compare(a.l.String(), b.l.String())
	})
	var out []Logsource
	for _, f := range found[:min(3, len(found))] {
		out = append(out, f.l)
	}
	return out
}
