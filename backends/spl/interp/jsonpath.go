package interp

import (
	"slices"
	"strings"
)

// step is one step of a path in JSON: a key, an index of an array, or all its elements.
type step struct {
	key   string
	index int
	all   bool
	array bool
}

// jsonSteps splits a path such as a.b{}.c{1}.
func jsonSteps(path string) []step {
	var steps []step
	for _, part := range splitPath(path) {
		if !strings.HasPrefix(part, "{") {
			steps = append(steps, step{key: part})
			continue
		}
		inner := strings.Trim(part, "{}")
		n, ok := parseNumber(inner)
		steps = append(steps, step{array: true, all: inner == "" || !ok, index: int(n)})
	}
	return steps
}

// find returns what a path leads to. Keys that hold dots themselves are tried first.
func find(n node, steps []step) []node {
	if len(steps) == 0 {
		return []node{n}
	}
	s := steps[0]
	if s.array {
		list, ok := n.([]node)
		switch {
		case !ok:
			return nil
		case s.all:
			var out []node
			for _, e := range list {
				out = append(out, find(e, steps[1:])...)
			}
			return out
		}
		i := s.index
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return nil
		}
		return find(list[i], steps[1:])
	}
	o, ok := n.(*object)
	if !ok {
		return nil
	}
	for k := runOfKeys(steps); k > 0; k-- {
		if v, has := o.vals[joinKeys(steps[:k])]; has {
			return find(v, steps[k:])
		}
	}
	return nil
}

// runOfKeys is how many steps at the start are keys.
func runOfKeys(steps []step) int {
	if k := slices.IndexFunc(steps, func(s step) bool { return s.array }); k >= 0 {
		return k
	}
	return len(steps)
}

func joinKeys(steps []step) string {
	keys := make([]string, len(steps))
	for i, s := range steps {
		keys[i] = s.key
	}
	return strings.Join(keys, ".")
}

// change replaces what a path leads to by f's answer; has is false where nothing is there yet, and keep=false removes it.
// Objects on the way are made. It returns the changed node.
func change(n node, steps []step, f func(old node, has bool) (v node, keep bool)) node {
	if len(steps) == 0 {
		v, _ := f(n, true)
		return v
	}
	s := steps[0]
	if s.array {
		list, ok := n.([]node)
		if !ok {
			return n
		}
		list = slices.Clone(list)
		for i := range list {
			if s.all || i == s.index {
				list[i] = change(list[i], steps[1:], f)
			}
		}
		return list
	}
	o, ok := n.(*object)
	if !ok {
		if n != nil {
			return n
		}
		o = newObject()
	}
	if k := runOfKeys(steps); k > 1 {
		if name := joinKeys(steps[:k]); o.vals[name] != nil {
			return change(o, append([]step{{key: name}}, steps[k:]...), f)
		}
	}
	old, has := o.vals[s.key]
	if len(steps) > 1 {
		if has || !steps[1].array {
			o.set(s.key, change(old, steps[1:], f))
		}
		return o
	}
	if v, keep := f(old, has); keep {
		o.set(s.key, v)
	} else {
		o.remove(s.key)
	}
	return o
}
