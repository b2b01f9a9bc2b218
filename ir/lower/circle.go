package lower

import (
	"cmp"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
)

// link is one step of a chain of imports or of definitions: what is entered, where it stands, and the place that leads to it.
type link struct {
	name string
	at   diag.Span // of the definition, or the start of the file
	from diag.Span // of the import or the use; none for the first of a chain
}

func fileLink(f *grammar.File, from diag.Span) link {
	return link{name: f.Name, at: diag.Span{File: f.Name}, from: from}
}

func defLink(d *grammar.Def, from diag.Span) link {
	return link{name: d.Name.Text, at: d.Name.Span, from: from}
}

// circle returns the part of a chain that a further link closes, nil when the link names nothing of the chain. It starts
// with the same member wherever the chain was entered, so that one circle is one fault.
func circle(chain []link, next link) []link {
	i := slices.IndexFunc(chain, func(l link) bool { return l.name == next.name && l.at == next.at })
	if i < 0 {
		return nil
	}
	out := slices.Clone(chain[i:])
	out[0] = next // entered from the end of the circle now
	first := 0
	for i, l := range out {
		o := out[first]
		if cmp.Or(strings.Compare(l.at.File, o.at.File), cmp.Compare(l.at.Start.Offset, o.at.Start.Offset)) < 0 {
			first = i
		}
	}
	return append(slices.Clone(out[first:]), out[:first]...)
}

// chainText says how a circle runs: a → b → a.
func chainText(c []link) string {
	var names []string
	for _, l := range c {
		names = append(names, l.name)
	}
	return strings.Join(append(names, c[0].name), " → ")
}
