package interp

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A datePattern is a format of DATE_FORMAT and DATE_PARSE: Java's DateTimeFormatter letters, English names, UTC.
type datePattern struct {
	text   string
	pieces []datePiece
}

// datePiece is a run of one letter, or literal text (letter 0).
type datePiece struct {
	letter byte
	width  int
	text   string
}

const dateLetters = "yuYMLdDeEcaHhKksSmnNAQqwWGzZXxVO"

// parsePattern takes a pattern apart.
func parsePattern(s string) (*datePattern, error) {
	p := &datePattern{text: s}
	lit := func(t string) {
		if n := len(p.pieces); n > 0 && p.pieces[n-1].letter == 0 {
			p.pieces[n-1].text += t
			return
		}
		p.pieces = append(p.pieces, datePiece{text: t})
	}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\'':
			j := i + 1
			var b strings.Builder
			for ; ; j++ {
				if j >= len(s) {
					return nil, illegal("Pattern ends with an incomplete string literal: %s", s)
				}
				if s[j] == '\'' {
					if j+1 < len(s) && s[j+1] == '\'' {
						b.WriteByte('\'')
						j++
						continue
					}
					break
				}
				b.WriteByte(s[j])
			}
			if j == i+1 {
				b.WriteByte('\'')
			}
			lit(b.String())
			i = j + 1
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			j := i
			for j < len(s) && s[j] == c {
				j++
			}
			if strings.IndexByte(dateLetters, c) < 0 {
				return nil, illegal("Unknown pattern letter: %c", c)
			}
			p.pieces = append(p.pieces, datePiece{letter: c, width: j - i})
			i = j
		case strings.IndexByte("{}#", c) >= 0:
			return nil, illegal("Pattern includes reserved character: '%c'", c)
		case c == '[' || c == ']':
			i++ // optional sections: everything is written, and read where present
		default:
			lit(s[i : i+1])
			i++
		}
	}
	return p, nil
}

var namedPatterns = map[string]string{
	"strict_date_optional_time": "yyyy-MM-dd'T'HH:mm:ss.SSSX", "date_optional_time": "yyyy-MM-dd'T'HH:mm:ss.SSSX",
	"date": "yyyy-MM-dd", "strict_date": "yyyy-MM-dd", "basic_date": "yyyyMMdd", "date_time": "yyyy-MM-dd'T'HH:mm:ss.SSSX",
	"strict_date_time": "yyyy-MM-dd'T'HH:mm:ss.SSSX", "date_hour": "yyyy-MM-dd'T'HH", "year": "yyyy", "strict_year": "yyyy",
	"year_month": "yyyy-MM", "strict_year_month": "yyyy-MM", "year_month_day": "yyyy-MM-dd", "hour_minute": "HH:mm",
	"hour_minute_second": "HH:mm:ss", "hour": "HH",
}

// format writes a date.
func (p *datePattern) format(t time.Time) string {
	var b strings.Builder
	for _, x := range p.pieces {
		b.WriteString(x.format(t))
	}
	return b.String()
}

func pad(n, width int) string {
	if n < 0 {
		return "-" + pad(-n, width)
	}
	s := strconv.Itoa(n)
	if len(s) < width {
		s = strings.Repeat("0", width-len(s)) + s
	}
	return s
}

func named(full string, width int) string {
	switch {
	case width == 5:
		return full[:1]
	case width == 4:
		return full
	}
	return full[:3]
}

// format is the one dispatch over pattern letters.
func (x datePiece) format(t time.Time) string {
	year, week := t.ISOWeek()
	weekday := (int(t.Weekday())+6)%7 + 1
	switch x.letter {
	case 0:
		return x.text
	case 'y', 'u', 'Y':
		y := t.Year()
		if x.letter == 'Y' {
			y = year
		}
		if x.width == 2 {
			return pad(y%100, 2)
		}
		return pad(y, x.width)
	case 'M', 'L':
		if x.width > 2 {
			return named(t.Month().String(), x.width)
		}
		return pad(int(t.Month()), x.width)
	case 'd':
		return pad(t.Day(), x.width)
	case 'D':
		return pad(t.YearDay(), x.width)
	case 'E':
		return named(t.Weekday().String(), x.width)
	case 'e', 'c':
		if x.width > 2 {
			return named(t.Weekday().String(), x.width)
		}
		return pad(weekday, x.width)
	case 'a':
		return t.Format("PM")
	case 'H':
		return pad(t.Hour(), x.width)
	case 'k':
		return pad((t.Hour()+23)%24+1, x.width)
	case 'K':
		return pad(t.Hour()%12, x.width)
	case 'h':
		return pad((t.Hour()+11)%12+1, x.width)
	case 'm':
		return pad(t.Minute(), x.width)
	case 's':
		return pad(t.Second(), x.width)
	case 'S':
		return (fmt.Sprintf("%09d", t.Nanosecond()) + strings.Repeat("0", x.width))[:x.width]
	case 'n':
		return pad(t.Nanosecond(), x.width)
	case 'N':
		return pad(int(nanoOfDay(t)), x.width)
	case 'A':
		return pad(int(nanoOfDay(t)/1_000_000), x.width)
	case 'Q', 'q':
		q := (int(t.Month())-1)/3 + 1
		if x.width == 3 {
			return "Q" + strconv.Itoa(q)
		}
		return pad(q, min(x.width, 2))
	case 'w':
		return pad(week, x.width)
	case 'W':
		return pad((t.Day()+((int(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).Weekday())+6)%7)-1)/7+1, x.width)
	case 'G':
		return "AD"
	case 'z', 'V', 'X':
		return "Z"
	case 'O':
		return "GMT"
	case 'Z':
		return map[bool]string{true: "GMT", false: "+0000"}[x.width == 4]
	case 'x':
		return []string{"+00", "+0000", "+00:00", "+0000", "+00:00"}[min(x.width, 5)-1]
	}
	return ""
}

