package ir

import "github.com/onerule/onerule/schema"

// Op is a comparison of the language. Its row in [Ops] is the one place that says what it is: the grammar's words, the
// type check, the text form, the capability tables and the documentation all come from it.
type Op uint8

// The comparisons.
const (
	Eq Op = iota + 1
	Contains
	StartsWith
	EndsWith
	Like
	Matches
	InCIDR
	Lt
	Le
	Gt
	Ge
)

// OpInfo is the row of one operator.
type OpInfo struct {
	Op Op
	// Text is the word in rules; Name is the word in the IR text form.
	Text, Name string
	// Types are the types of the left side. The right side has the same type, except for Matches, Like (a pattern) and
	// InCIDR (a block), whose right sides are keywords.
	Types []schema.Type
	// Folds reports whether the operator ignores case unless `cased` follows it.
	Folds bool
	// Fields reports whether the right side may be a field or a computed value.
	Fields bool
	Doc    string
	// Examples are executed in the evaluator and through every language that claims the operator:
	// `value op literal -> result`, with `missing` for a missing field.
	Examples []string
}

var anyType = []schema.Type{schema.Keyword, schema.Text, schema.Long, schema.Double, schema.Boolean, schema.Date, schema.IP}

var (
	textTypes  = []schema.Type{schema.Keyword, schema.Text}
	orderTypes = []schema.Type{schema.Long, schema.Double, schema.Date}
	ipTypes    = []schema.Type{schema.IP}
)

// Ops is the table of comparisons, in the order of the constants.
var Ops = []OpInfo{
	{
		Op: Eq, Text: "==", Name: "eq", Types: anyType, Folds: true, Fields: true,
		Doc:      "some value of the left side equals some value of the right side; text ignores case unless cased",
		Examples: []string{`"Net.EXE" == "net.exe" -> true`, `"net1.exe" == "net.exe" -> false`, `missing == "net.exe" -> false`, `"" == "net.exe" -> false`},
	},
	{
		Op: Contains, Text: "contains", Name: "contains", Types: textTypes, Folds: true, Fields: true,
		Doc:      "the right side occurs in the left; an empty field on the right occurs in every text",
		Examples: []string{`"C:\Temp\a.exe" contains "\TEMP\" -> true`, `"temp" contains "temps" -> false`, `missing contains "x" -> false`},
	},
	{
		Op: StartsWith, Text: "starts_with", Name: "starts", Types: textTypes, Folds: true, Fields: true,
		Doc:      "the left side begins with the right; every text begins with an empty field",
		Examples: []string{`"Cmd.exe" starts_with "cmd" -> true`, `"xcmd" starts_with "cmd" -> false`, `missing starts_with "cmd" -> false`},
	},
	{
		Op: EndsWith, Text: "ends_with", Name: "ends", Types: textTypes, Folds: true, Fields: true,
		Doc:      "the left side ends with the right; every text ends with an empty field",
		Examples: []string{`"C:\Windows\NET.EXE" ends_with "\net.exe" -> true`, `"net.exe2" ends_with "net.exe" -> false`, `missing ends_with "x" -> false`},
	},
	{
		Op: Like, Text: "like", Name: "like", Types: textTypes, Folds: true,
		Doc:      `the whole left side fits the glob: * is any text, ? is one code point, \ makes the next * ? or \ plain`,
		Examples: []string{`"abXYc" like "AB*c" -> true`, `"abc" like "a?c" -> true`, `"ac" like "a?c" -> false`, `"a*c" like "a\*c" -> true`, `"abc" like "a\*c" -> false`, `missing like "*x" -> false`},
	},
	{
		Op: Matches, Text: "matches", Name: "matches", Types: textTypes,
		Doc:      "the regular expression (RE2 without \\C \\b \\B (?m) \\p) fits somewhere in the left side; case as written, (?i) ignores it",
		Examples: []string{`"user eve /add" matches "/ad{1,2}$" -> true`, `"/ADD" matches "/add" -> false`, `"/ADD" matches "(?i)/add" -> true`, `missing matches "x" -> false`},
	},
	{
		Op: InCIDR, Text: "in_cidr", Name: "cidr", Types: ipTypes,
		Doc:      "the address lies in the block",
		Examples: []string{`10.1.2.3 in_cidr "10.0.0.0/8" -> true`, `11.0.0.1 in_cidr "10.0.0.0/8" -> false`, `missing in_cidr "10.0.0.0/8" -> false`},
	},
	{Op: Lt, Text: "<", Name: "lt", Types: orderTypes, Fields: true, Doc: "less than", Examples: []string{`4 < 5 -> true`, `5 < 5 -> false`, `missing < 5 -> false`}},
	{Op: Le, Text: "<=", Name: "le", Types: orderTypes, Fields: true, Doc: "at most", Examples: []string{`5 <= 5 -> true`, `6 <= 5 -> false`, `missing <= 5 -> false`}},
	{Op: Gt, Text: ">", Name: "gt", Types: orderTypes, Fields: true, Doc: "more than", Examples: []string{`6 > 5 -> true`, `5 > 5 -> false`, `missing > 5 -> false`}},
	{Op: Ge, Text: ">=", Name: "ge", Types: orderTypes, Fields: true, Doc: "at least", Examples: []string{`5 >= 5 -> true`, `4 >= 5 -> false`, `missing >= 5 -> false`}},
}

