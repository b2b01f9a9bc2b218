package interp

// countAggregates count rows and distinct values.
var countAggregates = []*aggregate{
	{function: function{name: "count", sig: "any?", ret: "long", naming: namePrefix, prefix: "count", doc: "number of rows; of a bool argument, of those for which it holds"}, start: startCount},
	{function: function{name: "cnt", sig: "", ret: "long", naming: namePrefix, prefix: "cnt", doc: "old name of count"}, start: startCount},
	{function: function{name: "countif", sig: "bool", ret: "long", naming: namePrefix, prefix: "countif", doc: "number of rows for which a condition holds"}, start: startCount},
	{function: function{name: "dcount", sig: "any int?", ret: "long", naming: namePrefix, prefix: "dcount", doc: "number of distinct values; an estimate in the service, exact here"}, start: startDistinct},
	{function: function{name: "dcountif", sig: "any bool int?", ret: "long", naming: namePrefix, prefix: "dcountif", doc: "dcount of the rows for which a condition holds"}, pred: 1, start: startDistinct},
	{function: function{name: "count_distinct", sig: "plain", ret: "long", naming: namePrefix, prefix: "count_distinct", doc: "number of distinct values, exact"}, start: startDistinct},
	{function: function{name: "count_distinctif", sig: "plain bool", ret: "long", naming: namePrefix, prefix: "count_distinctif", doc: "count_distinct of the rows for which a condition holds"}, pred: 1, start: startDistinct},
}

func startCount(c *aggCall) func() state {
	return func() state {
		n := int64(0)
		if c.n == 0 || c.args[0].typ != tBool { // count(x) counts rows too (summarize-operator)
			return &each{arg: constant(nil, tNone, c.at), f: func(any, *env) { n++ }, done: func() any { return n }}
		}
		return &each{arg: c.args[0], f: func(v any, _ *env) {
			if isTrue(v) {
				n++
			}
		}, done: func() any { return n }}
	}
}

// countsAsValue tells whether a value is one that distinct counts and sets hold: nulls are not, "" is by doubt.
func countsAsValue(x *exec) func(v any) bool {
	empty := x.in.On(doubtEmptyCounted)
	return func(v any) bool { return v != nil && (empty || v != "") }
}

func startDistinct(c *aggCall) func() state {
	counts := countsAsValue(c.x)
	return func() state {
		seen := map[string]bool{}
		return &each{arg: c.args[0], f: func(v any, e *env) {
			if counts(v) {
				e.x.tick(1)
				seen[key(v)] = true
			}
		}, done: func() any { return int64(len(seen)) }}
	}
}
