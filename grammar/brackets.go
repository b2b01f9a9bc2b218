package grammar

import (
	"slices"

	"github.com/onerule/onerule/diag"
)

// take reads one clause or entry: up to the next start, the end of the block, or, if brace is set, an opening brace at the
// level of the clause. Brackets that are not closed are reported and closed, so that the clause parses as if they were.
func (r *reader) take(next starts, brace bool) []token {
	begin := r.i
	var open []int // indexes of open brackets
	var edited []token
	push := func(t token) {
		if edited != nil {
			edited = append(edited, t)
		}
	}
	edit := func() {
		if edited == nil {
			edited = append([]token{}, r.toks[begin:r.i]...)
		}
	}
	for !r.cur().EOF() {
		t := r.cur()
		if r.i > begin && (len(open) == 0 && next(r.i) || len(open) > 0 && r.intrudes(r.i)) {
			break
		}
		if t.Type == kindPunct {
			switch t.Value {
			case "{", "(", "[":
				if t.Value == "{" && brace && len(open) == 0 {
					return r.chunk(begin, edited)
				}
				open = append(open, r.i)
			case "}", ")", "]":
				k := r.matching(open, t.Value)
				if k < 0 && t.Value == "}" {
					return r.finish(begin, edited, open)
				}
				if k < 0 {
					edit()
					r.strayCloser(t)
					r.i++
					continue
				}
				if k < len(open)-1 {
					edit()
					edited = r.unclosed(begin, edited, open[k+1:])
				}
				open = open[:k]
			}
		}
		push(*t)
		r.i++
	}
	return r.finish(begin, edited, open)
}

// matching finds the innermost open bracket that a closer fits; -1 when none does.
func (r *reader) matching(open []int, closer string) int {
	for k := len(open) - 1; k >= 0; k-- {
		if closerOf(r.toks[open[k]].Value) == closer {
			return k
		}
	}
	return -1
}

func closerOf(opener string) string {
	switch opener {
	case "(":
		return ")"
	case "[":
		return "]"
	}
	return "}"
}

// chunk returns the tokens read since begin.
func (r *reader) chunk(begin int, edited []token) []token {
	if edited != nil {
		return edited
	}
	return r.toks[begin:r.i:r.i]
}

// finish ends a clause whose brackets may still be open.
func (r *reader) finish(begin int, edited []token, open []int) []token {
	if len(open) == 0 {
		return r.chunk(begin, edited)
	}
	if edited == nil {
		edited = append([]token{}, r.toks[begin:r.i]...)
	}
	return r.unclosed(begin, edited, open)
}

// unclosed reports open brackets and closes them.
func (r *reader) unclosed(begin int, edited []token, open []int) []token {
	if len(open) == 0 {
		return edited
	}
	silent := r.lost && r.cur().EOF()
	for i := begin; i < r.i && !silent; i++ {
		silent = r.toks[i].unclosedString()
	}
	if !silent {
		t := r.toks[open[len(open)-1]]
		closer := closerOf(t.Value)
		d := fault(diag.SyntaxBracket, spanOf(t.Token), "`"+t.Value+"` is never closed", "it starts here", "write `"+closer+"` where it ends")
		end := endToken(&r.toks[r.i-1])
		if t.is("[") && len(edited) == r.i-begin {
			i := open[len(open)-1] - begin
			for i+1 < len(edited) && !edited[i+1].is("and") && !edited[i+1].is("or") {
				i++
			}
			end = endToken(&edited[i])
		}
		d.Related = []diag.Label{{Span: spanOf(end), Text: "`" + closer + "` is missing before this"}}
		if len(open) > 1 {
			d.Notes = []string{"brackets around it are open too"}
		}
		r.faults.add(d)
	}
	last := len(open) - 1
	if r.toks[open[last]].is("[") && len(edited) == r.i-begin {
		edited = closeList(edited, open[last]-begin)
		last--
	}
	for k := last; k >= 0; k-- {
		closer := endToken(&edited[len(edited)-1])
		closer.Type = kindPunct
		closer.Value = closerOf(r.toks[open[k]].Value)
		edited = append(edited, token{Token: closer, bad: true, ends: startOf(closer)})
	}
	return edited
}

// closeList closes the list that starts at an index: before the first `and` or `or`, which no list holds, or at the end.
func closeList(chunk []token, at int) []token {
	n := len(chunk)
	for i := at; i < len(chunk); i++ {
		if chunk[i].is("and") || chunk[i].is("or") {
			n = i
			break
		}
	}
	closer := endToken(&chunk[n-1])
	closer.Type, closer.Value = kindPunct, "]"
	return slices.Insert(chunk, n, token{Token: closer, bad: true, ends: startOf(closer)})
}

// strayCloser reports a closing bracket without an opening one.
func (r *reader) strayCloser(t *token) {
	r.faults.add(fault(diag.SyntaxBracket, spanOf(t.Token), "`"+t.Value+"` closes nothing", "no bracket is open here",
		"remove it, or open the bracket before it"))
}

// spanOfChunk is the place of a clause.
func spanOfChunk(chunk []token) diag.Span {
	return spanOf(chunk[0].Token).Join(chunk[len(chunk)-1].span())
}