func nanoOfDay(t time.Time) int64 {
	return t.Sub(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)).Nanoseconds()
}

// fields are the parts of a date that a text gave.
type dateFields struct {
	year, month, day, yearDay      int
	hour, hour12, minute, sec, nan int
	pm                             int // 0 not given, 1 am, 2 pm
	offset                         int
}

// parse reads a date; what the pattern does not name is the first of January 1970, midnight, at the offset given.
func (p *datePattern) parse(s string, offset int) (time.Time, bool) {
	f := dateFields{year: 1970, month: 1, day: 1, hour12: -1, offset: offset}
	rest := s
	for i, x := range p.pieces {
		var ok bool
		adjacent := i+1 < len(p.pieces) && p.pieces[i+1].letter != 0
		if rest, ok = x.parse(rest, &f, adjacent); !ok {
			return time.Time{}, false
		}
	}
	if rest != "" {
		return time.Time{}, false
	}
	if f.hour12 >= 0 && f.pm > 0 {
		f.hour = f.hour12%12 + 12*(f.pm-1)
	}
	if f.month < 1 || f.month > 12 || f.day < 1 || f.day > daysIn(f.year, f.month) || f.hour > 23 || f.minute > 59 || f.sec > 59 {
		return time.Time{}, false
	}
	t := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.minute, f.sec, f.nan, time.UTC)
	if f.yearDay > 0 {
		t = time.Date(f.year, 1, f.yearDay, f.hour, f.minute, f.sec, f.nan, time.UTC)
	}
	return t.Add(-time.Duration(f.offset) * time.Second), true
}

// number reads digits: exactly width when another field follows or the width is above one, else as many as there are.
func takeNumber(s string, width, most int) (int, string, bool) {
	n := 0
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n < width || n == 0 {
		return 0, s, false
	}
	v, err := strconv.Atoi(s[:n])
	return v, s[n:], err == nil
}

func takeName(s string, width int, names func(i int) string, n int) (int, string, bool) {
	for i := 0; i < n; i++ {
		full := named(names(i), max(width, 3))
		if len(s) >= len(full) && strings.EqualFold(s[:len(full)], full) {
			return i, s[len(full):], true
		}
	}
	return 0, s, false
}

// parse reads one piece.
func (x datePiece) parse(s string, f *dateFields, adjacent bool) (string, bool) {
	if x.letter == 0 {
		return strings.CutPrefix(s, x.text)
	}
	most := 19
	if adjacent || x.width == 2 {
		most = x.width
	}
	var target *int
	switch x.letter {
	case 'y', 'u':
		if x.width == 2 {
			v, rest, ok := takeNumber(s, 2, 2)
			f.year = 2000 + v
			return rest, ok
		}
		if x.width == 4 {
			most = 4
		}
		target = &f.year
	case 'M', 'L':
		if x.width > 2 {
			i, rest, ok := takeName(s, x.width, func(i int) string { return time.Month(i + 1).String() }, 12)
			f.month = i + 1
			return rest, ok
		}
		target = &f.month
	case 'E', 'e', 'c':
		_, rest, ok := takeName(s, x.width, func(i int) string { return time.Weekday(i).String() }, 7)
		return rest, ok
	case 'a':
		for i, w := range []string{"AM", "PM"} {
			if len(s) >= 2 && strings.EqualFold(s[:2], w) {
				f.pm = i + 1
				return s[2:], true
			}
		}
		return s, false
	case 'S':
		v, rest, ok := takeNumber(s, x.width, x.width)
		for i := x.width; i < 9; i++ {
			v *= 10
		}
		f.nan = v
		return rest, ok && x.width <= 9
	case 'd':
		target = &f.day
	case 'D':
		target = &f.yearDay
	case 'H', 'k':
		target = &f.hour
	case 'h', 'K':
		target = &f.hour12
	case 'm':
		target = &f.minute
	case 's':
		target = &f.sec
	case 'n':
		target = &f.nan
	case 'X', 'x', 'Z', 'z', 'V', 'O':
		return takeZone(s, f)
	default:
		return s, false
	}
	v, rest, ok := takeNumber(s, x.width, most)
	*target = v
	if x.letter == 'k' {
		f.hour = v % 24
	}
	return rest, ok
}

func takeZone(s string, f *dateFields) (string, bool) {
	for _, w := range []string{"UTC", "GMT", "Z"} {
		if rest, ok := strings.CutPrefix(s, w); ok {
			s = rest
			if s == "" || s[0] != '+' && s[0] != '-' {
				return s, true
			}
			break
		}
	}
	n := 0
	for n < len(s) && strings.IndexByte("+-:0123456789", s[n]) >= 0 {
		n++
	}
	p := isoParser{s: s[:n]}
	f.offset = p.zone()
	return s[n:], !p.bad && n > 0 && p.s == ""
}
