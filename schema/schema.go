// Package schema is what an event is: the types and values of fields, the catalogue of fields in ECS names, the event
// classes and sources that rules name, and the bindings that tie a class of a source to the native telemetry of one
// platform, in both directions. All of it is data; the Go code here reads and applies it.
package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Type is the type of a field's values. A field is missing or holds one or more values of its type.
type Type uint8

// The types. Keyword and Text compare alike in rules; Text tells a platform that the native field may be analysed.
const (
	Invalid Type = iota
	Keyword
	Text
	Long
	Double
	Boolean
	Date
	IP
)

var typeNames = [...]string{"invalid", "keyword", "text", "long", "double", "boolean", "date", "ip"}

// String returns the type's name as the catalogue writes it.
func (t Type) String() string { return typeNames[t] }

// ParseType returns the type of that name; ok is false when there is none.
func ParseType(name string) (t Type, ok bool) {
	for i, n := range typeNames {
		if n == name && i > 0 {
			return Type(i), true
		}
	}
	return Invalid, false
}

// IsString reports whether values of the type are text.
func (t Type) IsString() bool { return t == Keyword || t == Text }

// IsNumber reports whether values of the type are numbers.
func (t Type) IsNumber() bool { return t == Long || t == Double }

// Value is one scalar value. It is comparable: two values are the same value exactly when they are ==, so a Value can be
// a map key. Dates are truncated to milliseconds, addresses are unmapped (v4-mapped v6 is v4) and have no zone.
type Value struct {
	typ  Type
	str  string
	num  float64
	int  int64 // Long; Date in ms since the epoch, UTC; Boolean 0 or 1
	addr netip.Addr
}

// String returns a keyword value.
func String(s string) Value { return Value{typ: Keyword, str: s} }

// Int returns a long value.
func Int(i int64) Value { return Value{typ: Long, int: i} }

// Float returns a double value; an integral number that a long holds exactly stays a double.
func Float(f float64) Value { return Value{typ: Double, num: f} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{typ: Boolean, int: 1}
	}
	return Value{typ: Boolean}
}

// Time returns a date value, truncated to milliseconds.
func Time(t time.Time) Value { return Value{typ: Date, int: t.UnixMilli()} }

// DateMillis returns a date value from milliseconds since the epoch.
func DateMillis(ms int64) Value { return Value{typ: Date, int: ms} }

// Addr returns an address value.
func Addr(a netip.Addr) Value { return Value{typ: IP, addr: a.Unmap().WithZone("")} }

// Type returns the type of the value.
func (v Value) Type() Type { return v.typ }

// Str returns the text of a keyword or text value.
func (v Value) Str() string { return v.str }

// Int64 returns the number of a long value.
func (v Value) Int64() int64 { return v.int }

// Float64 returns a long or double value as a float64.
func (v Value) Float64() float64 {
	if v.typ == Long {
		return float64(v.int)
	}
	return v.num
}

// Bool returns a boolean value.
func (v Value) Bool() bool { return v.int != 0 }

// Millis returns a date value in milliseconds since the epoch.
func (v Value) Millis() int64 { return v.int }

// Time returns a date value.
func (v Value) Time() time.Time { return time.UnixMilli(v.int).UTC() }

// Addr returns an address value.
func (v Value) Addr() netip.Addr { return v.addr }

// TimeLayout is how dates are printed: UTC with milliseconds.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// String returns the one text of the value that JSON, the IR text and messages use (without quotes).
func (v Value) String() string {
	switch v.typ {
	case Keyword, Text:
		return v.str
	case Long:
		return strconv.FormatInt(v.int, 10)
	case Double:
		return strconv.FormatFloat(v.num, 'g', -1, 64)
	case Boolean:
		return strconv.FormatBool(v.int != 0)
	case Date:
		return v.Time().Format(TimeLayout)
	case IP:
		return v.addr.String()
	case Invalid:
	}
	return "invalid"
}

// JSON returns the value as encoding/json would take it.
func (v Value) JSON() any {
	switch v.typ {
	case Long:
		return v.int
	case Double:
		return v.num
	case Boolean:
		return v.int != 0
	case Keyword, Text, Date, IP, Invalid:
	}
	return v.String()
}

// Convert reads a decoded JSON scalar (nil, bool, json.Number, string, float64, int64) as a value of type t. Keyword
// takes any scalar as its JSON text; long takes integers and decimal strings; a date takes RFC 3339 text or epoch
// milliseconds; an address takes text without port or zone. ok is false for null, objects, arrays and what does not convert.
func Convert(t Type, x any) (v Value, ok bool) {
	switch x := x.(type) {
	case nil:
		return Value{}, false
	case string:
		return FromText(t, x)
	case bool:
		switch t {
		case Boolean:
			return Bool(x), true
		case Keyword, Text:
			return String(strconv.FormatBool(x)), true
		case Long, Double, Date, IP, Invalid:
		}
	case json.Number:
		return fromNumber(t, x.String())
	case float64:
		return fromNumber(t, strconv.FormatFloat(x, 'f', -1, 64))
	case int64:
		return fromNumber(t, strconv.FormatInt(x, 10))
	case int:
		return fromNumber(t, strconv.Itoa(x))
	}
	return Value{}, false
}

func fromNumber(t Type, text string) (Value, bool) {
	if t == Boolean || t == IP {
		return Value{}, false
	}
	return FromText(t, text)
}

// FromText reads text as a value of type t, with the rules of [Convert].
func FromText(t Type, s string) (Value, bool) {
	switch t {
	case Keyword, Text:
		return String(s), true
	case Long:
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return Int(i), true
		}
		// JSON may write an integer as 5.0 or 5e3.
		if f, err := strconv.ParseFloat(s, 64); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return Int(int64(f)), true
		}
	case Double:
		if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return Float(f), true
		}
	case Boolean:
		switch s {
		case "true", "True", "TRUE":
			return Bool(true), true
		case "false", "False", "FALSE":
			return Bool(false), true
		}
	case Date:
		return parseDate(s)
	case IP:
		if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
			return Addr(a), true
		}
	case Invalid:
	}
	return Value{}, false
}

// dateLayouts are the forms of dates that events carry; all are read as UTC when they name no zone.
var dateLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02"}

func parseDate(s string) (Value, bool) {
	if len(s) >= 11 && len(s) <= 14 && strings.Trim(s, "0123456789") == "" {
		ms, err := strconv.ParseInt(s, 10, 64)
		return Time(time.UnixMilli(ms)), err == nil
	}
	for _, l := range dateLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return Time(t), true
		}
	}
	return Value{}, false
}

// Field is one field of the catalogue.
type Field struct {
	Name  string
	Type  Type
	Array bool   `json:",omitempty"`
	Doc   string `json:",omitempty"`
}

// String returns "name type" with [] for arrays.
func (f Field) String() string {
	if f.Array {
		return fmt.Sprintf("%s %s[]", f.Name, f.Type)
	}
	return fmt.Sprintf("%s %s", f.Name, f.Type)
}
