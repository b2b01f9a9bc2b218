package grammar

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// number reads a number or a duration, and recognises what is often written without quotes: addresses, dates, hashes.
func (s *scanner) number() {
	rest := s.text[s.off:]
	n := digits(rest)
	if isDate(rest) {
		s.unquoted(textRun(rest, "-:.+"), "a date")
		return
	}
	fraction := false
	if n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) {
		fraction = true
		n += 1 + digits(rest[n+1:])
		if n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) {
			s.unquoted(textRun(rest, ".:/"), "an address")
			return
		}
	}
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
		if m := exponent(rest[n:]); m > 0 {
			s.plainNumber(n + m)
			return
		}
	}
	if size := letters(rest[n:]); size > 0 {
		s.duration(n, n+size, fraction)
		return
	}
	s.plainNumber(n)
}

// plainNumber emits a number without a unit.
func (s *scanner) plainNumber(n int) {
	t := s.emit(kindNumber, n)
	if len(t.Value) > 1 && t.Value[0] == '0' && isDigit(t.Value[1]) {
		t.bad = true
		short := strings.TrimLeft(t.Value, "0")
		if short == "" || !isDigit(short[0]) {
			short = "0" + short
		}
		s.faults.add(fault(diag.SyntaxNumber, spanOf(t.Token), "the number `"+t.Value+"` starts with 0", "a needless zero",
			"write `"+short+"`; an identifier with leading zeros is a text: \""+t.Value+"\""))
	}
	if v, err := strconv.ParseFloat(t.Value, 64); err != nil || math.IsInf(v, 0) {
		t.bad = true
		s.faults.add(fault(diag.SyntaxNumber, spanOf(t.Token), "the number is too large", "beyond 1.8e308", "write it as a text in quotes"))
	}
}

// duration emits `1h30m`, or reports letters after a number that are no unit; the number takes the first bytes.
func (s *scanner) duration(number, n int, fraction bool) {
	where := s.place()
	t := s.emit(kindDuration, n)
	_, wrong := parseDuration(t.Value)
	if wrong == "" && !fraction {
		return
	}
	t.bad = true
	s.faults.add(durationFault(t, number, fraction, wrong, where))
}

// numberPlace is what can stand where a number with letters was found.
type numberPlace uint8

const (
	atValue    numberPlace = iota
	atDuration             // behind a word that a duration follows
	atRepeat               // where a timeline says how often an event happens
)

// durationWords are those that a duration follows.
var durationWords = wordSet([]string{
	"tumbling", "window", "every", "sliding", "gap", "max", "within", "delay", "lookback", "learn", "history", "warmup", "grace", "at", "+",
})

// place says what can stand here. An event of a timeline is repeated first on its line or in its section, or behind its offset.
func (s *scanner) place() numberPlace {
	if s.nl || len(s.tokens) == 0 {
		return atRepeat
	}
	switch last := s.tokens[len(s.tokens)-1]; {
	case last.Type == kindDuration || last.is("{"):
		return atRepeat
	case durationWords[last.Value]:
		return atDuration
	}
	return atValue
}

func durationFault(t *token, number int, fraction bool, wrong string, where numberPlace) diag.Diagnostic {
	span := spanOf(t.Token)
	suffix := t.Value[number:]
	repaired := repairDuration(t.Value)
	switch {
	case number == 1 && (strings.HasPrefix(t.Value, "0x") || strings.HasPrefix(t.Value, "0X")):
		return fault(diag.SyntaxNumber, span, "`"+clip(t.Value)+"` is not a number", "numbers are decimal",
			"write the decimal number, or a text in quotes if the field holds text: \""+clip(t.Value)+"\"")
	case suffix == "x" && where == atRepeat:
		at := within(t.Token, number, number)
		return fixed(fault(diag.SyntaxDuration, span, "`"+t.Value+"` is not a duration", "a number and the word `x`",
			"put a space between them: `"+t.Value[:number]+" x`"), at, " ")
	case fraction && longUnit(suffix) != "":
		return fault(diag.SyntaxDuration, span, "a duration has no fraction", "not a whole number",
			"use smaller units: `1h30m` or `90m` for one and a half hours")
	case wrong == "order":
		return fault(diag.SyntaxDuration, span, "the units of `"+t.Value+"` are not in order", "larger units come first",
			"write each unit once, from the largest to the smallest: `1h30m`")
	case wrong == "large":
		return fault(diag.SyntaxDuration, span, "the duration is too long", "beyond 290 years", "use a shorter one")
	case !fraction && repaired != "":
		return fixed(fault(diag.SyntaxDuration, span, "`"+t.Value+"` is not a duration", "unknown unit",
			"write `"+repaired+"`", durationHelp), span, repaired)
	}
	if where == atDuration {
		return fault(diag.SyntaxDuration, span, "`"+clip(t.Value)+"` is not a duration", "unknown unit", durationHelp)
	}
	return fault(diag.SyntaxDuration, span, "`"+clip(t.Value)+"` is neither a number nor a duration", "letters after a number",
		"put a text in quotes: \""+clip(t.Value)+"\"", durationHelp)
}

