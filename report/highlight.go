package report

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a piece of a query is, for its colour.
type kind byte

const (
	plain    kind = 0
	keyword  kind = 'k'
	function kind = 'f'
	text     kind = 's'
	number   kind = 'n'
	operator kind = 'o'
	comment  kind = 'c'
)

// language says what a tokeniser must know to colour a text. It need not parse: what it does not know stays plain.
type language struct {
	keywords []string
	// ignoreCase says that keywords may be in any case.
	ignoreCase bool
	// quotes open texts; the same character closes them. Raw ones know no backslash.
	quotes, raw string
	// triple says that three quotes open a text over several lines.
	triple bool
	// comments begin a comment up to the end of the line; block ones are between /* and */.
	comments []string
	block    bool
	// piped says that the word behind | is a command.
	piped bool
	// word are the characters of a word besides letters, digits and _.
	word string
	// keyed says that a text or word before : or = is a key (JSON, YAML, conf).
	keyed bool
}

// languages are the query languages by their names, and the formats of artefacts.
var languages = map[string]language{
	"spl": {
		keywords: []string{"AND", "OR", "NOT", "IN", "by", "as", "AS", "BY", "over", "output", "OUTPUT", "where", "true", "false"},
		quotes:   `"`, comments: nil, piped: true, word: ".:{}*$@",
	},
	"eql": {
		keywords: []string{"where", "and", "or", "not", "in", "in~", "like", "like~", "regex", "regex~", "sequence", "sample", "by", "with", "maxspan", "until", "any", "true", "false", "null", "runs"},
		quotes:   `"'`, triple: true, comments: []string{"//"}, block: true, piped: true, word: ".@~",
	},
	"kibana":  {keywords: []string{"and", "or", "not"}, ignoreCase: true, quotes: `"`, word: ".@*"},
	"esql":    esql,
	"kusto":   kusto,
	"datadog": {keywords: []string{"AND", "OR", "NOT", "TO"}, quotes: `"`, word: ".@*_-"},
	"secl": {
		keywords: []string{"in", "not", "and", "or", "allin", "notin", "true", "false"}, quotes: `"`, raw: "", comments: []string{"#"}, word: ".",
	},
	"json": {keywords: []string{"true", "false", "null"}, quotes: `"`, keyed: true, word: "-."},
	"yaml": {keywords: []string{"true", "false", "null"}, quotes: `"`, raw: "'", comments: []string{"#"}, keyed: true, word: "-./"},
	"toml": {keywords: []string{"true", "false"}, quotes: `"`, raw: "'", triple: true, comments: []string{"#"}, keyed: true, word: "-."},
	"conf": {comments: []string{"#"}, quotes: `"`, keyed: true, word: ".:"},
}

var esql = language{
	keywords: []string{
		"and", "or", "not", "in", "like", "rlike", "is", "null", "true", "false", "by", "as", "on", "with", "asc", "desc", "nulls", "first", "last", "metadata", "from", "row", "where",
	},
	ignoreCase: true, quotes: `"`, raw: "`", triple: true, comments: []string{"//"}, block: true, piped: true, word: ".@*",
}

var kusto = language{
	keywords: []string{
		"and", "or", "not", "in", "in~", "has", "contains", "contains_cs", "startswith", "startswith_cs", "endswith", "endswith_cs", "matches", "regex", "has_any", "has_all", "between", "by", "on", "kind",
		"let", "asc", "desc", "step", "true", "false", "null", "datetime", "dynamic", "long", "real", "string", "timespan", "with", "isfuzzy", "materialize",
	},
	quotes: `"'`, comments: []string{"//"}, piped: true, word: "~",
}

// token is a piece of a text.
type token struct {
	kind kind
	text string
}

// Highlight returns a text as HTML, with an element `i` of a class for each piece that has a colour. The text of the HTML is the
// text given, whatever it holds; a language that is not known has no colours.
func Highlight(lang, src string) string {
	var b strings.Builder
	for _, t := range tokens(lang, src) {
		if t.kind == plain {
			b.WriteString(escape(t.text))
			continue
		}
		b.WriteString(`<i class="` + string(rune(t.kind)) + `">` + escape(t.text) + "</i>")
	}
	return b.String()
}