// Info returns the operator's row.
func (o Op) Info() *OpInfo { return &Ops[o-1] }

// OfPart reports whether the operator asks for a part of a text.
func (o Op) OfPart() bool { return o == Contains || o == StartsWith || o == EndsWith }

// String returns the operator's word in rules.
func (o Op) String() string {
	if o == 0 || int(o) > len(Ops) {
		return "invalid"
	}
	return o.Info().Text
}

// Func is a function of one value.
type Func uint8

// The functions.
const (
	Length Func = iota + 1
	Values
	Minute
	Hour
	Weekday
	Day
	Week
	Month
)

// FuncInfo is the row of one function.
type FuncInfo struct {
	Func   Func
	Name   string
	Types  []schema.Type // of the argument
	Result schema.Type
	// Whole functions read all values of a field at once instead of each.
	Whole bool
	Doc   string
}

// Funcs is the table of functions, in the order of the constants.
var Funcs = []FuncInfo{
	{Func: Length, Name: "length", Types: textTypes, Result: schema.Long, Doc: "number of code points of each value"},
	{Func: Values, Name: "values", Types: anyType, Result: schema.Long, Whole: true, Doc: "number of distinct values of the field, 0 when it is missing; text is told apart by code points"},
	{Func: Minute, Name: "minute", Types: []schema.Type{schema.Date}, Result: schema.Long, Doc: "minute of the hour, 0 to 59, in UTC"},
	{Func: Hour, Name: "hour", Types: []schema.Type{schema.Date}, Result: schema.Long, Doc: "hour of the day, 0 to 23, in UTC"},
	{Func: Weekday, Name: "weekday", Types: []schema.Type{schema.Date}, Result: schema.Long, Doc: "day of the week in UTC, 1 is Monday, 7 is Sunday"},
	{Func: Day, Name: "day", Types: []schema.Type{schema.Date}, Result: schema.Long, Doc: "day of the month, 1 to 31, in UTC"},
	{Func: Week, Name: "week", Types: []schema.Type{schema.Date}, Result: schema.Long, Doc: "week of the year by ISO 8601, 1 to 53, in UTC: weeks begin on Monday, and week 1 has the first Thursday"},
	{Func: Month, Name: "month", Types: []schema.Type{schema.Date}, Result: schema.Long, Doc: "month, 1 to 12, in UTC"},
}

// Info returns the function's row.
func (f Func) Info() *FuncInfo { return &Funcs[f-1] }

// String returns the function's name.
func (f Func) String() string {
	if f == 0 || int(f) > len(Funcs) {
		return "invalid"
	}
	return f.Info().Name
}

// LookupFunc returns the function of that name.
func LookupFunc(name string) (Func, bool) {
	for _, f := range Funcs {
		if f.Name == name {
			return f.Func, true
		}
	}
	return 0, false
}

// LookupOp returns the operator of that word in rules.
func LookupOp(text string) (Op, bool) {
	for _, o := range Ops {
		if o.Text == text {
			return o.Op, true
		}
	}
	return 0, false
}
