package interp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// options are the options of one command, checked against the names that the command has.
type options struct {
	k   *compiler
	all map[string]syntax.Arg
}

// options checks arguments that must all be options with one of the given names.
func (k *compiler) options(command string, args []syntax.Arg, known ...string) options {
	opts, words := k.arguments(command, args, known...)
	for _, w := range words {
		k.invalid(w.Span, fmt.Sprintf("unexpected `%s` in `%s`", w.Value, command), "remove it, or quote it if it is a name")
	}
	return opts
}

// arguments splits arguments into options and words.
func (k *compiler) arguments(command string, args []syntax.Arg, known ...string) (options, []syntax.Arg) {
	o := options{k, map[string]syntax.Arg{}}
	var words []syntax.Arg
	for _, a := range args {
		switch {
		case a.Macro != nil:
			k.unknownMacro(a.Macro)
		case a.Sub != nil:
			k.unsupported(a.Span, "a subsearch in this place", "")
		case a.Name == "":
			words = append(words, a)
		case !slices.Contains(known, a.Name):
			k.unknown(a.Span, "option of "+command, a.Name, known, "")
		default:
			o.all[a.Name] = a
		}
	}
	return o, words
}

func (o options) has(name string) bool { _, ok := o.all[name]; return ok }

func (o options) text(name, missing string) string {
	if a, ok := o.all[name]; ok {
		return a.Value
	}
	return missing
}

func (o options) bool(name string, missing bool) bool {
	a, ok := o.all[name]
	if !ok {
		return missing
	}
	switch strings.ToLower(a.Value) {
	case "t", "true", "1", "yes":
		return true
	case "f", "false", "0", "no":
		return false
	}
	o.k.invalid(a.Span, fmt.Sprintf("`%s` is neither true nor false", a.Value), "write true or false")
	return missing
}

func (o options) int(name string, missing int) int {
	a, ok := o.all[name]
	if !ok {
		return missing
	}
	n, err := strconv.Atoi(a.Value)
	if err != nil || n < -1 {
		o.k.invalid(a.Span, fmt.Sprintf("`%s` is no count", a.Value), "write a whole number")
		return missing
	}
	return n
}

// span reads a time span in seconds.
func (o options) span(name string) (float64, bool) {
	a, ok := o.all[name]
	if !ok {
		return 0, false
	}
	count, unit, ok := parseSpan(a.Value)
	if ok {
		if sec, fixed := spanSeconds(count, unit); fixed {
			return sec, true
		}
	}
	if a.Value != "-1" {
		o.k.invalid(a.Span, fmt.Sprintf("`%s` is no time span", a.Value), "write a number and s, m, h, d or w, as in 5m")
	}
	return 0, false
}

// count parses a number that stands as a word, such as head's.
func (k *compiler) count(s string, span diag.Span, missing int) int {
	if s == "" {
		return missing
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		k.invalid(span, fmt.Sprintf("`%s` is no count", s), "write a whole number")
		return missing
	}
	return n
}

// wildcard matches field names: `*` fits any run, but a pattern that does not begin with an underscore does not fit the
// internal fields, which do.
type wildcard struct {
	pieces []string
	plain  string
}

func newWildcard(name string) wildcard {
	if !strings.Contains(name, "*") {
		return wildcard{plain: name}
	}
	return wildcard{pieces: strings.Split(name, "*")}
}

func (p wildcard) isPlain() bool { return p.pieces == nil }

func (p wildcard) fits(name string) bool {
	if p.pieces == nil {
		return name == p.plain
	}
	if strings.HasPrefix(name, "_") && !strings.HasPrefix(p.pieces[0], "_") {
		return false
	}
	return globFits(p.pieces, name)
}

// parts returns what each star of the pattern stands for in name: the shortest texts, from the left.
func (p wildcard) parts(name string) []string {
	var out []string
	rest := strings.TrimPrefix(name, p.pieces[0])
	for i, piece := range p.pieces[1:] {
		at := strings.Index(rest, piece)
		if i == len(p.pieces)-2 {
			at = len(rest) - len(piece)
		}
		if at < 0 {
			return nil
		}
		out = append(out, rest[:at])
		rest = rest[at+len(piece):]
	}
	return out
}

// expandNames replaces the wildcards of a list by the fitting fields of the set; plain names stay even if no row has them.
func expandNames(names []string, s set) []string {
	var out []string
	seen := map[string]bool{}
	add := func(n string) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	var all []string
	for _, n := range names {
		p := newWildcard(n)
		if p.isPlain() {
			add(n)
			continue
		}
		if all == nil {
			all = fieldsOf(s)
		}
		for _, f := range all {
			if p.fits(f) {
				add(f)
			}
		}
	}
	return out
}
