package syntax

import "strings"

// Unit is a unit of time spans. Those from Day up are calendar periods, the smaller ones are durations.
type Unit int

// The units.
const (
	Millisecond Unit = iota
	Second
	Minute
	Hour
	Day
	Week
	Month
	Quarter
	Year
)

// unitWords are the words of each unit, the one we print first (page "ES|QL time spans").
var unitWords = [...][]string{
	Millisecond: {"milliseconds", "millisecond", "ms"},
	Second:      {"seconds", "second", "sec", "s"},
	Minute:      {"minutes", "minute", "min", "m"},
	Hour:        {"hours", "hour", "h"},
	Day:         {"days", "day", "d"},
	Week:        {"weeks", "week", "w"},
	Month:       {"months", "month", "mo"},
	Quarter:     {"quarters", "quarter", "q"},
	Year:        {"years", "year", "yr", "y"},
}

// UnitOf finds a unit by any of its words, in any case.
func UnitOf(word string) (Unit, bool) {
	for u, words := range unitWords {
		for _, w := range words {
			if strings.EqualFold(w, word) {
				return Unit(u), true
			}
		}
	}
	return 0, false
}

// UnitWords lists the words of all units.
func UnitWords() []string {
	var out []string
	for _, words := range unitWords {
		out = append(out, words...)
	}
	return out
}

// String is the word that is printed.
func (u Unit) String() string { return unitWords[u][0] }
