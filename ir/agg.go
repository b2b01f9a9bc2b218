package ir

import "github.com/onerule/onerule/schema"

// AggFunc is an aggregate function.
type AggFunc uint8

// The aggregate functions.
const (
	AggCount AggFunc = iota + 1
	AggDistinct
	AggSum
	AggAvg
	AggMin
	AggMax
	AggStddev
	AggMedian
	AggPercentile
	AggFirst
	AggLast
	AggValues
)

// AggInfo is the row of one aggregate function.
type AggInfo struct {
	Func AggFunc
	Name string
	// Types are the types of the argument, nil when there is none.
	Types []schema.Type
	// Number reports whether the result is a number (a time counts as one, in milliseconds), so that `when` may compare it.
	Number bool
	// Grows reports that the result never becomes smaller by further events.
	Grows bool
	Doc   string
}

var numberTypes = []schema.Type{schema.Long, schema.Double}

// Aggs is the table of aggregate functions, in the order of the constants.
var Aggs = []AggInfo{
	{Func: AggCount, Name: "count", Number: true, Grows: true, Doc: "number of events"},
	{Func: AggDistinct, Name: "distinct", Types: anyType, Number: true, Grows: true, Doc: "number of different values, told apart by code points; the empty text is none"},
	{Func: AggSum, Name: "sum", Types: numberTypes, Number: true, Doc: "sum of all values, 0 without any"},
	{Func: AggAvg, Name: "avg", Types: numberTypes, Number: true, Doc: "mean of all values, missing without any"},
	{Func: AggMin, Name: "min", Types: orderTypes, Number: true, Doc: "least value, missing without any"},
	{Func: AggMax, Name: "max", Types: orderTypes, Number: true, Grows: true, Doc: "greatest value, missing without any"},
	{Func: AggStddev, Name: "stddev", Types: numberTypes, Number: true, Doc: "standard deviation of a sample (divided by n−1), 0 of one value, missing without any"},
	{Func: AggMedian, Name: "median", Types: numberTypes, Number: true, Doc: "the value in the middle, the mean of the two in the middle when their number is even; missing without any"},
	{Func: AggPercentile, Name: "percentile", Types: numberTypes, Number: true, Doc: "the smallest value that at least p percent of all values do not exceed (nearest rank); missing without any"},
	{Func: AggFirst, Name: "first", Types: anyType, Doc: "the values at the earliest event that has any; of equal times, the least text"},
	{Func: AggLast, Name: "last", Types: anyType, Doc: "the values at the latest event that has any; of equal times, the greatest text"},
	{Func: AggValues, Name: "values", Types: anyType, Doc: "the different values, sorted"},
}

// Info returns the function's row.
func (f AggFunc) Info() *AggInfo { return &Aggs[f-1] }

// String returns the function's name.
func (f AggFunc) String() string {
	if f == 0 || int(f) > len(Aggs) {
		return "invalid"
	}
	return f.Info().Name
}

// LookupAgg returns the aggregate function of that name.
func LookupAgg(name string) (AggFunc, bool) {
	for _, a := range Aggs {
		if a.Name == name {
			return a.Func, true
		}
	}
	return 0, false
}
