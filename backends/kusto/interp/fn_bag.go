package interp

import (
	"slices"
	"sort"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// bagFunctions work on property bags.
var bagFunctions = []*function{
	{name: "bag_pack pack pack_dictionary", sig: "any*", ret: "dynamic", nulls: true, doc: "bag of keys and values", bind: bindPack},
	{name: "bag_pack_columns", sig: "any*", ret: "dynamic", nulls: true, doc: "bag of columns", bind: bindPackColumns},
	{name: "pack_all", sig: "any!?", ret: "dynamic", nulls: true, doc: "bag of all columns", bind: bindPackAll},
	{name: "bag_keys", sig: "dyn", ret: "dynamic", doc: "keys of a bag", fn: func(c *call, a []any) any {
		b, ok := a[0].(*bag)
		if !ok {
			return nil
		}
		out := make([]any, len(b.keys))
		for i, k := range b.keys {
			out[i] = k
		}
		return out
	}},
	{name: "bag_has_key", sig: "dyn string", ret: "bool", nulls: true, doc: "whether a bag has a key; $.a.b is a path", fn: func(c *call, a []any) any {
		b, ok := a[0].(*bag)
		if !ok {
			return nil
		}
		_, has := lookPath(b, a[1].(string))
		return has
	}},
	{name: "bag_merge", sig: "dyn dyn*", ret: "dynamic", nulls: true, doc: "bags united; the first value of a key stays", fn: func(c *call, a []any) any {
		out := newBag()
		any_ := false
		for _, v := range a {
			b, ok := v.(*bag)
			if !ok {
				continue
			}
			any_ = true
			for _, k := range b.keys {
				if _, has := out.vals[k]; !has {
					c.x.tick(1)
					out.set(k, b.vals[k])
				}
			}
		}
		if !any_ {
			return nil
		}
		return out
	}},
	{name: "bag_remove_keys", sig: "dyn dyn", ret: "dynamic", doc: "bag without some keys; $.a.b is a path", fn: bagRemoveKeys},
	{name: "bag_set_key", sig: "dyn string! any", ret: "dynamic", nulls: true, doc: "bag with a key set; $.a.b is a path", fn: bagSetKey},
	{name: "bag_zip", sig: "dyn dyn", ret: "dynamic", doc: "bag of keys and values at equal positions", fn: func(c *call, a []any) any {
		keys, ok := array(a[0])
		vals, _ := array(a[1]) // values that are no array count as missing
		if !ok {
			return nil
		}
		b := newBag()
		for i, k := range keys {
			s, isStr := k.(string)
			if !isStr {
				continue
			}
			var v any
			if i < len(vals) {
				v = vals[i]
			}
			b.set(s, v)
		}
		return b
	}},
	{name: "treepath", sig: "dyn", ret: "dynamic", naming: namePrefix, prefix: "tree", doc: "paths of all leaves", fn: func(c *call, a []any) any {
		out := []any{}
		treePaths(a[0], "", &out)
		return out
	}},
}

// bindPack binds bag_pack: keys and values in turn.
func bindPack(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, _ := rs.args(x, nil)
	if len(args)%2 != 0 {
		return rs.b.run(x.At, "`"+x.Name+"` needs keys and values in turn")
	}
	for i := 0; i < len(args); i += 2 {
		if args[i].typ != tStr && args[i].typ != tDyn && args[i].typ != tNone {
			return rs.b.run(args[i].at, "a key of `"+x.Name+"` is not a string")
		}
	}
	return fold(&cexpr{typ: tDyn, konst: allConst(args), home: homeOf(args...), at: x.At, eval: func(e *env) any {
		b := newBag()
		for i := 0; i < len(args); i += 2 {
			k := asString(args[i].eval(e))
			if v := args[i+1].eval(e); k != "" {
				b.set(k, v)
			}
		}
		e.x.grow(1, len(b.keys))
		return b
	}})
}

func bindPackColumns(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	var list []*cexpr
	for _, a := range x.Args {
		c := rs.expr(a.Expr)
		if c.star {
			for i := range rs.cols {
				list = append(list, rs.columnExpr(i))
			}
			continue
		}
		if c.name == "" {
			return rs.b.run(a.At, "`"+x.Name+"` takes columns")
		}
		list = append(list, c)
	}
	return packColumns(rs, x, list, false)
}

func bindPackAll(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	skip := false
	if len(x.Args) > 0 {
		args, ok := rs.args(x, f)
		if !ok {
			return args[0]
		}
		skip = isTrue(castBool(args[0].value(rs.b.x)))
	}
	var list []*cexpr
	for i := range rs.cols {
		list = append(list, rs.columnExpr(i))
	}
	return packColumns(rs, x, list, skip)
}

func packColumns(rs *rowScope, x *syntax.Call, list []*cexpr, skipEmpty bool) *cexpr {
	return &cexpr{typ: tDyn, home: rs.home, at: x.At, eval: func(e *env) any {
		b := newBag()
		for _, c := range list {
			v := c.eval(e)
			if skipEmpty && isEmptyValue(v) {
				continue
			}
			b.set(c.name, v)
		}
		e.x.grow(1, len(b.keys))
		return b
	}}
}

// path steps of $.a.b, $['a'], $.a[0].
func pathSteps(path string) ([]string, bool) {
	if !strings.HasPrefix(path, "$") {
		return []string{path}, true
	}
	var steps []string
	rest := path[1:]
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "['"):
			end := strings.Index(rest, "']")
			if end < 0 {
				return nil, false
			}
			steps, rest = append(steps, rest[2:end]), rest[end+2:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, false
			}
			steps, rest = append(steps, strings.Trim(rest[1:end], `"`)), rest[end+1:]
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			if end == 0 {
				return nil, false
			}
			steps, rest = append(steps, rest[1:end+1]), rest[end+1:]
		default:
			return nil, false
		}
	}
	return steps, len(steps) > 0
}

