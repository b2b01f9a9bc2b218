package grammar

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// reader cuts the tokens of a file into items, clauses and entries, and has each parsed by itself. A clause starts on a
// new line, with its word; so a fault in one clause leaves the others alone, and every fault is found.
type reader struct {
	toks   []token // the last is the end mark
	i      int
	faults *faults
	// lost is set when the end of the file was not read: a bracket that seems open may be closed there.
	lost bool
}

func (r *reader) cur() *token { return &r.toks[r.i] }

func (r *reader) at(i int) *token {
	if i < 0 {
		return &token{Token: lexer.Token{Type: lexer.EOF}}
	}
	return &r.toks[min(i, len(r.toks)-1)]
}

// starts decides whether the token at an index begins the next clause or entry of a block.
type starts func(i int) bool

// startsLine reports whether the token begins a line as a new clause would: with a reserved clause word, or with any word
// when the text before it is complete.
func (r *reader) startsLine(i int) bool {
	t := r.at(i)
	if !t.nl {
		return false
	}
	switch t.Type {
	case kindKeyword:
		return clauseStart[t.Value] || itemStart[t.Value] || entryStart[t.Value] && r.at(i-1).completes()
	case kindName, kindPath, kindString, kindJunk:
		low := strings.ToLower(t.Value)
		return r.at(i-1).completes() && (!reserved[low] || clauseStart[low] || itemStart[low])
	case lexer.EOF:
	}
	return false
}

// startsClause is startsLine for the clauses of a rule; the words of parts that a clause may continue with are given.
func (r *reader) startsClause(parts string) starts {
	return func(i int) bool {
		t := r.at(i)
		if !r.startsLine(i) {
			return false
		}
		return t.Type != kindName || !hasWord(parts, t.Value)
	}
}

