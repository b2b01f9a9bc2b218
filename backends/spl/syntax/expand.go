package syntax

import (
	"fmt"
	"sort"
	"strings"

	"github.com/onerule/onerule/diag"
)

// Macros is a set of search macros: the key is the macro's name with its parameter names, as in "ctime(field)" or
// "sysmon", the value its definition. Macros of one name with different numbers of parameters are different macros
// (macros.conf.spec).
type Macros map[string]string

// definition is one macro, split.
type definition struct {
	params []string
	body   string
}

const maxMacroDepth = 30

// expander substitutes macro calls by text, as Splunk does before it parses (Knowledge Manager Manual, Search macros).
type expander struct {
	defs  map[string]definition // by name and number of parameters
	out   strings.Builder
	segs  []segment
	diags diag.List
	src   *source
}

func macroKey(name string, params int) string { return fmt.Sprintf("%s(%d)", name, params) }

// expand returns the source with the calls of known macros replaced. Unknown macros stay as they are.
func expand(file, text string, macros Macros) (*source, diag.List) {
	e := &expander{defs: map[string]definition{}, src: newSource(file, text)}
	for sig, body := range macros {
		name, params := splitMacro(sig)
		e.defs[macroKey(name, len(params))] = definition{params: params, body: blankComments(body)}
	}
	e.segs = append(e.segs, segment{})
	e.copy(text, func(i int) segment { return segment{at: e.out.Len(), orig: i} }, 0)
	return &source{name: file, text: e.out.String(), segs: e.segs, pos: e.src.pos}, e.diags
}

// copy writes text to the output, expanding the calls in it. seg makes the segment that starts at offset i of text.
func (e *expander) copy(text string, seg func(i int) segment, depth int) {
	from := 0
	for _, call := range macroCalls(text) {
		name, args := splitMacro(text[call[0]+1 : call[1]-1])
		def, ok := e.defs[macroKey(name, len(args))]
		if !ok {
			continue
		}
		origin := seg(call[0])
		if !origin.fixed {
			origin.end = origin.orig + call[1] - call[0]
			origin.fixed = true
		}
		if depth >= maxMacroDepth || e.out.Len() > maxText {
			e.diags = append(e.diags, diag.New(diag.SPLLimit, e.src.place(origin.orig, origin.end),
				fmt.Sprintf("macro `%s` expands without end", name), "remove the macro's call of itself"))
			return
		}
		e.write(text[from:call[0]])
		origin.at = e.out.Len()
		e.segs = append(e.segs, origin)
		body := def.substitute(args)
		e.copy(body, func(int) segment { return origin }, depth+1)
		from = call[1]
		next := seg(from)
		next.at = e.out.Len()
		e.segs = append(e.segs, next)
	}
	e.write(text[from:])
}

func (e *expander) write(s string) {
	if e.out.Len() <= maxText {
		e.out.WriteString(s)
	}
}

// substitute puts the arguments in place of $param$, also inside quotes. An argument in quotes loses them.
func (d definition) substitute(args []string) string {
	if len(args) == 0 {
		return d.body
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		if len(a) >= 2 && a[0] == '"' && a[len(a)-1] == '"' {
			a = strings.ReplaceAll(a[1:len(a)-1], `\"`, `"`)
		}
		pairs = append(pairs, "$"+d.params[i]+"$", a)
	}
	return strings.NewReplacer(pairs...).Replace(d.body)
}

// macroCalls returns the ranges of the macro calls of a text, backticks included; those inside double quotes are not calls.
func macroCalls(text string) [][2]int {
	var calls [][2]int
	quoted := false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '`':
			if quoted {
				continue
			}
			end := strings.IndexByte(text[i+1:], '`')
			if end < 0 {
				return calls
			}
			calls = append(calls, [2]int{i, i + end + 2})
			i += end + 1
		}
	}
	return calls
}

// blankComments replaces comments (“` ```text``` “`) by spaces of the same length. Inside double quotes and macro calls
// there are none (Search Manual, Add comments to searches).
func blankComments(text string) string {
	if !strings.Contains(text, "```") {
		return text
	}
	out := []byte(text)
	for i := 0; i < len(out); i++ {
		switch {
		case out[i] == '\\':
			i++
		case out[i] == '"':
			for i++; i < len(out) && out[i] != '"'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
		case strings.HasPrefix(text[i:], "```"):
			end := strings.Index(text[i+3:], "```")
			if end < 0 {
				return string(out) // the parser then meets backticks and complains
			}
			stop := i + 3 + end + 3
			for ; i < stop; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			i--
		case out[i] == '`':
			if end := strings.IndexByte(text[i+1:], '`'); end >= 0 {
				i += end + 1
			}
		}
	}
	return string(out)
}

// Names returns the signatures, sorted.
func (m Macros) Names() []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}
