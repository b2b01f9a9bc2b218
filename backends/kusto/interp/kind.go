package interp

import "github.com/onerule/onerule/backends/kusto/syntax"

// kind is what a parameter takes, in the terms of Microsoft's binder.
type kind uint8

const (
	kindAny    kind = iota // every scalar
	kindText               // every scalar, read as text
	kindString             // string or dynamic, read as text
	kindInt                // int or long
	kindNum                // a number
	kindReal               // a number, read as real
	kindBool
	kindDate
	kindSpan
	kindDyn    // dynamic
	kindGUID   //
	kindPlain  // every scalar but dynamic
	kindSum    // number, datetime or timespan
	kindStrDyn // string or dynamic, not converted
	kindType   // typeof(…)
	kindNumDyn // number or dynamic
	kindOrder  // what min, max and arg_max take
	kindSketch // what hll takes
	kindRegex  // string that is a regular expression
)

var kindWords = map[string]kind{
	"any": kindAny, "text": kindText, "string": kindString, "int": kindInt, "num": kindNum, "real": kindReal, "bool": kindBool,
	"date": kindDate, "span": kindSpan, "dyn": kindDyn, "guid": kindGUID, "plain": kindPlain, "sum": kindSum, "strdyn": kindStrDyn,
	"type": kindType, "numdyn": kindNumDyn, "order": kindOrder, "regex": kindRegex, "sketch": kindSketch,
}

var kindNames = map[kind]string{
	kindString: "a string", kindRegex: "a string", kindInt: "a whole number", kindNum: "a number", kindReal: "a number", kindBool: "a bool",
	kindDate: "a datetime", kindSpan: "a timespan", kindDyn: "a dynamic value", kindGUID: "a guid", kindPlain: "a value that is not dynamic",
	kindSum: "a number, datetime or timespan", kindStrDyn: "a string or dynamic value", kindType: "typeof(…)", kindAny: "a value",
	kindText: "a value", kindNumDyn: "a number or a dynamic value", kindOrder: "a value with an order: a number, datetime, timespan, string or bool",
	kindSketch: "a value that is no real and no bool",
}

// takes reports whether a parameter accepts an argument's type.
func (k kind) takes(t syntax.Type) bool {
	switch k {
	case kindAny, kindText:
		return true
	case kindString, kindStrDyn, kindRegex:
		return t == tStr || t == tDyn
	case kindInt:
		return isInteger(t)
	case kindNum, kindReal:
		return isNumeric(t)
	case kindBool:
		return t == tBool
	case kindDate:
		return t == tDate
	case kindSpan:
		return t == tSpan
	case kindDyn:
		return t == tDyn
	case kindGUID:
		return t == tGUID
	case kindPlain:
		return t != tDyn
	case kindSum:
		return isNumeric(t) || isTime(t)
	case kindNumDyn:
		return isNumeric(t) || t == tDyn
	case kindOrder:
		return t != tDyn && t != tGUID
	case kindSketch:
		return t != tReal && t != tBool
	case kindType:
	}
	return false
}

// convert brings an argument into the form that implementations expect.
func (k kind) convert(v any) any {
	switch k {
	case kindText, kindString, kindRegex:
		return asString(v)
	case kindReal:
		if f, ok := toFloat(v); ok {
			return f
		}
		return nil
	case kindAny, kindInt, kindNum, kindBool, kindDate, kindSpan, kindDyn, kindGUID, kindPlain, kindSum, kindStrDyn, kindType, kindNumDyn, kindOrder,
		kindSketch:
	}
	return v
}
