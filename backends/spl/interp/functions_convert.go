package interp

import (
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// convertFunctions are the newer conversion and informational functions, and those on search texts.
var convertFunctions = []function{
	{name: "toint", min: 1, max: 2, typ: numType, conditions: true, doc: "toint(x[, base]): a whole number, cut off towards zero", call: func(r *run, a []value) value {
		v := asNumberOr(r, a)
		if v.kind != number {
			return value{}
		}
		return finite(math.Trunc(v.num))
	}},
	{name: "todouble", min: 1, max: 2, typ: numType, conditions: true, doc: "todouble(x[, base])", call: asNumberOr},
	{name: "tobool", min: 1, max: 1, typ: boolType, conditions: true, doc: "tobool(x): true or false of a text or a number", call: func(_ *run, a []value) value {
		switch n, ok := a[0].number(); {
		case a[0].kind == boolean:
			return a[0]
		case ok:
			return boolValue(n != 0)
		}
		switch strings.ToLower(a[0].text()) {
		case "true", "t", "yes":
			return boolValue(true)
		case "false", "f", "no":
			return boolValue(false)
		}
		return value{}
	}},
	{name: "tomv", min: 1, max: 1, lists: true, doc: "tomv(x): a JSON array's elements as values", call: func(r *run, a []value) value {
		list, ok := jsonOf(a[0]).([]node)
		if !ok {
			return a[0]
		}
		var out []value
		for _, e := range list {
			out = append(out, fromNode(e).values()...)
		}
		return r.listValue(out)
	}},
	{name: "isdouble", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "isdouble(x): a number that is not whole", call: func(_ *run, a []value) value {
		n, ok := a[0].asNumber()
		return boolValue(ok && n != math.Trunc(n))
	}},
	{name: "ismv", min: 1, max: 1, typ: boolType, nulls: true, lists: true, conditions: true, doc: "ismv(x): several values", call: func(_ *run, a []value) value {
		return boolValue(a[0].kind == multi)
	}},
	{name: "commands", min: 1, max: 1, doc: "commands(search): the commands of a search text", call: func(r *run, a []value) value {
		q, diags := syntax.Parse("commands", a[0].text())
		if diags.HasErrors() {
			return value{}
		}
		var out []value
		for _, st := range q.Stages {
			name := textValue(st.Command())
			if name.str != "" && !slices.ContainsFunc(out, func(v value) bool { return v.str == name.str }) {
				out = append(out, name)
			}
		}
		return r.listValue(out)
	}},
}

// asNumberOr is tonumber that also takes conditions.
func asNumberOr(r *run, a []value) value {
	if a[0].kind == boolean {
		return numValue(a[0].num)
	}
	return tonumber(r, a)
}
