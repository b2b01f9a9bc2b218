package syntax

import (
	"strconv"
	"strings"
)

// ParseDatetime reads the text of a datetime and gives its ticks: the ISO 8601, RFC 822, RFC 850 and sortable forms of
// the page scalar-data-types/datetime, and month/day/year, which the service takes too (page parse-operator). A text without an
// offset is UTC.
func ParseDatetime(text string) (int64, bool) {
	s := &dateScanner{text: strings.TrimSpace(text)}
	if s.text == "" {
		return 0, false
	}
	if !s.date() {
		return 0, false
	}
	s.blanks()
	if s.pos < len(s.text) && (s.text[s.pos] == 'T' || s.text[s.pos] == 't') {
		s.pos++
	}
	s.blanks()
	if s.pos < len(s.text) && isDigit(s.text[s.pos]) {
		if !s.clock() {
			return 0, false
		}
	}
	if !s.zone() || s.pos != len(s.text) {
		return 0, false
	}
	return s.ticks()
}

type dateScanner struct {
	text                 string
	pos                  int
	year, month, day     int
	hour, minute, second int
	fraction, offset     int64 // ticks
	pm, hasPM            bool
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (s *dateScanner) blanks() {
	for s.pos < len(s.text) && (s.text[s.pos] == ' ' || s.text[s.pos] == '\t') {
		s.pos++
	}
}

// number reads up to max digits and tells how many there were.
func (s *dateScanner) number(max int) (int, int) {
	start := s.pos
	for s.pos < len(s.text) && s.pos-start < max && isDigit(s.text[s.pos]) {
		s.pos++
	}
	n, _ := strconv.Atoi(s.text[start:s.pos])
	return n, s.pos - start
}

func (s *dateScanner) word() string {
	start := s.pos
	for s.pos < len(s.text) && isLetter(s.text[s.pos]) {
		s.pos++
	}
	return s.text[start:s.pos]
}

func (s *dateScanner) accept(chars string) bool {
	if s.pos < len(s.text) && strings.IndexByte(chars, s.text[s.pos]) >= 0 {
		s.pos++
		return true
	}
	return false
}

// date reads the date part in one of its orders.
func (s *dateScanner) date() bool {
	if isLetter(s.text[0]) {
		w := strings.ToLower(s.word())
		if m := monthNumber(w); m > 0 && !isWeekday(w) { // Nov 8 2014
			s.month = m
			s.blanks()
			var n int
			if s.day, n = s.number(2); n == 0 {
				return false
			}
			s.accept(",")
			s.blanks()
			return s.yearPart()
		}
		if !isWeekday(w) {
			return false
		}
		s.accept(",")
		s.blanks()
	}
	first, n := s.number(8)
	switch {
	case n == 8: // 20141108
		s.year, s.month, s.day = first/10000, first/100%100, first%100
		return true
	case n == 4:
		s.year = first
		return s.afterYear()
	case n == 1 || n == 2:
		return s.afterDay(first)
	}
	return false
}

// afterYear reads -11-08, .11.08, /11/08, or nothing.
func (s *dateScanner) afterYear() bool {
	s.month, s.day = 1, 1
	if !s.separator() {
		return s.pos == len(s.text)
	}
	var n int
	if s.month, n = s.number(2); n == 0 {
		return false
	}
	if !s.separator() {
		return true
	}
	s.day, n = s.number(2)
	return n > 0
}

// separator reads a sign between the parts of a date, with blanks around it: 2017 - 08 - 01 and 2025, 6, 14 are dates too
// (examples of the pages sliding-window-counts-plugin and endofweek-function).
func (s *dateScanner) separator() bool {
	mark := s.pos
	s.blanks()
	if !s.accept("-./,") {
		s.pos = mark
		return false
	}
	s.blanks()
	return true
}

// afterDay reads Nov 14, -Nov-14 (day first) or /17/2016 (month first).
func (s *dateScanner) afterDay(first int) bool {
	sep := s.accept("-/.")
	s.blanks()
	if s.pos < len(s.text) && isLetter(s.text[s.pos]) {
		s.day = first
		if s.month = monthNumber(strings.ToLower(s.word())); s.month == 0 {
			return false
		}
		s.accept("-/.,")
		s.blanks()
		return s.yearPart()
	}
	if !sep {
		return false
	}
	second, n := s.number(2)
	if n == 0 || !s.accept("-/.") {
		return false
	}
	s.month, s.day = first, second
	return s.yearPart()
}

func (s *dateScanner) yearPart() bool {
	y, n := s.number(4)
	switch n {
	case 4:
	case 2: // .NET's window of two-digit years
		if y < 50 {
			y += 2000
		} else {
			y += 1900
		}
	default:
		return false
	}
	s.year = y
	return true
}

func (s *dateScanner) clock() bool {
	var n int
	if s.hour, n = s.number(2); n == 0 {
		return false
	}
	if s.accept(":") {
		if s.minute, n = s.number(2); n == 0 {
			return false
		}
		if s.accept(":") {
			if s.second, n = s.number(2); n == 0 {
				return false
			}
			if s.accept(".,") {
				start := s.pos
				for s.pos < len(s.text) && isDigit(s.text[s.pos]) {
					s.pos++
				}
				s.fraction, _ = fractionTicks(s.text[start:s.pos])
			}
		}
	}
	mark := s.pos
	s.blanks()
	switch strings.ToLower(s.word()) {
	case "am":
		s.hasPM = true
	case "pm":
		s.hasPM, s.pm = true, true
	default:
		s.pos = mark
	}
	return true
}

func (s *dateScanner) zone() bool {
	s.blanks()
	if s.pos == len(s.text) {
		return true
	}
	if s.text[s.pos] == '+' || s.text[s.pos] == '-' {
		neg := s.text[s.pos] == '-'
		s.pos++
		h, n := s.number(2)
		if n == 0 || h > 14 {
			return false
		}
		s.accept(":")
		m, _ := s.number(2)
		s.offset = int64(h)*TicksPerHour + int64(m)*TicksPerMinute
		if neg {
			s.offset = -s.offset
		}
		return m < 60
	}
	switch strings.ToUpper(s.word()) {
	case "Z", "GMT", "UTC", "UT":
		return true
	}
	return false
}

func (s *dateScanner) ticks() (int64, bool) {
	if s.hasPM {
		if s.hour < 1 || s.hour > 12 {
			return 0, false
		}
		s.hour %= 12
		if s.pm {
			s.hour += 12
		}
	}
	if s.hour == 24 && s.minute == 0 && s.second == 0 && s.fraction == 0 {
		s.hour = 0
		s.offset -= TicksPerDay
	}
	if s.hour > 23 || s.minute > 59 || s.second > 59 {
		return 0, false
	}
	t, ok := DateTicks(s.year, s.month, s.day)
	if !ok {
		return 0, false
	}
	t += int64(s.hour)*TicksPerHour + int64(s.minute)*TicksPerMinute + int64(s.second)*TicksPerSecond + s.fraction - s.offset
	return t, t >= 0 && t <= MaxTicks
}

// DateTicks gives the ticks of midnight of a calendar day of the years 1 to 9999.
func DateTicks(year, month, day int) (int64, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysIn(year, month) {
		return 0, false
	}
	y := int64(year - 1)
	days := y*365 + y/4 - y/100 + y/400
	for m := 1; m < month; m++ {
		days += int64(DaysIn(year, m))
	}
	return (days + int64(day-1)) * TicksPerDay, true
}

// DaysIn is the number of days of a month.
func DaysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

var monthNames = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

func monthNumber(word string) int {
	for i, m := range monthNames {
		if word == m || len(word) >= 3 && word == m[:3] || word == "sept" && i == 8 {
			return i + 1
		}
	}
	return 0
}

func isWeekday(word string) bool {
	for _, d := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if word == d || word == d[:3] {
			return true
		}
	}
	return false
}