// escape writes a text so that a browser reads the same one: a bare carriage return would become a line break.
func escape(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\r", "&#13;") }

// tokens cuts a text; the pieces together are the text.
func tokens(lang, src string) []token {
	l, ok := languages[lang]
	if !ok {
		return []token{{plain, src}}
	}
	t := tokeniser{language: l, src: src}
	for t.at < len(src) {
		t.next()
	}
	return t.out
}

type tokeniser struct {
	language
	src string
	at  int
	out []token
	// command says that the next word is a command.
	command bool
}

func (t *tokeniser) emit(k kind, n int) {
	n = min(max(n, 1), len(t.src)-t.at)
	piece := t.src[t.at : t.at+n]
	t.at += n
	if last := len(t.out) - 1; last >= 0 && t.out[last].kind == k && k == plain {
		t.out[last].text += piece
		return
	}
	t.out = append(t.out, token{k, piece})
}

func (t *tokeniser) next() {
	rest := t.src[t.at:]
	c := rest[0]
	switch n := t.commentLength(rest); {
	case n > 0:
		t.emit(comment, n)
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		t.emit(plain, 1)
	case strings.IndexByte(t.quotes, c) >= 0 || strings.IndexByte(t.raw, c) >= 0:
		t.quoted(rest)
	case t.piped && c == '|':
		t.emit(operator, 1)
		t.command = true
		return
	case '0' <= c && c <= '9':
		t.emit(number, t.wordLength(rest))
	case t.wordLength(rest) > 0:
		t.wordOf(rest)
	case strings.IndexByte("=<>!:+-*/%&^~?|", c) >= 0:
		t.emit(operator, 1)
	default:
		_, size := utf8.DecodeRuneInString(rest)
		t.emit(plain, size)
	}
	if c != ' ' && c != '\n' && c != '\t' {
		t.command = false
	}
}

func (t *tokeniser) commentLength(rest string) int {
	if t.block && strings.HasPrefix(rest, "/*") {
		if end := strings.Index(rest[2:], "*/"); end >= 0 {
			return end + 4
		}
		return len(rest)
	}
	for _, c := range t.comments {
		if !strings.HasPrefix(rest, c) || c == "#" && t.at > 0 && !strings.ContainsRune(" \n\t", rune(t.src[t.at-1])) {
			continue
		}
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return end
		}
		return len(rest)
	}
	return 0
}

// quoted emits a text in quotes; one that is not closed ends with the line, or with the source where lines may be in it.
func (t *tokeniser) quoted(rest string) {
	q := rest[:1]
	k := text
	if t.triple && strings.HasPrefix(rest, q+q+q) {
		if end := strings.Index(rest[3:], q+q+q); end >= 0 {
			t.emit(k, end+6)
			return
		}
		t.emit(k, len(rest))
		return
	}
	escapes := strings.Contains(t.quotes, q)
	n := 1
	for n < len(rest) && rest[n] != q[0] && rest[n] != '\n' {
		if rest[n] == '\\' && escapes {
			n++
		}
		n++
	}
	if n < len(rest) && rest[n] == q[0] {
		n++
	}
	n = min(n, len(rest))
	if t.keyed && isKey(rest[n:]) {
		k = function
	}
	t.emit(k, n)
}

// isKey reports whether what follows makes a key of what stands before it.
func isKey(rest string) bool {
	rest = strings.TrimLeft(rest, " ")
	return strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "=")
}

func (t *tokeniser) wordLength(rest string) int {
	n := 0
	for n < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[n:])
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && !strings.ContainsRune(t.word, r) {
			break
		}
		n += size
	}
	return n
}

func (t *tokeniser) wordOf(rest string) {
	n := t.wordLength(rest)
	word := rest[:n]
	switch {
	case t.command, t.isKeyword(word):
		t.emit(keyword, n)
	case t.keyed && t.lineStart() && isKey(rest[n:]):
		t.emit(function, n)
	case !t.keyed && strings.HasPrefix(rest[n:], "("):
		t.emit(function, n)
	default:
		t.emit(plain, n)
	}
}

// lineStart reports whether only blanks and list marks stand before on the line.
func (t *tokeniser) lineStart() bool {
	line := t.src[strings.LastIndexByte(t.src[:t.at], '\n')+1 : t.at]
	return strings.Trim(line, " -{,") == ""
}

func (t *tokeniser) isKeyword(word string) bool {
	for _, k := range t.keywords {
		if k == word || t.ignoreCase && strings.EqualFold(k, word) {
			return true
		}
	}
	return false
}