// durationHelp lists the units.
const durationHelp = "the units are ms, s, m, h, d, w: `500ms`, `90s`, `1h30m`, `14d`"

// repairDuration replaces words such as `min` by the units they mean; "" when that gives no duration.
func repairDuration(text string) string {
	var b strings.Builder
	for text != "" {
		n := digits(text)
		m := n
		for m < len(text) && !isDigit(text[m]) {
			m++
		}
		if text[n:m] == "M" {
			return "" // minutes or months
		}
		b.WriteString(text[:n] + longUnit(text[n:m]))
		text = text[m:]
	}
	if _, wrong := parseDuration(b.String()); wrong != "" {
		return ""
	}
	return b.String()
}

// clip shortens a text for a message.
func clip(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// longUnit returns the unit that a word for a span of time means, "" when it means none.
func longUnit(word string) string {
	switch strings.TrimSuffix(strings.ToLower(word), "s") {
	case "m":
		if strings.HasSuffix(strings.ToLower(word), "s") {
			return "ms"
		}
		return "m"
	case "milli", "msec", "millisecond":
		return "ms"
	case "", "sec", "second":
		return "s"
	case "min", "minute", "mn":
		return "m"
	case "h", "hr", "hour":
		return "h"
	case "d", "day":
		return "d"
	case "w", "wk", "week":
		return "w"
	}
	return ""
}

// units are the units of time, from the largest to the smallest.
var units = []struct {
	name string
	size time.Duration
}{
	{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// parseDuration reads `1h30m`: each unit at most once, from the largest to the smallest. The second value says what is
// wrong, "" when nothing is.
func parseDuration(text string) (time.Duration, string) {
	var total time.Duration
	next := 0
	for text != "" {
		n := digits(text)
		m := n
		for m < len(text) && !isDigit(text[m]) {
			m++
		}
		unit := unitIndex(text[n:m])
		if n == 0 || unit < 0 {
			return 0, "unit"
		}
		if unit < next {
			return 0, "order"
		}
		v, err := strconv.ParseInt(text[:n], 10, 64)
		size := units[unit].size
		if err != nil || v > int64(math.MaxInt64-total)/int64(size) {
			return 0, "large"
		}
		total += time.Duration(v) * size
		next = unit + 1
		text = text[m:]
	}
	return total, ""
}

func unitIndex(name string) int {
	for i, u := range units {
		if u.name == name {
			return i
		}
	}
	return -1
}

// FormatDuration writes a duration with the fewest units; parts below a millisecond do not exist in the language.
func FormatDuration(d time.Duration) string {
	if d < time.Millisecond {
		return "0s"
	}
	for _, u := range units {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	var b strings.Builder
	for _, u := range units[1:] {
		if d >= u.size {
			b.WriteString(strconv.FormatInt(int64(d/u.size), 10) + u.name)
			d %= u.size
		}
	}
	return b.String()
}

// unquoted reports a text that needs quotes.
func (s *scanner) unquoted(n int, what string) {
	t := s.emit(kindString, n)
	t.bad, t.odd = true, true
	s.faults.add(fixed(fault(diag.SyntaxNumber, spanOf(t.Token), what+" without quotes", "not a number",
		"write it as a text: \""+clip(t.Value)+"\""), spanOf(t.Token), `"`+t.Value+`"`))
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// letters measures the letters and digits that stand directly after a number.
func letters(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !(r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) || n > 0 && unicode.IsDigit(r)) {
			break
		}
		n += size
	}
	return n
}

// exponent measures `e9`, `E-3`.
func exponent(s string) int {
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	m := digits(s[n:])
	if m == 0 || letters(s[n+m:]) > 0 {
		return 0
	}
	return n + m
}

// isDate recognises 2024-01-31, also with a time after it.
func isDate(s string) bool {
	return len(s) >= 10 && digits(s) == 4 && s[4] == '-' && digits(s[5:]) == 2 && s[7] == '-' && digits(s[8:]) == 2
}

// textRun measures letters, digits and the given signs.
func textRun(s, signs string) int {
	n := 0
	for n < len(s) && (isWordPart(s[n]) || strings.IndexByte(signs, s[n]) >= 0) {
		n++
	}
	for n > 0 && strings.IndexByte(":.", s[n-1]) >= 0 {
		n--
	}
	return n
}
