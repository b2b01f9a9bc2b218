package interp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stringFunctions: the string functions (learn.microsoft.com/kusto/query/scalar-functions, section string functions).
var stringFunctions = []*function{
	{name: "strcat", sig: "text text*", ret: "string", nulls: true, doc: "arguments joined", fn: func(c *call, a []any) any { return joinTexts(c, "", a) }},
	{name: "strcat_delim", sig: "text text text*", ret: "string", nulls: true, doc: "arguments joined by a delimiter", fn: func(c *call, a []any) any {
		return joinTexts(c, a[0].(string), a[1:])
	}},
	{name: "strcat_array array_strcat", sig: "dyn text", ret: "string", doc: "elements of an array joined", fn: func(c *call, a []any) any {
		list, ok := a[0].([]any)
		if !ok {
			return nil
		}
		return joinTexts(c, a[1].(string), list)
	}},
	{name: "strcmp", sig: "text text", ret: "long", doc: "-1, 0 or 1: the order of two strings", fn: func(c *call, a []any) any {
		return int64(strings.Compare(a[0].(string), a[1].(string)))
	}},
	{name: "strrep", sig: "text int text?", ret: "string", nulls: true, doc: "a string repeated", fn: strrep},
	{name: "strlen", sig: "strdyn", ret: "long", naming: nameFuncFirst, nulls: true, doc: "length in code points", fn: func(c *call, a []any) any {
		return int64(utf8.RuneCountInString(asString(a[0])))
	}},
	{name: "string_size", sig: "strdyn", ret: "long", naming: nameFuncFirst, nulls: true, doc: "length in bytes of UTF-8", fn: func(c *call, a []any) any {
		return int64(len(asString(a[0])))
	}},
	{name: "toupper", sig: "text", ret: "string", doc: "upper case", fn: func(c *call, a []any) any { return c.x.changeCase(a[0].(string), unicode.ToUpper) }},
	{name: "tolower", sig: "text", ret: "string", doc: "lower case", fn: func(c *call, a []any) any { return c.x.changeCase(a[0].(string), unicode.ToLower) }},
	{name: "substring", sig: "text int int?", ret: "string", doc: "part of a string, by code points from 0; a negative start counts from the end", fn: substring},
	{name: "reverse", sig: "text", ret: "string", doc: "characters in reverse", fn: func(c *call, a []any) any {
		r := []rune(a[0].(string))
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r)
	}},
	{name: "indexof", sig: "text text int? int? int!?", ret: "long", doc: "position of a string in another, -1 when absent", fn: indexOf},
	{name: "indexof_regex", sig: "text regex! int? int? int!?", ret: "long", doc: "position of a match, -1 when absent", fn: indexOfRegex},
	{name: "has_any_index", sig: "strdyn dyn", ret: "long", doc: "index of the first of several terms that a string has, -1 when none", fn: func(c *call, a []any) any {
		list, ok := a[1].([]any)
		if !ok {
			return nil
		}
		f, t := c.x.folding(), c.x.terms()
		s := f.fold(asString(a[0]))
		for i, v := range list {
			if t.find(s, f.fold(asString(v)), true, true) {
				return int64(i)
			}
		}
		return int64(-1)
	}},
	{name: "split", sig: "text string int?", ret: "dynamic", naming: nameFirst, doc: "parts of a string between delimiters; with an index an array of that part alone", fn: split},
	{name: "replace_string", sig: "string string string", ret: "string", doc: "every occurrence replaced", fn: func(c *call, a []any) any {
		return replaceAll(c, a[0].(string), a[1].(string), a[2].(string))
	}},
	{name: "replace_strings", sig: "string dyn dyn", ret: "string", doc: "every occurrence of several strings replaced", fn: replaceStrings},
	{name: "replace_regex", sig: "string regex! string!", ret: "string", doc: "every match replaced; \\1 is the first group", fn: func(c *call, a []any) any {
		return replaceRegex(c, a[1].(string), a[2].(string), a[0].(string), 1)
	}},
	{name: "replace", sig: "regex! string! string", ret: "string", doc: "old replace_regex with the source last", fn: func(c *call, a []any) any {
		return replaceRegex(c, a[0].(string), a[1].(string), a[2].(string), 0)
	}},
	{name: "regex_quote", sig: "text", ret: "string", doc: "a string as a regular expression that matches it", fn: func(c *call, a []any) any { return quoteRegexText(a[0].(string)) }},
	{name: "extract", sig: "regex! int string type?", ret: "string", doc: "a group of the first match", bind: bindTyped(3, tStr), fn: extract},
	{name: "extract_all extractall", sig: "regex! strdyn strdyn?", ret: "dynamic", doc: "groups of all matches", bind: bindExtractAll, fn: extractAll},
	{name: "trim", sig: "regex! string", ret: "string", doc: "without a leading and a trailing match", fn: func(c *call, a []any) any {
		return trimEnd(c, a[0].(string), trimStart(c, a[0].(string), a[1].(string)))
	}},
	{name: "trim_start", sig: "regex! string", ret: "string", doc: "without a leading match", fn: func(c *call, a []any) any {
		return trimStart(c, a[0].(string), a[1].(string))
	}},
	{name: "trim_end", sig: "regex! string", ret: "string", doc: "without a trailing match", fn: func(c *call, a []any) any {
		return trimEnd(c, a[0].(string), a[1].(string))
	}},
	{name: "countof", sig: "string string string!?", ret: "long", doc: "number of occurrences, overlapping ones too, or of matches", fn: countOf},
	{name: "translate", sig: "string string string", ret: "string", doc: "characters replaced one by one", fn: translate},
	{name: "unicode_codepoints_from_string to_utf8", sig: "text", ret: "dynamic", doc: "code points of a string", fn: func(c *call, a []any) any {
		out := []any{}
		for _, r := range a[0].(string) {
			out = append(out, int64(r))
		}
		return out
	}},
	{name: "unicode_codepoints_to_string make_string", sig: "numdyn numdyn*", ret: "string", doc: "string of code points", fn: func(c *call, a []any) any {
		var b strings.Builder
		for _, v := range a {
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			for _, p := range list {
				if n, ok := castLong(p).(int64); ok && n >= 0 && n <= unicode.MaxRune {
					b.WriteRune(rune(n))
				}
			}
		}
		return b.String()
	}},
	{name: "isascii", sig: "text", ret: "bool", doc: "whether a string is ASCII", fn: func(c *call, a []any) any {
		return !strings.ContainsFunc(a[0].(string), func(r rune) bool { return r >= utf8.RuneSelf })
	}},
	{name: "isutf8", sig: "text", ret: "bool", doc: "whether a string is UTF-8", fn: func(c *call, a []any) any { return utf8.ValidString(a[0].(string)) }},
}

