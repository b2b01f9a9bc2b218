package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// jsonFunctions are the JSON functions (Search Reference, JSON functions). A value that they make keeps being JSON when it
// is put into another; other text is a string there.
var jsonFunctions = []function{
	{name: "json", min: 1, max: 1, bounded: true, typ: strType, doc: "json(text): the text as JSON, null if it is none", call: func(_ *run, a []value) value {
		n, err := parseJSON(a[0].text())
		if err != nil {
			return value{}
		}
		return jsonValueOf(n)
	}},
	{name: "json_object", min: 0, max: -1, bounded: true, typ: strType, nulls: true, lists: true, conditions: true, doc: `json_object("key", value, …)`, call: jsonObject},
	{name: "json_array", min: 0, max: -1, bounded: true, typ: strType, nulls: true, lists: true, conditions: true, doc: "json_array(value, …)", call: func(_ *run, a []value) value {
		list := []node{}
		for _, v := range a {
			list = append(list, toNode(v))
		}
		return jsonValueOf(list)
	}},
	{name: "json_keys", min: 1, max: 1, bounded: true, typ: strType, doc: "json_keys(json): the keys of an object as a JSON array", call: func(_ *run, a []value) value {
		o, ok := jsonOf(a[0]).(*object)
		if !ok {
			return value{}
		}
		list := []node{}
		for _, k := range o.keys {
			list = append(list, k)
		}
		return jsonValueOf(list)
	}},
	{name: "json_entries", min: 1, max: 1, bounded: true, typ: strType, doc: "json_entries(json): an array of an object's keys and values", call: func(_ *run, a []value) value {
		o, ok := jsonOf(a[0]).(*object)
		if !ok {
			return value{}
		}
		list := []node{}
		for _, k := range o.keys {
			e := newObject()
			e.set("key", k)
			e.set("value", o.vals[k])
			list = append(list, e)
		}
		return jsonValueOf(list)
	}},
	{name: "json_set", min: 3, max: -1, bounded: true, typ: strType, nulls: true, lists: true, conditions: true, doc: "json_set(json, path, value, …): sets what the paths lead to", call: func(_ *run, a []value) value {
		return changed(a, jsonSteps, func(_ node, v value) node { return toNode(v) })
	}},
	{name: "json_set_exact", min: 3, max: -1, bounded: true, typ: strType, nulls: true, lists: true, conditions: true, doc: "json_set_exact(json, key, value, …): sets keys, dots and braces in them being plain", call: func(_ *run, a []value) value {
		return changed(a, oneKey, func(_ node, v value) node { return toNode(v) })
	}},
	{name: "json_append", min: 3, max: -1, bounded: true, typ: strType, nulls: true, lists: true, conditions: true, doc: "json_append(json, path, value, …): adds an element to the arrays at the paths", call: func(_ *run, a []value) value {
		return changed(a, jsonSteps, func(old node, v value) node { return append(elements(old), toNode(v)) })
	}},
	{name: "json_extend", min: 3, max: -1, bounded: true, typ: strType, nulls: true, lists: true, conditions: true, doc: "json_extend(json, path, array, …): adds the elements of an array to the arrays at the paths", call: func(_ *run, a []value) value {
		return changed(a, jsonSteps, func(old node, v value) node { return append(elements(old), elements(toNode(v))...) })
	}},
	{name: "json_delete", min: 2, max: -1, bounded: true, typ: strType, doc: "json_delete(json, path, …): removes what the paths lead to", call: func(_ *run, a []value) value {
		n := jsonOf(a[0])
		if n == nil {
			return value{}
		}
		for _, p := range a[1:] {
			steps := jsonSteps(p.text())
			if len(steps) > maxJSONDepth {
				return value{}
			}
			n = change(n, steps, func(node, bool) (node, bool) { return nil, false })
		}
		return jsonValueOf(n)
	}},
	{name: "json_has_key_exact", min: 2, max: 2, bounded: true, typ: boolType, doc: "json_has_key_exact(json, key)", call: func(_ *run, a []value) value {
		o, ok := jsonOf(a[0]).(*object)
		if !ok {
			return boolValue(false)
		}
		_, has := o.vals[a[1].text()]
		return boolValue(has)
	}},
	{name: "json_valid", min: 1, max: 1, bounded: true, typ: boolType, doc: "json_valid(text)", call: func(_ *run, a []value) value {
		_, err := parseJSON(a[0].text())
		return boolValue(err == nil)
	}},
	{name: "json_extract", min: 1, max: -1, bounded: true, doc: "json_extract(json, path, …): the value at a path; for several paths, or a path over all elements, a JSON array", call: jsonExtract},
	{name: "json_extract_exact", min: 2, max: -1, bounded: true, doc: "json_extract_exact(json, key, …): as json_extract, dots and braces being plain", call: func(_ *run, a []value) value {
		o, ok := jsonOf(a[0]).(*object)
		if !ok {
			return value{}
		}
		return several(a[1:], func(key value) ([]node, bool) {
			v, has := o.vals[key.text()]
			if !has {
				return nil, false
			}
			return []node{v}, false
		})
	}},
	{name: "json_array_to_mv", min: 1, max: 2, bounded: true, conditions: true, doc: "json_array_to_mv(array[, quotes]): its elements as values", call: func(r *run, a []value) value {
		list, ok := jsonOf(a[0]).([]node)
		if !ok {
			return value{}
		}
		quotes := len(a) > 1 && a[1].kind == boolean && a[1].num != 0
		var out []value
		for _, e := range list {
			if s, isText := e.(string); isText && quotes {
				out = append(out, fieldText(jsonText(s)))
				continue
			}
			if e == nil {
				out = append(out, fieldText("null"))
				continue
			}
			out = append(out, fromNode(e))
		}
		return r.listValue(out)
	}},
	{name: "mv_to_json_array", min: 1, max: 2, bounded: true, typ: strType, lists: true, conditions: true, doc: "mv_to_json_array(field[, infer]): its values as a JSON array of strings, or of what they look like", call: func(_ *run, a []value) value {
		infer := len(a) > 1 && a[1].kind == boolean && a[1].num != 0
		list := []node{}
		for _, v := range a[0].values() {
			n, err := parseJSON(v.text())
			if infer && err == nil {
				list = append(list, n)
				continue
			}
			list = append(list, v.text())
		}
		return jsonValueOf(list)
	}},
	{name: "tojson", min: 1, max: 2, bounded: true, typ: strType, lists: true, conditions: true, doc: "tojson(value): the value as JSON text", call: func(_ *run, a []value) value {
		return value{kind: text, str: nodeText(toNode(a[0])), origin: field, json: true}
	}},
	{name: "isarray", min: 1, max: 1, bounded: true, typ: boolType, nulls: true, lists: true, doc: "isarray(x): a JSON array", call: func(_ *run, a []value) value {
		return boolValue(a[0].json && strings.HasPrefix(a[0].str, "["))
	}},
	{name: "isobject", min: 1, max: 1, bounded: true, typ: boolType, nulls: true, lists: true, doc: "isobject(x): a JSON object", call: func(_ *run, a []value) value {
		return boolValue(a[0].json && strings.HasPrefix(a[0].str, "{"))
	}},
	{name: "toarray", min: 1, max: 1, bounded: true, typ: strType, lists: true, conditions: true, doc: "toarray(value): as a JSON array", call: func(_ *run, a []value) value {
		if n, err := parseJSON(a[0].text()); err == nil && a[0].kind == text {
			return jsonValueOf(elements(n))
		}
		return jsonValueOf(elements(toNode(a[0])))
	}},
	{name: "toobject", min: 1, max: 1, bounded: true, typ: strType, doc: "toobject(text): as a JSON object", call: func(_ *run, a []value) value {
		if o, ok := jsonOf(a[0]).(*object); ok {
			return jsonValueOf(o)
		}
		return value{}
	}},
	{name: "lookup", min: 3, max: 3, typ: strType, doc: `lookup("table", json_object("column", value), json_array("output")): the outputs as a JSON object`, build: buildLookup},
}

