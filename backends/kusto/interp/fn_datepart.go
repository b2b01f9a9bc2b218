package interp

import (
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// bindPart binds a function whose first argument names a part of a date; more are the parts that only it has.
func bindPart(more string) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	parts := append(strings.Fields("year quarter month day hour minute second millisecond microsecond nanosecond"), strings.Fields(more)...)
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, ok := rs.args(x, f)
		if !ok {
			return &cexpr{typ: f.staticType(args), at: x.At, eval: func(*env) any { return nil }}
		}
		if part := text(args[0].value(rs.b.x)); !slices.Contains(parts, strings.ToLower(part)) {
			help := []string{"the parts are " + strings.Join(parts, ", ")}
			if near := diag.Near(part, parts, 1); len(near) > 0 {
				help = []string{"a part with a similar name exists: `" + near[0] + "`"}
			}
			return rs.b.run(args[0].at, "`"+part+"` is not a part of a date that `"+x.Name+"` knows", help...)
		}
		return f.make(rs, x, args)
	}
}

func datePart(part string, d datetime) any {
	t := syntax.TimeOf(int64(d))
	sub := int64(d) % syntax.TicksPerSecond
	switch strings.ToLower(part) {
	case "year":
		return int64(t.Year())
	case "quarter":
		return int64(t.Month()+2) / 3
	case "month":
		return int64(t.Month())
	case "week_of_year":
		_, w := t.ISOWeek()
		return int64(w)
	case "day":
		return int64(t.Day())
	case "dayofyear":
		return int64(t.YearDay())
	case "hour":
		return int64(t.Hour())
	case "minute":
		return int64(t.Minute())
	case "second":
		return int64(t.Second())
	case "millisecond":
		return sub / syntax.TicksPerMillisecond
	case "microsecond":
		return sub / syntax.TicksPerMicrosecond
	case "nanosecond":
		return sub * 100
	}
	return nil
}

// partTicks gives the length of parts that have one.
func partTicks(part string) int64 {
	switch part {
	case "week":
		return 7 * syntax.TicksPerDay
	case "day":
		return syntax.TicksPerDay
	case "hour":
		return syntax.TicksPerHour
	case "minute":
		return syntax.TicksPerMinute
	case "second":
		return syntax.TicksPerSecond
	case "millisecond":
		return syntax.TicksPerMillisecond
	case "microsecond":
		return syntax.TicksPerMicrosecond
	}
	return 0
}

func dateAdd(part string, n int64, d datetime) any {
	part = strings.ToLower(part)
	months := int64(0)
	switch part {
	case "year":
		months = 12
	case "quarter":
		months = 3
	case "month":
		months = 1
	case "nanosecond":
		return makeDate(int64(d) + n/100)
	}
	if months == 0 {
		p := partTicks(part)
		if p == 0 || n > syntax.MaxTicks/p || n < -syntax.MaxTicks/p {
			return nil
		}
		return makeDate(int64(d) + n*p)
	}
	if n > 200_000 || n < -200_000 {
		return nil
	}
	t := syntax.TimeOf(int64(d))
	total := int64(t.Year())*12 + int64(t.Month()) - 1 + n*months
	y, m := int(total/12), int(total%12)+1
	if y < 1 || y > 9999 {
		return nil
	}
	day := min(t.Day(), syntax.DaysIn(y, m))
	base, ok := syntax.DateTicks(y, m, day)
	if !ok {
		return nil
	}
	return makeDate(base + int64(d)%syntax.TicksPerDay)
}

// dateDiff counts the boundaries of a part between two dates (datetime-diff-function).
func dateDiff(part string, a, b datetime) any {
	ta, tb := syntax.TimeOf(int64(a)), syntax.TimeOf(int64(b))
	months := func(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) - 1 }
	switch strings.ToLower(part) {
	case "year":
		return int64(ta.Year() - tb.Year())
	case "quarter":
		return months(ta)/3 - months(tb)/3
	case "month":
		return months(ta) - months(tb)
	case "week":
		// 0001-01-01 was a Monday; weeks begin on Sunday.
		week := func(d datetime) int64 { return (int64(d) + syntax.TicksPerDay) / (7 * syntax.TicksPerDay) }
		return week(a) - week(b)
	case "nanosecond":
		return (int64(a) - int64(b)) * 100
	}
	p := partTicks(strings.ToLower(part))
	if p == 0 {
		return nil
	}
	return int64(a)/p - int64(b)/p
}