func joinTexts(c *call, delim string, list []any) any {
	parts := make([]string, len(list))
	n := 0
	for i, v := range list {
		parts[i] = text(v)
		n += len(parts[i]) + len(delim)
	}
	c.x.spend(n)
	return strings.Join(parts, delim)
}

func strrep(c *call, a []any) any {
	n, ok := a[1].(int64)
	if !ok || n <= 0 {
		return ""
	}
	n = min(n, 1024) // the page's limit
	s, delim := a[0].(string), ""
	if c.n > 2 {
		delim = a[2].(string)
	}
	c.x.spend((len(s) + len(delim)) * int(n))
	return strings.TrimSuffix(strings.Repeat(s+delim, int(n)), delim)
}

func (x *exec) changeCase(s string, f func(rune) rune) string {
	if x.in.On(doubtToLower) {
		return strings.Map(f, s)
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return f(r)
		}
		return r
	}, s)
}

func substring(c *call, a []any) any {
	r := []rune(a[0].(string))
	start := a[1].(int64)
	if start < 0 {
		start = max(int64(len(r))+start, 0)
	}
	if start >= int64(len(r)) {
		return ""
	}
	end := int64(len(r))
	if c.n > 2 {
		n := a[2].(int64)
		if n <= 0 {
			return ""
		}
		if n < end-start {
			end = start + n
		}
	}
	return string(r[start:end])
}

// searchWindow reads start, length and occurrence of indexof and indexof_regex; length is -1 without a limit.
func searchWindow(c *call, n int, a []any) (start, length int, occurrence int64, ok bool) {
	arg := func(i int, otherwise int64) int64 {
		if c.n > i {
			return a[i].(int64)
		}
		return otherwise
	}
	s, l, occ := arg(2, 0), arg(3, -1), arg(4, 1)
	if s < 0 {
		s = max(int64(n)+s, 0)
	}
	return int(min(s, int64(n))), int(min(l, int64(n))), occ, l >= -1 && occ >= 1
}

