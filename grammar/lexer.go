package grammar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// Limits of a rule file. They keep time and memory in proportion: no rule written by hand comes near them.
const (
	maxSize    = 8 << 20
	maxTokens  = 1 << 20
	maxNesting = 200
)

// scanner reads a text once, from start to end. It never fails: what cannot be read becomes a token of kindJunk and a fault.
type scanner struct {
	name    string
	text    string
	off     int
	line    int
	lineOff int // where the line starts
	extra   int // continuation bytes in the line so far: columns count code points

	lineEndOff int // where the line ends, if it has been looked for
	nl         bool
	depth      int
	tokens     []token
	comments   []Comment
	faults     *faults
}

// read turns a text into tokens. The last token is the end mark.
func read(name, text string, f *faults) ([]token, []Comment) {
	s := &scanner{name: name, text: text, line: 1, nl: true, faults: f}
	s.tokens = make([]token, 0, min(len(text)/4, maxTokens)+1)
	s.off = len(bom(text))
	s.lineOff = s.off
	for s.off < len(s.text) && s.next() {
	}
	s.tokens = append(s.tokens, token{Token: lexer.EOFToken(s.here()), nl: true})
	return s.tokens, s.comments
}

// bom returns the byte order mark that some editors put at the start of a file.
func bom(text string) string {
	if strings.HasPrefix(text, "\uFEFF") {
		return text[:len("\uFEFF")]
	}
	return ""
}

// here is the position of the next byte.
func (s *scanner) here() lexer.Position {
	return lexer.Position{Filename: s.name, Offset: s.off, Line: s.line, Column: s.off - s.lineOff - s.extra + 1}
}

// move goes n bytes on.
func (s *scanner) move(n int) {
	for _, b := range []byte(s.text[s.off : s.off+n]) {
		s.off++
		switch {
		case b == '\n':
			s.line++
			s.lineOff = s.off
			s.extra = 0
		case b&0xC0 == 0x80:
			s.extra++
		}
	}
}

// emit makes a token of the next n bytes.
func (s *scanner) emit(kind lexer.TokenType, n int) *token {
	t := token{Token: lexer.Token{Type: kind, Value: s.text[s.off : s.off+n], Pos: s.here()}, nl: s.nl}
	s.nl = false
	s.move(n)
	s.tokens = append(s.tokens, t)
	return &s.tokens[len(s.tokens)-1]
}

// junk makes a token of n bytes that mean nothing, and reports them. The parser reads over it.
func (s *scanner) junk(code diag.Code, n int, title, label string, help ...string) {
	t := s.emit(kindJunk, n)
	t.bad = true
	if s.faults.full {
		return
	}
	s.faults.add(fault(code, spanOf(t.Token), title, label, help...))
}

// next reads one token, comment or blank; false stops the reading.
func (s *scanner) next() bool {
	rest := s.text[s.off:]
	c := rest[0]
	switch {
	case c == '\n':
		s.nl = true
		s.move(1)
	case c == ' ' || c == '\t' || c == '\r' && (len(rest) == 1 || rest[1] == '\n'):
		s.move(1)
	case strings.HasPrefix(rest, "//"):
		s.comment(len("//"))
	case strings.HasPrefix(rest, "/*"):
		s.blockComment()
	case c == '#':
		s.hash()
	case c == '"' || c == '\'':
		return s.str()
	case isDigit(c):
		s.number()
	case isWordStart(c) || c == '`':
		s.word()
	case c == '$':
		s.variable()
	case c >= utf8.RuneSelf:
		s.foreignRune()
	default:
		return s.sign()
	}
	if len(s.tokens) >= maxTokens {
		s.faults.add(fault(diag.SyntaxTooLarge, s.span(0), "the file has too many words",
			"reading stops here", "split the rules over several files"))
		return false
	}
	return true
}

// span is the place of the next n bytes.
func (s *scanner) span(n int) diag.Span {
	return spanOf(lexer.Token{Value: s.text[s.off : s.off+n], Pos: s.here()})
}

// lineEnd returns the distance to the end of the line.
func (s *scanner) lineEnd() int {
	if s.off > s.lineEndOff || s.lineEndOff == 0 {
		s.lineEndOff = len(s.text)
		if n := strings.IndexByte(s.text[s.off:], '\n'); n >= 0 {
			s.lineEndOff = s.off + n
		}
	}
	n := s.lineEndOff - s.off
	if n > 0 && s.text[s.lineEndOff-1] == '\r' {
		n--
	}
	return n
}

// comment reads a comment to the end of its line; mark is the length of its sign.
func (s *scanner) comment(mark int) {
	n := s.lineEnd()
	text := strings.TrimRight(s.text[s.off:s.off+n], " \t\r")
	if mark == len("//") {
		if i := strings.IndexFunc(text, isControl); i >= 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			t := lexer.Token{Value: text, Pos: s.here()}
			s.faults.add(controlFault(within(t, i, i+size), text[i:i+size], "a comment"))
		}
		s.comments = append(s.comments, Comment{At: At{s.span(len(text))}, Text: text})
	}
	s.move(n)
}

