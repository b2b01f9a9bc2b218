package interp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/diag"
)

// grokker is a compiled GROK pattern: the groups of the regular expression that give columns.
type grokker struct {
	p      *pattern
	groups []grokGroup
}

type grokGroup struct {
	group int
	name  string
	typ   typ
}

// grokTypes are the conversions of %{PATTERN:name:type}.
var grokTypes = map[string]typ{
	"string": tKeyword, "int": tInt, "long": tLong, "float": tDouble, "double": tDouble, "boolean": tBool,
}

// maxGrokLength bounds the regular expression that a pattern expands to.
const maxGrokLength = 200_000

// grokExpander replaces %{NAME:column:type} by the named pattern.
type grokExpander struct {
	out   strings.Builder
	names []string // columns, by the number in their group name
	types []typ
}

// expand writes a pattern; inside of named patterns %{NAME:column} captures too.
func (g *grokExpander) expand(text string, depth int) error {
	if depth > 50 {
		return errors.New("the patterns refer to each other in a circle")
	}
	for {
		i := strings.Index(text, "%{")
		if i < 0 {
			g.out.WriteString(text)
			return nil
		}
		end := strings.IndexByte(text[i:], '}')
		if end < 0 {
			return errors.New("a %{ does not end")
		}
		g.out.WriteString(text[:i])
		parts := strings.SplitN(text[i+2:i+end], ":", 3)
		body, ok := grokPatterns[parts[0]]
		if !ok {
			return fmt.Errorf("unable to find pattern [%s] in Grok's pattern dictionary", parts[0])
		}
		open := "(?:"
		if len(parts) > 1 && parts[1] != "" {
			t := tKeyword
			if len(parts) > 2 {
				if t, ok = grokTypes[parts[2]]; !ok {
					return fmt.Errorf("%s is no type: the types are string, int, long, float, double and boolean", parts[2])
				}
			}
			open = "(?<g" + strconv.Itoa(len(g.names)) + ">"
			g.names, g.types = append(g.names, parts[1]), append(g.types, t)
		}
		g.out.WriteString(open)
		if err := g.expand(body, depth+1); err != nil {
			return err
		}
		g.out.WriteString(")")
		if g.out.Len() > maxGrokLength {
			return errors.New("the pattern is too long")
		}
		text = text[i+end+1:]
	}
}

// compileGrok compiles a pattern: its columns are the named references and the named groups.
func compileGrok(text string) (*grokker, error) {
	var e grokExpander
	if err := e.expand(text, 0); err != nil {
		return nil, err
	}
	p, err := compilePattern(e.out.String(), false)
	if err != nil {
		return nil, err
	}
	g := &grokker{p: p}
	for i, n := range p.names {
		if n == "" {
			continue
		}
		x := grokGroup{group: i, name: n, typ: tKeyword}
		if k, err := strconv.Atoi(strings.TrimPrefix(n, "g")); err == nil && k < len(e.names) && strings.HasPrefix(n, "g") {
			x.name, x.typ = e.names[k], e.types[k]
		}
		g.groups = append(g.groups, x)
	}
	return g, nil
}

func (r *run) grok(c *syntax.Grok, in schema) (stage, schema) {
	e := r.textInput(c.Input, in, "Grok")
	var gs []*grokker
	kinds := map[string]typ{}
	var names []string
	for _, p := range c.Patterns {
		g, err := compileGrok(p.Value)
		if err != nil {
			r.fault(diag.ESQLRun, p.Span, "Invalid grok pattern: "+err.Error())
			continue
		}
		gs = append(gs, g)
		for _, x := range g.groups {
			if t, ok := kinds[x.name]; ok && t != x.typ {
				r.fault(diag.ESQLRun, p.Span, fmt.Sprintf("Invalid GROK pattern: the attribute [%s] is defined multiple times with different types", x.name))
				continue
			}
			if !slices.Contains(names, x.name) {
				names = append(names, x.name)
			}
			kinds[x.name] = x.typ
		}
	}
	slices.Sort(names)
	ts := make([]typ, len(names))
	for i, n := range names {
		ts[i] = kinds[n]
	}
	s := &site{span: c.Span, text: r.checker(nil).sourceText(c.Span)}
	return r.extract(in, e, names, ts, func(text string, add func(i int, v any)) {
		for _, g := range gs { // the first pattern that fits
			caps, err := g.p.find(text, 0)
			if err != nil {
				r.warn(s, illegal("%s", err.Error()))
				return
			}
			if caps == nil {
				continue
			}
			vals := make([]any, len(g.groups))
			for i, x := range g.groups {
				if caps[2*x.group] < 0 {
					continue
				}
				var err error
				if vals[i], err = grokValue(x.typ, text[caps[2*x.group]:caps[2*x.group+1]]); err != nil {
					r.warn(s, err)
					return
				}
			}
			for i, x := range g.groups {
				if vals[i] != nil {
					add(slices.Index(names, x.name), vals[i])
				}
			}
			return
		}
	})
}

// grokValue converts a captured text. A text that does not convert makes the whole match fail (page "GROK").
func grokValue(t typ, s string) (any, error) {
	if t == tInt || t == tLong {
		bits := 32
		if t == tLong {
			bits = 64
		}
		n, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			return nil, &failure{"java.lang.NumberFormatException", fmt.Sprintf("For input string: %q", s)}
		}
		return n, nil
	}
	if t == tKeyword {
		return s, nil
	}
	f, _ := conversion(tKeyword, t)
	return f(s)
}