// hasWord reports whether a list of words separated by blanks holds the word.
func hasWord(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

// entryStart holds the reserved words that start an entry of a block, and no clause.
var entryStart = wordSet([]string{"until", "missing", "exclude"})

// intrudes reports whether a word at the start of a line proves that a bracket before it was never closed: the word starts
// a clause or an item, and cannot stand inside.
func (r *reader) intrudes(i int) bool {
	t := r.at(i)
	if !t.nl || t.Type != kindKeyword || !clauseStart[t.Value] && !itemStart[t.Value] {
		return false
	}
	n := r.at(i + 1)
	if n.nl {
		return true
	}
	if t.is("field") { // a habit in `emit` and elsewhere, unless a type follows
		return r.at(i + 2).is(":")
	}
	return !(n.is(":") || n.is("=") || n.is("(") || n.is(",") || infixWord[n.Value])
}

// file reads the items of a file.
func (r *reader) file() []Item {
	var items []Item
	for !r.cur().EOF() {
		if it := r.item(); it != nil {
			items = append(items, it)
		}
	}
	return items
}

// item reads one item; nil when there is none at this place.
func (r *reader) item() Item {
	t := r.cur()
	if t.Type == kindKeyword {
		switch t.Value {
		case "rule":
			return r.rule()
		case "tune":
			return r.tune()
		case "import", "def", "list":
			chunk := r.take(r.startsClause("column"), false)
			chunk = r.splitLine(chunk)
			return r.simpleItem(chunk)
		}
	}
	return r.strayItem()
}

// simpleItem parses an item without a block.
func (r *reader) simpleItem(chunk []token) Item {
	switch chunk[0].Value {
	case "import":
		if x := parseAs[importItem](r, formImport, chunk); x != nil {
			return &Import{At: At{spanOfChunk(chunk)}, Path: stringNode(x.Path)}
		}
	case "def":
		if d := r.def(chunk); d != nil {
			return d
		}
	case "list":
		if l := r.list(chunk); l != nil {
			return l
		}
	}
	return nil
}

// insideWords lists, for clauses that may hold words that start other clauses, these words.
var insideWords = map[string]string{"list": "from", "measure": "where", "param": "list"}

// splitLine reports a clause that starts in the middle of another's line, and gives it back to be read by itself.
func (r *reader) splitLine(chunk []token) []token {
	begin := r.i - len(chunk)
	if begin < 0 || len(chunk) == 0 || &chunk[0] != &r.toks[begin] {
		return chunk // brackets were repaired: the places do not agree
	}
	legal := insideWords[chunk[0].Value]
	depth := 0
	for j := 1; j < len(chunk); j++ {
		t := &chunk[j]
		switch {
		case t.is("(") || t.is("[") || t.is("{"):
			depth++
		case t.is(")") || t.is("]") || t.is("}"):
			depth--
		case depth == 0 && t.Type == kindKeyword && clauseStart[t.Value] && !hasWord(legal, t.Value) && chunk[j-1].completes() &&
			!startsComparison(r.at(begin+j+1).Token) && !r.at(begin+j+1).is("("):
			at := spanOf(t.Token)
			d := fault(diag.SyntaxSameLine, at, "`"+t.Value+"` starts a clause in the middle of a line", "a clause starts on a new line",
				"put `"+t.Value+"` on the next line")
			at.End = at.Start
			r.faults.add(fixed(d, at, "\n"))
			r.i = begin + j
			return chunk[:j]
		}
	}
	return chunk
}

// strayItem reports what stands at file level and is no item, and skips it.
func (r *reader) strayItem() Item {
	t := r.cur()
	if t.is("}") {
		r.i++
		r.strayBrace(t)
		return nil
	}
	if t.Type == kindName || t.Type == kindKeyword && !clauseStart[t.Value] {
		if near, ok := nearWord(t.Value, itemWords); ok {
			r.faults.add(r.wrongWord(t, diag.SyntaxItem, near, "nothing at file level starts with `"+t.Value+"`"))
			t.become(near)
			return r.item()
		}
	}
	title := describe(t.Token) + " does not start anything at file level"
	help := "a file holds `rule`, `tune`, `import`, `def` and `list`"
	if metaKeys[t.Value] && r.at(r.i+1).is(":") {
		help += "; a Sigma rule is converted by `onerule import sigma`"
	}
	if t.Type == kindKeyword && clauseStart[t.Value] {
		title = "the clause `" + t.Value + "` stands outside of a rule"
		help = "put it between the braces of a rule; check for a `}` too many before it"
	}
	if t.Type != kindJunk {
		r.faults.add(fault(diag.SyntaxItem, spanOf(t.Token), title, "expected a rule", help))
	}
	r.skipItem()
	return nil
}

// skipItem goes to the next line that starts an item.
func (r *reader) skipItem() {
	depth := 0
	for first := true; !r.cur().EOF(); first = false {
		t := r.cur()
		if !first && t.nl && t.Type == kindKeyword && (t.Value == "rule" || t.Value == "tune" || t.Value == "import" || depth <= 0 && itemStart[t.Value]) {
			return
		}
		switch {
		case t.is("{"):
			depth++
		case t.is("}"):
			depth--
		}
		r.i++
	}
}

func (r *reader) strayBrace(t *token) {
	r.faults.add(fault(diag.SyntaxBracket, spanOf(t.Token), "`}` closes nothing", "no block is open here",
		"remove it; if a clause before it should be inside of the rule, remove the `}` before that clause"))
}

// wrongWord reports a word that is near a word of the language, or is that word in other letters.
func (r *reader) wrongWord(t *token, code diag.Code, near, title string) diag.Diagnostic {
	span := spanOf(t.Token)
	if strings.EqualFold(t.Value, near) {
		return wordCase(t.Token, near)
	}
	return fault(code, span, title, "unknown word", "a word with a similar name exists: `"+near+"`")
}

// nearWord finds the word that was meant.
func nearWord(word string, words []string) (string, bool) {
	low := strings.ToLower(word)
	for _, w := range words {
		if w == low {
			return w, true
		}
	}
	return diag.Nearest(word, words)
}