func jsonObject(_ *run, a []value) value {
	o := newObject()
	for i := 0; i+1 < len(a); i += 2 {
		if a[i].isNull() {
			return value{}
		}
		o.set(a[i].text(), toNode(a[i+1]))
	}
	return jsonValueOf(o)
}

// jsonOf is the JSON that a value's text is; nil where it is none.
func jsonOf(v value) node {
	if v.kind != text {
		return nil
	}
	n, err := parseJSON(v.str)
	if err != nil {
		return nil
	}
	return n
}

func oneKey(key string) []step { return []step{{key: key}} }

// elements is a JSON array's elements: a scalar's one, none of null.
func elements(n node) []node {
	switch n := n.(type) {
	case nil:
		return []node{}
	case []node:
		return append([]node{}, n...)
	}
	return []node{n}
}

// changed applies path and value pairs to the JSON that comes first.
func changed(a []value, path func(string) []step, f func(old node, v value) node) value {
	n := jsonOf(a[0])
	if n == nil || len(a)%2 == 0 {
		return value{}
	}
	for i := 1; i+1 < len(a); i += 2 {
		steps := path(a[i].text())
		if len(steps) > maxJSONDepth {
			return value{}
		}
		n = change(n, steps, func(old node, _ bool) (node, bool) { return f(old, a[i+1]), true })
	}
	return jsonValueOf(n)
}