// indexOf finds an occurrence. After each one the search goes on behind its first character with the whole length again, as
// the eighth example of the page shows.
func indexOf(c *call, a []any) any {
	s, needle := a[0].(string), a[1].(string)
	var at []int // where the characters begin
	for i := range s {
		at = append(at, i)
	}
	n := len(at)
	at = append(at, len(s))
	from, length, occ, ok := searchWindow(c, n, a)
	if !ok {
		return nil
	}
	for ; from <= n; from++ {
		end := n
		if length >= 0 {
			end = min(n, from+length)
		}
		i := strings.Index(s[at[from]:at[end]], needle)
		if i < 0 {
			break
		}
		from, _ = slices.BinarySearch(at, at[from]+i)
		if occ--; occ == 0 {
			return int64(from)
		}
	}
	return int64(-1)
}

// indexOfRegex differs from indexof in a negative start, which gives null (indexof-regex-function, last example).
func indexOfRegex(c *call, a []any) any {
	s := []rune(a[0].(string))
	start, length, occ, ok := searchWindow(c, len(s), a)
	if !ok || c.n > 2 && a[2].(int64) < 0 {
		return nil
	}
	end := len(s)
	if length >= 0 {
		end = min(end, start+length)
	}
	part := string(s[start:end])
	hits := c.x.regex(a[1].(string), c.at).FindAllStringIndex(part, int(min(occ, int64(len(part)+1))))
	if int64(len(hits)) < occ {
		return int64(-1)
	}
	return int64(start + utf8.RuneCountInString(part[:hits[occ-1][0]]))
}

func split(c *call, a []any) any {
	s, delim := a[0].(string), a[1].(string)
	var parts []string
	if delim == "" {
		parts = []string{s}
	} else {
		parts = strings.Split(s, delim)
	}
	c.x.tick(len(parts))
	if c.n > 2 {
		i := a[2].(int64)
		if i < 0 || i >= int64(len(parts)) {
			return []any{}
		}
		return []any{parts[i]}
	}
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

func replaceAll(c *call, s, from, to string) string {
	if from == "" {
		return s
	}
	c.x.spend(len(s) + strings.Count(s, from)*max(len(to)-len(from), 0))
	return strings.ReplaceAll(s, from, to)
}

func translate(c *call, a []any) any {
	from, to := []rune(a[0].(string)), []rune(a[1].(string))
	return strings.Map(func(r rune) rune {
		for i, f := range from {
			if f != r {
				continue
			}
			switch {
			case len(to) == 0:
				return -1
			case i < len(to):
				return to[i]
			}
			return to[len(to)-1]
		}
		return r
	}, a[2].(string))
}

func countOf(c *call, a []any) any {
	s, needle := a[0].(string), a[1].(string)
	if c.n > 2 && a[2] == "regex" {
		return int64(len(c.x.regex(needle, c.at).FindAllStringIndex(s, -1)))
	}
	if needle == "" {
		return int64(0)
	}
	n := int64(0)
	for {
		i := strings.Index(s, needle)
		if i < 0 {
			return n
		}
		n++
		s = s[i+1:]
	}
}

// replaceStrings replaces the occurrences of each lookup string in turn, never inside of what an earlier one matched. An
// occurrence whose rewrite is no string stays as it is but counts as matched (replace-strings-function).
func replaceStrings(c *call, a []any) any {
	from, ok := a[1].([]any)
	to, ok2 := a[2].([]any)
	if !ok || !ok2 || len(from) != len(to) {
		return nil
	}
	type piece struct {
		text string
		done bool
	}
	pieces := []piece{{a[0].(string), false}}
	for i, f := range from {
		w, isText := f.(string)
		if !isText || w == "" {
			continue
		}
		put := w
		if r, ok := to[i].(string); ok {
			put = r
		}
		var next []piece
		for _, p := range pieces {
			for n := 0; !p.done && n >= 0; {
				if n = strings.Index(p.text, w); n >= 0 {
					next = append(next, piece{p.text[:n], false}, piece{put, true})
					p.text = p.text[n+len(w):]
				}
			}
			next = append(next, p)
		}
		pieces = next
		c.x.tick(len(pieces))
	}
	var b strings.Builder
	for _, p := range pieces {
		c.x.spend(len(p.text))
		b.WriteString(p.text)
	}
	return b.String()
}