func lookPath(v any, path string) (any, bool) {
	steps, ok := pathSteps(path)
	if !ok {
		return nil, false
	}
	for _, s := range steps {
		switch x := v.(type) {
		case *bag:
			next, has := x.vals[s]
			if !has {
				return nil, false
			}
			v = next
		case []any:
			i, isInt := syntax.ParseInteger(s)
			if !isInt || i < 0 || i >= int64(len(x)) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func bagRemoveKeys(c *call, a []any) any {
	b, ok := a[0].(*bag)
	keys, ok2 := array(a[1])
	if !ok || !ok2 {
		return nil
	}
	var out any = b
	for _, k := range keys {
		steps, ok := pathSteps(text(k))
		if ok {
			out = removePath(out, steps)
		}
	}
	return out
}

// removePath gives a bag without the property at a path; shared parts are not changed.
func removePath(v any, steps []string) any {
	b, ok := v.(*bag)
	if !ok {
		return v
	}
	child, has := b.vals[steps[0]]
	if !has {
		return v
	}
	out := b.clone()
	if len(steps) > 1 {
		out.vals[steps[0]] = removePath(child, steps[1:])
		return out
	}
	delete(out.vals, steps[0])
	out.keys = slices.DeleteFunc(out.keys, func(k string) bool { return k == steps[0] })
	return out
}

func bagSetKey(c *call, a []any) any {
	b, ok := a[0].(*bag)
	if !ok {
		return nil
	}
	steps, ok := pathSteps(a[1].(string))
	if !ok {
		return nil
	}
	return setPath(b, steps, a[2])
}

func setPath(v any, steps []string, val any) any {
	b, ok := v.(*bag)
	if !ok {
		b = newBag()
	}
	out := b.clone()
	if len(steps) == 1 {
		out.set(steps[0], val)
		return out
	}
	out.set(steps[0], setPath(b.vals[steps[0]], steps[1:], val))
	return out
}

func treePaths(v any, prefix string, out *[]any) {
	add := func(p string) bool {
		if slices.Contains(*out, any(p)) {
			return false
		}
		*out = append(*out, p)
		return true
	}
	switch v := v.(type) {
	case *bag:
		for _, k := range v.keys {
			p := prefix + "['" + k + "']"
			add(p)
			treePaths(v.vals[k], p, out)
		}
	case []any: // [0] stands for all elements (treepath-function)
		p := prefix + "[0]"
		for _, e := range v {
			add(p)
			treePaths(e, p, out)
		}
	}
}

// prettySorted is the canonical JSON of dynamic_to_json: keys sorted, no blanks.
func prettySorted(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = prettySorted(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case *bag:
		keys := slices.Clone(v.keys)
		sort.Strings(keys)
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = jsonText(k) + ":" + prettySorted(v.vals[k])
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return jsonText(v)
}