func jsonExtract(_ *run, a []value) value {
	n := jsonOf(a[0])
	if n == nil {
		return value{}
	}
	if len(a) == 1 {
		return fromNode(n)
	}
	return several(a[1:], func(p value) ([]node, bool) {
		steps := jsonSteps(p.text())
		if len(steps) > maxJSONDepth {
			return nil, false
		}
		many := false
		for _, s := range steps {
			many = many || s.all
		}
		return find(n, steps), many
	})
}

// several is the one thing found, or a JSON array where there are several paths or a path may lead to several.
func several(paths []value, get func(value) (found []node, many bool)) value {
	list := []node{}
	array := len(paths) > 1
	for _, p := range paths {
		found, many := get(p)
		array = array || many
		list = append(list, found...)
	}
	switch {
	case len(list) == 0:
		return value{}
	case !array:
		return fromNode(list[0])
	}
	return jsonValueOf(list)
}

// buildLookup compiles the function lookup, which matches exactly.
func buildLookup(k *compiler, x *syntax.Call) evalFunc {
	name, ok := x.Args[0].(*syntax.Str)
	if !ok {
		k.unsupported(x.Span, "lookup in anything but a named table", "write the lookup's name in double quotes")
		return nothing
	}
	table, def := k.lookupTable(name.Value), k.lookups[name.Value]
	inputs, outputs := k.expr(x.Args[1]).eval, k.expr(x.Args[2]).eval
	return func(r *run, w *row) value {
		in, ok := jsonOf(inputs(r, w)).(*object)
		out, ok2 := jsonOf(outputs(r, w)).([]node)
		if !ok || !ok2 || r.failed() {
			return value{}
		}
		key := newRow()
		var names []syntax.Alias
		for _, n := range in.keys {
			key.set(n, fromNode(in.vals[n]))
			names = append(names, syntax.Alias{Name: n})
		}
		rows, given := r.tableRows(table, x.Span)
		if !given || !r.spend(len(rows)+1) {
			return value{}
		}
		found, _ := newLookupTable(rows, names, def).find(r, key, 1)
		if len(found) == 0 {
			return value{}
		}
		o := newObject()
		for _, n := range out {
			if s, isText := n.(string); isText && !found[0].get(s).isNull() {
				o.set(s, toNode(found[0].get(s)))
			}
		}
		return jsonValueOf(o)
	}
}