// sign reads an operator sign or a bracket; false when brackets nest too deeply to read on.
func (s *scanner) sign() bool {
	rest := s.text[s.off:]
	if isControl(rune(rest[0])) {
		s.faults.add(controlFault(s.span(1), rest[:1], "the text"))
		s.move(1)
		return true
	}
	for _, sign := range signs {
		if !strings.HasPrefix(rest, sign.text) {
			continue
		}
		switch sign.text {
		case "(", "[", "{":
			if s.depth++; s.depth > maxNesting {
				s.faults.add(fault(diag.SyntaxNesting, s.span(1), "brackets nest more than 200 deep", "bracket 201",
					"name a part of the condition with `def` and use the name"))
				return false
			}
		case ")", "]", "}":
			s.depth = max(0, s.depth-1)
		}
		s.emit(sign.kind, len(sign.text))
		return true
	}
	if rest[0] == ';' {
		span := s.span(1)
		s.faults.add(fixed(fault(diag.SyntaxCharacter, span, "`;` has no meaning in a rule", "unexpected character",
			"remove it: the end of the line ends a clause"), span, ""))
		s.move(1)
		return true
	}
	s.junk(diag.SyntaxCharacter, 1, "`"+rest[:1]+"` has no meaning in a rule", "unexpected character",
		"remove it, or put it in quotes if it belongs to a text")
	return true
}

// signs are the signs of the language and the operator signs of other languages, the longer before the shorter. For the
// foreign ones the condition parser says what to write instead.
var signs = []struct {
	text string
	kind lexer.TokenType
}{
	{"===", kindForeign},
	{"!==", kindForeign},
	{"==", kindPunct},
	{"!=", kindPunct},
	{"<=", kindPunct},
	{">=", kindPunct},
	{"..", kindPunct},
	{"&&", kindForeign},
	{"||", kindForeign},
	{"<>", kindForeign},
	{"=~", kindForeign},
	{"!~", kindForeign},
	{":=", kindForeign},
	{"{", kindPunct},
	{"}", kindPunct},
	{"(", kindPunct},
	{")", kindPunct},
	{"[", kindPunct},
	{"]", kindPunct},
	{",", kindPunct},
	{":", kindPunct},
	{"=", kindPunct},
	{"<", kindPunct},
	{">", kindPunct},
	{"+", kindPunct},
	{"-", kindPunct},
	{"*", kindPunct},
	{"/", kindPunct},
	{"!", kindForeign},
	{"&", kindForeign},
	{"|", kindForeign},
	{"~", kindForeign},
	{"%", kindForeign},
}

// foreignRune reads what starts outside ASCII: a typographic quote, a space, a letter, a symbol.
func (s *scanner) foreignRune() {
	r, size := utf8.DecodeRuneInString(s.text[s.off:])
	switch {
	case strings.ContainsRune("“”„‟«»‘’‚‛", r):
		s.typographicQuote(size)
	case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
		span := s.span(size)
		s.faults.add(fixed(fault(diag.SyntaxCharacter, span, unseenTitle+codePoint(r), "neither a space nor a letter",
			"replace it with a plain space"), span, " "))
		s.move(size)
	case unicode.IsLetter(r) || unicode.IsMark(r):
		s.word()
	default:
		s.junk(diag.SyntaxCharacter, size, "`"+string(r)+"` has no meaning in a rule", "unexpected character",
			"remove it, or put it in quotes if it belongs to a text")
	}
}

func (s *scanner) hash() {
	n := s.lineEnd()
	s.faults.add(fixed(fault(diag.SyntaxComment, s.span(1), "`#` does not start a comment", "a comment starts with `//`",
		"write `//`"), s.span(1), "//"))
	s.move(n)
}

func (s *scanner) blockComment() {
	n := strings.Index(s.text[s.off:], "*/")
	help := "write `//` before each line of the comment"
	if n < 0 {
		s.faults.add(fault(diag.SyntaxComment, s.span(2), "`/*` does not start a comment", "never closed", help))
		s.move(len(s.text) - s.off)
		return
	}
	s.faults.add(fault(diag.SyntaxComment, s.span(2), "`/*` does not start a comment", "a comment starts with `//`", help))
	line := s.line
	s.move(n + len("*/"))
	s.nl = s.nl || s.line > line
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWordStart reports whether an unquoted segment may start with the byte.
func isWordStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '@'
}

// isWordPart reports whether the byte may stand in an unquoted segment.
func isWordPart(c byte) bool { return isWordStart(c) || isDigit(c) }

// isControl reports characters that no editor shows. A tab is not one of them.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0
}

// unseenTitle starts the message about a character that is neither a letter nor a space that the language knows.
const unseenTitle = "an invisible character, "

// isUnseen reports a fault that is about a character which nobody sees.
func isUnseen(d diag.Diagnostic) bool {
	return d.Code == diag.SyntaxEncoding || d.Code == diag.SyntaxCharacter && strings.HasPrefix(d.Title, unseenTitle)
}

func controlFault(span diag.Span, char, where string) diag.Diagnostic {
	r, _ := utf8.DecodeRuneInString(char)
	return fault(diag.SyntaxEncoding, span, "a control character, "+codePoint(r)+", in "+where, "invisible character",
		"remove it; in a `\"…\"` string it can be written `\\u{"+strings.TrimPrefix(codePoint(r), "U+")+"}`")
}
