package syntax

import "strings"

// Quote writes a string literal. Text with backslashes goes between """ where that form can hold it: no """ inside, no
// line break, no quote at either end. Everything else goes between " with the escapes \\ \" \n \r \t; other characters
// stand as they are.
func Quote(text string) string {
	if strings.Contains(text, `\`) && !strings.Contains(text, `"""`) && !strings.ContainsAny(text, "\r\n") &&
		!strings.HasPrefix(text, `"`) && !strings.HasSuffix(text, `"`) {
		return `"""` + text + `"""`
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// QuoteName writes a column name: bare when every dotted segment is a plain word, else as a whole in backquotes.
func QuoteName(name string) string {
	for _, seg := range strings.Split(name, ".") {
		if !plain(seg) || reserved(seg) {
			return backquote(name)
		}
	}
	return name
}

// quotePattern writes a name of RENAME and ENRICH, where AS, ON and WITH end a name.
func quotePattern(name string) string {
	for _, seg := range strings.Split(name, ".") {
		if strings.EqualFold(seg, "as") {
			return backquote(name)
		}
	}
	return QuoteName(name)
}

// quotePiece writes a literal piece of a KEEP or DROP pattern with stars; beside a star it may begin or end with a dot.
func quotePiece(piece string, afterStar, beforeStar bool) string {
	body := piece
	if afterStar {
		body = strings.TrimPrefix(body, ".")
	}
	if beforeStar && len(body) > 0 {
		body = strings.TrimSuffix(body, ".")
	}
	if body == "" && piece == "." && afterStar && beforeStar {
		return piece
	}
	for _, seg := range strings.Split(body, ".") {
		if !plain(seg) {
			return backquote(piece)
		}
	}
	return piece
}

func quoteSegment(name string) string {
	if plain(name) && !reserved(name) {
		return name
	}
	return backquote(name)
}

// quoteCall writes a function name; FIRST and LAST are keywords that may be called.
func quoteCall(name string) string {
	if plain(name) && (!reserved(name) || strings.EqualFold(name, "first") || strings.EqualFold(name, "last")) {
		return name
	}
	return backquote(name)
}

func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// plain reports whether a segment can stand without quotes.
func plain(seg string) bool {
	if seg == "" || !isLetter(seg[0]) && (seg[0] != '_' && seg[0] != '@' || len(seg) == 1) {
		return false
	}
	for i := 1; i < len(seg); i++ {
		if !isBody(seg[i]) {
			return false
		}
	}
	return true
}

// quoteIndex writes an index name or pattern: bare when it has only the characters of index names.
func quoteIndex(name string) string {
	ok := name != ""
	for i := 0; i < len(name) && ok; i++ {
		c := name[i]
		ok = isBody(c) || strings.IndexByte("-.*:+@", c) >= 0
	}
	if ok {
		return name
	}
	return Quote(name)
}
