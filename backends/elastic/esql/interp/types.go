package interp

import "strings"

// typ is an ES|QL type. Its String is the name in results.
type typ uint8

const (
	tErr typ = iota // already reported; silences follow-up faults
	tNull
	tBool
	tInt
	tLong
	tULong
	tDouble
	tKeyword
	tText
	tDate
	tNanos
	tIP
	tVersion
	tGeoPoint
	tGeoShape
	tCartPoint
	tCartShape
	tPeriod
	tDuration
	tSource
	tUnsupported
)

var typeNames = [...]string{
	tErr: "unknown", tNull: "null", tBool: "boolean", tInt: "integer", tLong: "long", tULong: "unsigned_long",
	tDouble: "double", tKeyword: "keyword", tText: "text", tDate: "date", tNanos: "date_nanos", tIP: "ip",
	tVersion: "version", tGeoPoint: "geo_point", tGeoShape: "geo_shape", tCartPoint: "cartesian_point",
	tCartShape: "cartesian_shape", tPeriod: "date_period", tDuration: "time_duration", tSource: "_source",
	tUnsupported: "unsupported",
}

// String is the name of the type in results and messages.
func (t typ) String() string { return typeNames[t] }

// castNames are the words behind `::` that are not the name of the type itself.
var castNames = map[string]typ{
	"bool": tBool, "int": tInt, "string": tKeyword, "datetime": tDate, "ul": tULong,
}

// typeByName finds the type behind `::`, in any case.
func typeByName(word string) (typ, bool) {
	w := strings.ToLower(word)
	if t, ok := castNames[w]; ok {
		return t, true
	}
	for t := tBool; t <= tDuration; t++ {
		if typeNames[t] == w {
			return t, true
		}
	}
	return tErr, false
}

// set is a set of types.
type set uint32

func types(ts ...typ) set {
	var s set
	for _, t := range ts {
		s |= 1 << t
	}
	return s
}

func (s set) has(t typ) bool { return s&(1<<t) != 0 }

var (
	strings_   = types(tKeyword, tText)
	wholes     = types(tInt, tLong)
	numbers    = types(tInt, tLong, tULong, tDouble)
	signedNums = types(tInt, tLong, tDouble)
	dates      = types(tDate, tNanos)
	amounts    = types(tPeriod, tDuration)
	spatial    = types(tGeoPoint, tGeoShape, tCartPoint, tCartShape)
	ordered    = numbers | strings_ | dates | types(tIP, tVersion)
	// values are the types that a column may have.
	values = ordered | spatial | types(tBool)
	// fromString are the types that a string literal turns into beside a value of that type (page "implicit casting").
	fromString = dates | types(tIP, tVersion, tBool)
)

// words names a set in messages.
func (s set) words() string {
	switch s {
	case strings_:
		return "string"
	case wholes:
		return "integer or long"
	case numbers:
		return "numeric"
	case signedNums:
		return "numeric except unsigned_long"
	case dates:
		return "date or date_nanos"
	case ordered:
		return "date, ip, numeric, string or version"
	case values:
		return "any type of column"
	}
	var out []string
	for t := tNull; t <= tUnsupported; t++ {
		if s.has(t) {
			out = append(out, t.String())
		}
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}

// noText is the type of a result made of a value of type t: functions give keyword for text.
func noText(t typ) typ {
	if t == tText {
		return tKeyword
	}
	return t
}

// common is the type that holds values of both types, tErr when there is none: numbers widen, text and keyword give
// keyword, date and date_nanos give date_nanos, null fits everything.
func common(a, b typ) typ {
	switch {
	case a == b:
		return a
	case a == tNull:
		return b
	case b == tNull:
		return a
	case a == tErr || b == tErr:
		return tErr
	case strings_.has(a) && strings_.has(b):
		return tKeyword
	case dates.has(a) && dates.has(b):
		return tNanos
	case numbers.has(a) && numbers.has(b):
		switch {
		case a == tDouble || b == tDouble:
			return tDouble
		case a == tULong || b == tULong:
			return tULong
		}
		return tLong
	}
	return tErr
}
