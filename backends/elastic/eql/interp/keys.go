package interp

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/diag"
)

// joinKey is one component of the join key of a term; the field is nil when it is optional and unmapped.
type joinKey struct {
	field    *field
	optional bool
	span     diag.Span
}

// joinKeys finds the fields of the keys of a term, the shared ones first.
func (r *run) joinKeys(shared, own []*syntax.Field) []joinKey {
	keys := make([]joinKey, 0, len(shared)+len(own))
	for _, list := range [][]*syntax.Field{shared, own} {
		for _, f := range list {
			keys = append(keys, joinKey{field: r.field(f), optional: f.Optional, span: f.Span})
		}
	}
	return keys
}

// checkKeyTypes demands that the keys of all terms have types that can be equal.
func (r *run) checkKeyTypes(terms [][]joinKey) {
	for i := range terms[0] {
		var first *field
		for _, keys := range terms {
			f := keys[i].field
			switch {
			case f == nil:
			case first == nil:
				first = f
			case !canCompare(first.typ, f.typ):
				r.fault(diag.EQLRun, keys[i].span, fmt.Sprintf("the join keys `%s` (%s) and `%s` (%s) can never be equal",
					first.name, first.main.Type, f.name, f.main.Type), "join by fields of the same type")
			}
		}
	}
}

// tuple is one combination of key values.
type tuple struct {
	id     string
	values []value
}

// tupleCost is what a key tuple counts against the budget; tuples take memory.
const tupleCost = 200

// tuples returns the key tuples of an event: one for each combination of the values of its keys, none when a key that is
// not optional has no value.
func (r *run) tuples(e *event, keys []joinKey) []tuple {
	list := []tuple{{}}
	for _, k := range keys {
		values := []value{nil}
		if k.field != nil {
			values = distinct(e.get(k.field))
			if len(values) == 0 && k.optional {
				values = []value{nil}
			}
		} else if !k.optional {
			return nil
		}
		next := make([]tuple, 0, len(list)*len(values))
		for _, t := range list {
			for _, v := range values {
				if !r.step(tupleCost) {
					return nil
				}
				next = append(next, tuple{id: t.id + keyText(v), values: append(t.values[:len(t.values):len(t.values)], v)})
			}
		}
		list = next
	}
	return list
}

// distinct drops repeats and keeps the order.
func distinct(values []value) []value {
	if len(values) < 2 {
		return values
	}
	seen := map[string]bool{}
	var out []value
	for _, v := range values {
		if id := keyText(v); !seen[id] {
			seen[id] = true
			out = append(out, v)
		}
	}
	return out
}

// keyText identifies a key value: equal values have equal texts, numbers of different types too.
func keyText(v value) string {
	var b strings.Builder
	s := ""
	switch v := v.(type) {
	case nil:
		return "-;"
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
		if x, ok := exact(v); ok && x.IsInt() {
			s = x.Text('f', 0)
		}
		b.WriteByte('n')
	case int64, uint64:
		s = toText(v)
		b.WriteByte('n')
	case time.Time:
		s = strconv.FormatInt(v.UnixNano(), 10)
		b.WriteByte('t')
	default:
		s = toText(v)
		b.WriteByte('s')
	}
	b.WriteString(strconv.Itoa(len(s)))
	b.WriteByte(':')
	b.WriteString(s)
	return b.String()
}

// jsonKeys is a key tuple as results show it.
func jsonKeys(values []value) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = jsonKey(v)
	}
	return out
}

func jsonKey(v value) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int64, uint64:
		return json.Number(toText(v))
	case float64:
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
	case time.Time, netip.Addr, version:
		return toText(v)
	}
	return nil
}
