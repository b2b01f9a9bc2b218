package secl

import (
	"path"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
)

const (
	pathCase   = "agents on Linux mind the case of paths and take no regular expression there: only the spelling in the rule is found"
	pathRefuse = "use the name of the file (process.name), == with a whole path, or starts_with with a directory"
)

// pathText says a comparison with a path on Linux, where agents take whole paths and patterns of path elements. The last
// element stands in the field .name too, which takes regular expressions.
func pathText(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	switch c.Op {
	case ir.EndsWith:
		return pathEnd(c, t)
	case ir.Eq, ir.StartsWith, ir.Contains, ir.Like:
	case ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		return nil, backends.Refused("agents on Linux take no regular expression on a path", pathRefuse)
	}
	var items []syntax.Expr
	narrowed, narrowNote := false, pathCase
	for _, v := range c.R {
		if v.Str() == "" && !t.blank {
			continue
		}
		spellings := []string{v.Str()}
		if !c.Cased {
			if variants, ok := backends.CaseVariants(v.Str()); ok {
				spellings = variants
			} else {
				narrowed = true
			}
		}
		for _, s := range spellings {
			xs, note, ok := pathItems(c.Op, s)
			if !ok {
				return nil, backends.Refused("agents on Linux compare whole absolute paths, and patterns of their elements; \""+v.Str()+"\" with `"+c.Op.String()+"` is neither", pathRefuse)
			}
			if note != "" {
				narrowed, narrowNote = true, note
			}
			items = append(items, xs...)
		}
	}
	switch {
	case len(items) == 0:
		return nil, backends.Refused("agents cannot tell an empty path from a missing one", "use `empty f`")
	case narrowed:
		return t.is(items...), backends.Narrower(narrowNote)
	case c.Op == ir.StartsWith:
		return t.is(items...), backends.Assuming("agent-paths")
	}
	return t.is(items...), backends.Exactly()
}

// maxDepth is how deep a directory is looked for that may stand anywhere in a path.
const maxDepth = 8

// pathItems returns the paths and patterns for one literal; note says what they miss.
func pathItems(op ir.Op, v string) (items []syntax.Expr, note string, ok bool) {
	add := func(p *syntax.Pattern, err error) bool {
		if err != nil || !absolute(p.Raw) {
			return false
		}
		items = append(items, p)
		return true
	}
	switch op {
	case ir.Eq:
		s, err := syntax.Text(v)
		return []syntax.Expr{s}, "", err == nil && absolute(v)
	case ir.StartsWith:
		if strings.HasSuffix(v, "/") {
			return items, "", add(syntax.Below(v))
		}
		return items, "", add(syntax.Glob(v, "")) && add(syntax.Below(v, "/"))
	case ir.Contains:
		if len(v) < 3 || v[0] != '/' || !strings.HasSuffix(v, "/") {
			return nil, "", false
		}
		above := make([]string, 0, maxDepth)
		for range maxDepth {
			if !add(syntax.Below(append(above, v)...)) {
				return nil, "", false
			}
			above = append(above, "/")
		}
		return items, "the directory is looked for in the first 8 levels of a path: patterns of agents have no other way to say \"anywhere\"", true
	case ir.Like:
		pieces, ok := globPieces(v)
		return items, "* in a pattern of agents stays between two slashes: longer paths are missed", ok && add(syntax.Glob(pieces...))
	case ir.EndsWith, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return nil, "", false
}

// globPieces splits a glob at its stars; ok is false when it has a ?.
func globPieces(v string) (pieces []string, ok bool) {
	pieces = []string{""}
	for _, p := range pattern.ParseGlob(v) {
		switch p.Kind {
		case pattern.Literal:
			pieces[len(pieces)-1] = p.Text
		case pattern.Star:
			pieces = append(pieces, "")
		case pattern.One:
			return nil, false
		}
	}
	return pieces, true
}

// absolute reports whether agents take a path or a pattern: it begins at the root, or with a star, and has no detours.
// Source: DataDog/datadog-agent pkg/security/secl/model/model_unix.go, validatePath.
func absolute(p string) bool {
	return p != "" && p != "*" && (p[0] == '/' || p[0] == '*') && path.Clean(p) == p && !slices.Contains(strings.Split(p, "/"), "..")
}

// pathEnd says how a path ends: by the field that holds its last element.
func pathEnd(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	name := t.sibling("name")
	if !name.known() {
		return nil, backends.Refused("agents have no field for the last element of `"+t.name+"`", pathRefuse)
	}
	level := backends.Assuming("agent-paths", "file-name")
	var items []syntax.Expr
	for _, v := range c.R {
		slash := strings.LastIndexByte(v.Str(), '/')
		last, op := v.Str()[slash+1:], ir.EndsWith
		if slash >= 0 {
			op = ir.Eq
		}
		switch {
		case last == "":
			return nil, backends.Refused("no path that agents see ends in /", pathRefuse)
		case slash > 0:
			level = backends.Wider("only the last element of the path is compared, not the directories before it").With("agent-paths", "file-name")
		}
		if op == ir.Eq && plainText(last, c.Cased, name) {
			if s, err := syntax.Text(last); err == nil {
				items = append(items, s)
				continue
			}
		}
		items = append(items, regularExpression(literalRegexp(op, c.Cased, last, name.folds)))
	}
	return name.is(items...), level
}
