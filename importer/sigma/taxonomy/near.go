package taxonomy

import "github.com/onerule/onerule/diag"

// near returns up to three log sources of like names that have a place.
func (t *table) near(l Logsource) []Logsource {
	key := func(l Logsource) string { return l.Product + "/" + l.Category + "/" + l.Service }
	of := map[string]Logsource{}
	var keys []string
	for k := range t.sources {
		of[key(k)] = k
		keys = append(keys, key(k))
	}
	var out []Logsource
	for _, k := range diag.Near(key(l), keys, 3) {
		out = append(out, of[k])
	}
	return out
}
