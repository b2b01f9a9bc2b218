package pattern

import "strings"

// Samples returns a few texts that fit the expression at least when nothing else stands around: the shortest choice, each
// alternative of the outermost alternation, and one with repetitions taken once more. Anchors in the middle may make a sample not fit.
func Samples(n Node) []string {
	if a, ok := n.(*Alternate); ok {
		var out []string
		for _, x := range a.Xs {
			out = append(out, Samples(x)...)
		}
		return out
	}
	short, long := sample(n, 0), sample(n, 1)
	if short == long {
		return []string{short}
	}
	return []string{short, long}
}

func sample(n Node, extra int) string {
	switch n := n.(type) {
	case *Runes:
		return n.Text
	case *Class:
		return string(typical(n))
	case *Concat:
		var b strings.Builder
		for _, x := range n.Xs {
			b.WriteString(sample(x, extra))
		}
		return b.String()
	case *Alternate:
		if len(n.Xs) == 0 {
			return ""
		}
		return sample(n.Xs[min(extra, len(n.Xs)-1)], extra)
	case *Repeat:
		times := n.Min + extra
		if n.Max >= 0 {
			times = min(times, n.Max)
		}
		return strings.Repeat(sample(n.X, extra), times)
	case *Begin, *End:
	}
	return ""
}

// typical returns a readable member of a class.
func typical(c *Class) rune {
	for _, r := range "ax05 _-./\\" {
		for _, rg := range c.Ranges {
			if rg.Lo <= r && r <= rg.Hi {
				return r
			}
		}
	}
	if len(c.Ranges) == 0 {
		return 'a'
	}
	return c.Ranges[0].Lo
}
