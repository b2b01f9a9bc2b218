package interp

import (
	"slices"
)

// Sizes of collections: the default of today's functions, and of the old names (make-set-aggregation-function).
const (
	maxCollected = 1_048_576
	oldCollected = 128
)

// collectAggregates gather values into arrays and bags.
var collectAggregates = []*aggregate{
	{function: function{name: "make_list", sig: "any int?", ret: "dynamic", naming: namePrefix, prefix: "list", doc: "array of the values that are not null"}, start: startList(false, maxCollected)},
	{function: function{name: "make_list_if", sig: "any bool int?", ret: "dynamic", naming: namePrefix, prefix: "list", doc: "make_list under a condition"}, pred: 1, start: startList(false, maxCollected)},
	{function: function{name: "make_list_with_nulls", sig: "any", ret: "dynamic", naming: namePrefix, prefix: "list", doc: "array of all values"}, start: startList(true, maxCollected)},
	{function: function{name: "makelist", sig: "any int?", ret: "dynamic", naming: namePrefix, prefix: "list", doc: "old make_list, 128 values"}, start: startList(false, oldCollected)},
	{function: function{name: "make_set", sig: "any int?", ret: "dynamic", naming: namePrefix, prefix: "set", doc: "array of the distinct values that are not null"}, start: startSet(maxCollected)},
	{function: function{name: "make_set_if", sig: "any bool int?", ret: "dynamic", naming: namePrefix, prefix: "set", doc: "make_set under a condition"}, pred: 1, start: startSet(maxCollected)},
	{function: function{name: "makeset", sig: "any int?", ret: "dynamic", naming: namePrefix, prefix: "set", doc: "old make_set, 128 values"}, start: startSet(oldCollected)},
	{function: function{name: "make_bag", sig: "dyn int?", ret: "dynamic", naming: namePrefix, prefix: "bag", doc: "bag of all properties of the values"}, start: startBag(maxCollected)},
	{function: function{name: "make_bag_if", sig: "dyn bool int?", ret: "dynamic", naming: namePrefix, prefix: "bag", doc: "make_bag under a condition"}, pred: 1, start: startBag(maxCollected)},
	{function: function{name: "make_dictionary", sig: "dyn int?", ret: "dynamic", naming: namePrefix, prefix: "dictionary", doc: "old make_bag"}, start: startBag(oldCollected)},
	{function: function{name: "buildschema", sig: "dyn", ret: "dynamic", naming: namePrefix, prefix: "schema", doc: "least schema that admits all values"}, start: startSchema},
}

func (c *aggCall) size(def int) int {
	if c.limit > 0 {
		return min(c.limit, maxCollected)
	}
	return def
}

func startList(nulls bool, def int) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		limit := c.size(def)
		return func() state {
			list := []any{}
			return &each{arg: c.args[0], f: func(v any, e *env) {
				if (v != nil || nulls) && len(list) < limit {
					e.x.grow(1, 1)
					list = append(list, v)
				}
			}, done: func() any { return list }}
		}
	}
}

// startSet gathers distinct values; the values of arrays count one by one (make-set-aggregation-function).
func startSet(def int) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		limit := c.size(def)
		counts := countsAsValue(c.x)
		return func() state {
			list, seen := []any{}, map[string]bool{}
			put := func(v any, e *env) {
				if !counts(v) || len(list) >= limit {
					return
				}
				if k := key(v); !seen[k] {
					e.x.grow(1, 1)
					seen[k] = true
					list = append(list, v)
				}
			}
			return &each{arg: c.args[0], f: func(v any, e *env) {
				if arr, ok := v.([]any); ok {
					for _, el := range arr {
						put(el, e)
					}
					return
				}
				put(v, e)
			}, done: func() any { return list }}
		}
	}
}

func startBag(def int) func(c *aggCall) func() state {
	return func(c *aggCall) func() state {
		limit := c.size(def)
		return func() state {
			out := newBag()
			return &each{arg: c.args[0], f: func(v any, e *env) {
				b, ok := v.(*bag)
				if !ok {
					return
				}
				for _, k := range b.keys {
					if _, has := out.vals[k]; !has && len(out.keys) < limit {
						e.x.grow(1, 1)
						out.set(k, b.vals[k])
					}
				}
			}, done: func() any { return out }}
		}
	}
}

// schema is the type of the values seen at one place: names of scalar types, properties, and the elements of arrays.
type schema struct {
	scalars []string
	props   map[string]*schema
	order   []string
	elem    *schema
}

func (s *schema) add(v any) {
	switch v := v.(type) {
	case nil:
	case *bag:
		if s.props == nil {
			s.props = map[string]*schema{}
		}
		for _, k := range v.keys {
			if s.props[k] == nil {
				s.props[k] = &schema{}
				s.order = append(s.order, k)
			}
			s.props[k].add(v.vals[k])
		}
	case []any:
		if s.elem == nil {
			s.elem = &schema{}
		}
		for _, e := range v {
			s.elem.add(e)
		}
	default:
		name := typeOf(v).String()
		if name == "real" {
			name = "double"
		}
		if !slices.Contains(s.scalars, name) {
			s.scalars = append(s.scalars, name)
		}
	}
}

// value writes the schema as buildschema does: "long", ["long", "double"], {"a": …}, {"`indexer`": …}.
func (s *schema) value() any {
	var alts []any
	for _, n := range s.scalars {
		alts = append(alts, n)
	}
	if s.props != nil {
		b := newBag()
		for _, k := range s.order {
			b.set(k, s.props[k].value())
		}
		alts = append(alts, b)
	}
	if s.elem != nil {
		b := newBag()
		b.set("`indexer`", s.elem.value())
		alts = append(alts, b)
	}
	switch len(alts) {
	case 0:
		return nil
	case 1:
		return alts[0]
	}
	return alts
}

func startSchema(c *aggCall) func() state {
	return func() state {
		s := &schema{}
		return &each{arg: c.args[0], f: func(v any, _ *env) { s.add(v) }, done: s.value}
	}
}
