package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// Breakers split raw text into index terms (segmenters.conf.spec, default): major ones end a term, minor ones make further
// terms of its pieces.
const (
	majorBreakers = "[]<>(){}|!;,'\"*\n\r \t&?+"
	minorBreakers = "/:=@.-$#%\\_"
)

// majorSequences are URL-encoded characters that also are major breakers.
var majorSequences = []string{"%21", "%26", "%2526", "%3B", "%7C", "%20", "%2B", "%3D", "--", "%2520", "%5D", "%5B", "%3A", "%0A", "%2C", "%28", "%29"}

func isMajor(c byte) bool { return strings.IndexByte(majorBreakers, c) >= 0 }
func isMinor(c byte) bool { return strings.IndexByte(minorBreakers, c) >= 0 }

// keyword compiles a bare word or phrase, which is looked for in _raw. Rows without _raw never fit, but `*` fits all.
func (k *compiler) keyword(x *syntax.Keyword) predicate {
	v := x.Value
	if v.Text == "*" && v.Wrap == "" {
		return func(*run, *row) bool { return true }
	}
	pieces := strings.Split(v.Text, "*")
	minor := v.Wrap != "TERM"
	cased := v.Wrap == "CASE"
	return func(r *run, w *row) bool {
		raw := w.get("_raw")
		if raw.isNull() {
			return false
		}
		want, text := pieces, raw.text()
		if !cased {
			ascii := !r.on[unicodeFold].On()
			text = fold(text, ascii)
			want = make([]string, len(pieces))
			for i, p := range pieces {
				want[i] = fold(p, ascii)
			}
		}
		return termFits(want, text, minor)
	}
}

// termFits reports whether the pieces, with runs of anything but major breakers between them, stand in text from the start
// of a term to the end of one. A wildcard at an end lifts that end's condition.
func termFits(pieces []string, text string, minor bool) bool {
	if len(pieces) == 1 && pieces[0] == "" {
		return false
	}
	g := &termGlob{pieces: pieces, text: text, minor: minor, failed: map[[2]int]bool{}}
	for from := 0; from <= len(text); {
		i := strings.Index(text[from:], pieces[0])
		if i < 0 {
			return false
		}
		at := from + i
		if pieces[0] == "" || edge(text, at, pieces[0][0], true, minor) {
			if g.rest(1, at+len(pieces[0])) {
				return true
			}
		}
		from = at + 1
	}
	return false
}

// termGlob matches pieces in a text; failed remembers (piece, place) pairs, so that the work is bounded by their number.
type termGlob struct {
	pieces []string
	text   string
	minor  bool
	failed map[[2]int]bool
}

func lastByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}

// rest matches the pieces from number n, each behind a wildcard, from place at on.
func (g *termGlob) rest(n, at int) bool {
	if n == len(g.pieces) {
		return edge(g.text, at, lastByte(g.pieces[n-1]), false, g.minor)
	}
	if g.failed[[2]int{n, at}] {
		return false
	}
	piece := g.pieces[n]
	for skip := at; ; skip++ {
		if strings.HasPrefix(g.text[skip:], piece) {
			if n == len(g.pieces)-1 && piece == "" || g.rest(n+1, skip+len(piece)) {
				return true
			}
		}
		if skip >= len(g.text) || isMajor(g.text[skip]) {
			g.failed[[2]int{n, at}] = true
			return false
		}
	}
}

// edge reports whether a term can begin (or, with start false, end) at place i of text. own is the first (last) byte of what
// stands there: a breaker splits by itself.
func edge(text string, i int, own byte, start, minor bool) bool {
	breaks := func(c byte) bool { return isMajor(c) || minor && isMinor(c) }
	if i <= 0 && start || i >= len(text) && !start || own != 0 && breaks(own) {
		return true
	}
	if start {
		if breaks(text[i-1]) {
			return true
		}
		for _, s := range majorSequences {
			if strings.HasSuffix(text[:i], s) {
				return true
			}
		}
		return false
	}
	if breaks(text[i]) {
		return true
	}
	for _, s := range majorSequences {
		if strings.HasPrefix(text[i:], s) {
			return true
		}
	}
	return false
}
