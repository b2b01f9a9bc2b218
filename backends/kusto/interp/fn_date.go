package interp

import (
	"math"
	"math/big"
	"time"
	_ "time/tzdata" // the time zones are the same on every machine

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// date1 makes a function of one datetime.
func date1(f func(t time.Time) any) func(c *call, a []any) any {
	return func(c *call, a []any) any { return f(syntax.TimeOf(int64(a[0].(datetime)))) }
}

// dateFunctions: date and time.
var dateFunctions = []*function{
	{name: "now", sig: "span?", ret: "datetime", doc: "the time of the query, the same everywhere in it", fn: func(c *call, a []any) any {
		if c.n == 0 {
			return c.x.now
		}
		return makeDate(int64(c.x.now) + int64(a[0].(timespan)))
	}},
	{name: "ago", sig: "span", ret: "datetime", doc: "now() less a timespan", fn: func(c *call, a []any) any { return makeDate(int64(c.x.now) - int64(a[0].(timespan))) }},
	{name: "bin floor", sig: "sum sum", ret: "widest", naming: nameFirst, doc: "greatest multiple of a size that is not above a value", bind: bindBin, fn: func(c *call, a []any) any { return binDown(a[0], a[1]) }},
	{name: "bin_at", sig: "sum sum sum", ret: "arg0", naming: nameFirst, doc: "bin with multiples counted from a point", bind: bindBinAt, fn: func(c *call, a []any) any { return binAt(a[0], a[1], a[2]) }},
	{name: "bin_auto", sig: "sum", ret: "arg0", naming: nameFirst, doc: "bin with the size of the option query_bin_auto_size", bind: bindBinAuto},
	{name: "startofday", sig: "date int?", ret: "datetime", naming: nameFirst, doc: "begin of the day", fn: startOf("day", false)},
	{name: "startofweek", sig: "date int?", ret: "datetime", doc: "begin of the week, Sunday", fn: startOf("week", false)},
	{name: "startofmonth", sig: "date int?", ret: "datetime", doc: "begin of the month", fn: startOf("month", false)},
	{name: "startofyear", sig: "date int?", ret: "datetime", doc: "begin of the year", fn: startOf("year", false)},
	{name: "endofday", sig: "date int?", ret: "datetime", doc: "end of the day", fn: startOf("day", true)},
	{name: "endofweek", sig: "date int?", ret: "datetime", doc: "end of the week, Saturday", fn: startOf("week", true)},
	{name: "endofmonth", sig: "date int?", ret: "datetime", doc: "end of the month", fn: startOf("month", true)},
	{name: "endofyear", sig: "date int?", ret: "datetime", doc: "end of the year", fn: startOf("year", true)},
	{name: "dayofweek", sig: "date", ret: "timespan", doc: "days since Sunday", fn: date1(func(t time.Time) any { return timespan(int64(t.Weekday()) * syntax.TicksPerDay) })},
	{name: "dayofmonth", sig: "date", ret: "int", doc: "day of the month", fn: date1(func(t time.Time) any { return int64(t.Day()) })},
	{name: "dayofyear", sig: "date", ret: "int", doc: "day of the year", fn: date1(func(t time.Time) any { return int64(t.YearDay()) })},
	{name: "hourofday", sig: "date", ret: "int", doc: "hour of the day", fn: date1(func(t time.Time) any { return int64(t.Hour()) })},
	{name: "monthofyear getmonth", sig: "date", ret: "int", doc: "month", fn: date1(func(t time.Time) any { return int64(t.Month()) })},
	{name: "getyear", sig: "date", ret: "int", doc: "year", fn: date1(func(t time.Time) any { return int64(t.Year()) })},
	{name: "week_of_year weekofyear", sig: "date", ret: "int", doc: "ISO week", fn: date1(func(t time.Time) any { _, w := t.ISOWeek(); return int64(w) })},
	{name: "datetime_part datepart", sig: "string! date", ret: "int", doc: "part of a date", bind: bindPart("week_of_year dayofyear"), fn: func(c *call, a []any) any {
		return datePart(a[0].(string), a[1].(datetime))
	}},
	{name: "datetime_add", sig: "string! int date", ret: "datetime", doc: "date some parts later", bind: bindPart("week"), fn: func(c *call, a []any) any {
		return dateAdd(a[0].(string), a[1].(int64), a[2].(datetime))
	}},
	{name: "datetime_diff", sig: "string! date date", ret: "long", doc: "number of boundaries between two dates", bind: bindPart("week"), fn: func(c *call, a []any) any {
		return dateDiff(a[0].(string), a[1].(datetime), a[2].(datetime))
	}},
	{name: "make_datetime", sig: "any num? num? num? num? num?", ret: "datetime", doc: "date of its parts", fn: makeDatetime},
	{name: "make_timespan", sig: "any num? num? num?", ret: "timespan", doc: "timespan of its parts", fn: makeTimespan},
	{name: "unixtime_seconds_todatetime", sig: "num", ret: "datetime", doc: "date of a Unix time in seconds", fn: fromUnix(syntax.TicksPerSecond, 1)},
	{name: "unixtime_milliseconds_todatetime", sig: "num", ret: "datetime", doc: "date of a Unix time in milliseconds", fn: fromUnix(syntax.TicksPerMillisecond, 1)},
	{name: "unixtime_microseconds_todatetime", sig: "num", ret: "datetime", doc: "date of a Unix time in microseconds", fn: fromUnix(syntax.TicksPerMicrosecond, 1)},
	{name: "unixtime_nanoseconds_todatetime", sig: "num", ret: "datetime", doc: "date of a Unix time in nanoseconds", fn: fromUnix(1, 100)},
	{name: "datetime_utc_to_local", sig: "date string", ret: "datetime", doc: "date in a time zone", fn: func(c *call, a []any) any { return shiftZone(a, true) }},
	{name: "datetime_local_to_utc", sig: "date string", ret: "datetime", doc: "date of a time zone in UTC", fn: func(c *call, a []any) any { return shiftZone(a, false) }},
}

// binDown is floor to a multiple; null for sizes that are not positive (bin-function).
func binDown(v, size any) any {
	zero := castTo(int64(0), typeOf(size))
	if c, ok := compare(size, zero); !ok || c != 1 {
		return nil
	}
	if x, ok := ticksOf(v); ok {
		s, ok := ticksOf(size)
		if !ok {
			f, ok := toFloat(size)
			if !ok {
				return nil
			}
			s = int64(f)
		}
		return makeTicks(x-modInt(x, s), typeOf(v))
	}
	return numeric(v, size, func(x, y int64) any { return x - modInt(x, y) },
		func(x, y float64) any {
			if y == 0 || math.IsNaN(x) {
				return nil
			}
			return math.Floor(x/y) * y
		},
		func(x, y decimal) any { r, _ := x.mod(y); return x.add(r.neg()) })
}

func binAt(v, size, fixed any) any {
	if s, ok := ticksOf(v); ok {
		f, ok1 := ticksOf(fixed)
		n, ok2 := ticksOf(size)
		if k, isInt := size.(int64); isInt {
			n, ok2 = k, true
		}
		if !ok1 || !ok2 || n <= 0 {
			return nil
		}
		return makeTicks(s-modInt(s-f, n), typeOf(v))
	}
	d := subtract(v, fixed, tNone)
	if d == nil {
		return nil
	}
	b := binDown(d, size)
	if b == nil {
		return nil
	}
	return add(b, fixed, tNone)
}

// bindBin checks bin: the size of a datetime or timespan is a timespan, that of a number a number.
func bindBin(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	if !ok {
		return &cexpr{typ: f.staticType(args), at: x.At, eval: func(*env) any { return nil }}
	}
	v, s := args[0].typ, args[1].typ
	fits := v == tNone || s == tNone || isNumeric(v) && isNumeric(s) || v == tSpan && s == tSpan || v == tDate && isTime(s)
	if !fits {
		return rs.b.run(x.At, "`"+x.Name+"` is not defined for "+typeName(args[0])+" and "+typeName(args[1]), "the size of a datetime is a timespan such as 1h")
	}
	c := f.make(rs, x, args)
	if isInteger(c.typ) {
		c.typ = tLong
	}
	return c
}

func bindBinAt(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	if !ok {
		return &cexpr{typ: f.staticType(args), at: x.At, eval: func(*env) any { return nil }}
	}
	c := f.make(rs, x, args)
	if isNumeric(args[0].typ) && isNumeric(args[1].typ) && isNumeric(args[2].typ) {
		c.typ = widest(widest(args[0].typ, args[1].typ), args[2].typ)
	}
	return c
}

// bindBinAuto reads the options query_bin_auto_size and query_bin_auto_at (bin-auto-function).
func bindBinAuto(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, ok := rs.args(x, f)
	size, has := rs.b.options["query_bin_auto_size"]
	if !ok || !has {
		return rs.b.run(x.At, "`bin_auto` needs its size", "write set query_bin_auto_size=1h; before the query")
	}
	at, fixed := rs.b.options["query_bin_auto_at"]
	c := *args[0]
	c.konst = false
	c.eval = func(e *env) any {
		v := args[0].eval(e)
		if v == nil {
			return nil
		}
		if fixed {
			return binAt(v, size, at)
		}
		return binDown(v, size)
	}
	return &c
}

// startOf gives the begin, or the last tick, of the part of the calendar that holds a date, some parts later.
func startOf(part string, end bool) func(c *call, a []any) any {
	return func(c *call, a []any) any {
		t := syntax.TimeOf(int64(a[0].(datetime)))
		n := 0
		if c.n > 1 {
			n = int(max(min(a[1].(int64), 4_000_000), -4_000_000))
		}
		if end {
			n++
		}
		y, m, d := t.Date()
		switch part {
		case "day":
			d += n
		case "week":
			d += 7*n - int(t.Weekday())
		case "month":
			m, d = m+time.Month(n), 1
		case "year":
			y, m, d = y+n, 1, 1
		}
		ticks := syntax.TicksOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
		if end {
			ticks--
		}
		return makeDate(ticks)
	}
}

func makeDatetime(c *call, a []any) any {
	if c.n == 1 {
		return castTo(a[0], tDate)
	}
	if c.n < 3 {
		return nil
	}
	var n [5]int64
	for i := 0; i < min(c.n, 5); i++ {
		v, ok := castLong(a[i]).(int64)
		if !ok || v < 0 || v > 9999 {
			return nil
		}
		n[i] = v
	}
	ticks, ok := syntax.DateTicks(int(n[0]), int(n[1]), int(n[2]))
	if !ok || n[3] > 23 || n[4] > 59 {
		return nil
	}
	ticks += n[3]*syntax.TicksPerHour + n[4]*syntax.TicksPerMinute
	if c.n > 5 {
		s, ok := toFloat(a[5])
		if !ok || s < 0 || s >= 60 {
			return nil
		}
		ticks += int64(math.Round(s * syntax.TicksPerSecond))
	}
	return makeDate(ticks)
}

func makeTimespan(c *call, a []any) any {
	if c.n == 1 {
		return castTo(a[0], tSpan)
	}
	vals := make([]float64, c.n)
	for i := range vals {
		f, ok := toFloat(a[i])
		if !ok || f < 0 || f > 1e9 {
			return nil
		}
		vals[i] = f
	}
	days := 0.0
	if len(vals) == 4 {
		days, vals = vals[0], vals[1:]
	}
	sec := 0.0
	if len(vals) > 2 {
		sec = vals[2]
	}
	if vals[0] > 23 || vals[1] > 59 || sec >= 60 {
		return nil
	}
	t := days*syntax.TicksPerDay + vals[0]*syntax.TicksPerHour + vals[1]*syntax.TicksPerMinute
	return timespan(int64(t) + int64(math.Round(sec*syntax.TicksPerSecond)))
}

// fromUnix makes a date of a Unix time; fractions are kept to the tick.
func fromUnix(mul, div int64) func(c *call, a []any) any {
	return func(c *call, a []any) any {
		switch v := a[0].(type) {
		case int64:
			n := new(big.Int).Mul(big.NewInt(v), big.NewInt(mul))
			n.Quo(n, big.NewInt(div)).Add(n, big.NewInt(syntax.UnixEpochTicks))
			if !n.IsInt64() {
				return nil
			}
			return makeDate(n.Int64())
		default:
			f, ok := toFloat(v)
			if !ok || math.Abs(f)*float64(mul)/float64(div) > 9e17 {
				return nil
			}
			whole, frac := math.Modf(f)
			return makeDate(int64(whole)*mul/div + int64(math.Round(frac*float64(mul)/float64(div))) + syntax.UnixEpochTicks)
		}
	}
}

func shiftZone(a []any, toLocal bool) any {
	d, ok := a[0].(datetime)
	loc, err := time.LoadLocation(a[1].(string))
	if !ok || err != nil || a[1] == "Local" || a[1] == "" {
		return nil
	}
	t := syntax.TimeOf(int64(d))
	if toLocal {
		_, off := t.In(loc).Zone()
		return makeDate(int64(d) + int64(off)*syntax.TicksPerSecond)
	}
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
	_, off := local.Zone()
	return makeDate(int64(d) - int64(off)*syntax.TicksPerSecond)
}
