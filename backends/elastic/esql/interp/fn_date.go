package interp

import (
	"math"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
)

// dateFunctions is the table of the page "ES|QL date-time functions"; all work in UTC.
var dateFunctions = []function{
	{name: "date_diff", min: 3, max: 3, doc: "DATE_DIFF(unit, from, to): whole units between two dates", bind: bindDateDiff},
	{name: "date_extract", min: 2, max: 2, doc: "a part of a date, such as \"hour_of_day\"", bind: bindDateExtract},
	{name: "date_format", min: 1, max: 2, doc: "DATE_FORMAT(pattern, date) with Java's letters", bind: bindDateFormat},
	{
		name: "date_parse", min: 1, max: 2, options: []string{"time_zone", "locale"}, bind: bindDateParse,
		doc: "DATE_PARSE(pattern, text) with Java's letters; the options are a fixed offset and an English locale",
	},
	{name: "date_trunc", min: 2, max: 2, doc: "DATE_TRUNC(interval, date): the start of the interval", bind: bindDateTrunc},
	{name: "day", min: 1, max: 1, doc: "day of the month", bind: bindPart(func(t time.Time) any { return int64(t.Day()) }, tInt)},
	{name: "day_name", min: 1, max: 1, doc: "English name of the weekday", bind: bindPart(func(t time.Time) any { return t.Weekday().String() }, tKeyword)},
	{name: "days_in_month", min: 1, max: 1, doc: "length of the month", bind: bindPart(func(t time.Time) any { return int64(daysIn(t.Year(), int(t.Month()))) }, tInt)},
	{name: "hour", min: 1, max: 1, doc: "hour of the day", bind: bindPart(func(t time.Time) any { return int64(t.Hour()) }, tInt)},
	{name: "month", min: 1, max: 1, doc: "month of the year", bind: bindPart(func(t time.Time) any { return int64(t.Month()) }, tInt)},
	{name: "month_name", min: 1, max: 1, doc: "English name of the month", bind: bindPart(func(t time.Time) any { return t.Month().String() }, tKeyword)},
	{name: "now", doc: "the instant of the query", bind: func(k *call) *expr { return k.konst(k.node, tDate, k.r.now) }},
	{name: "trange", min: 1, max: 2, doc: "TRANGE(length of time), TRANGE(start), TRANGE(start, end): whether @timestamp is in the range", bind: bindTRange},
	{name: "year", min: 1, max: 1, doc: "year", bind: bindPart(func(t time.Time) any { return int64(t.Year()) }, tInt)},
}

// timeOf is a date value of either kind as a time.
func timeOf(t typ, v any) time.Time {
	if t == tNanos {
		return nanosTime(v.(int64))
	}
	return millisTime(v.(int64))
}

func bindPart(f func(t time.Time) any, out typ) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.wants(dates) {
			return nil
		}
		t := k.args[0].typ
		return k.one1(out, func(x any) (any, error) { return f(timeOf(t, x)), nil })
	}
}

// diffUnits are the units of DATE_DIFF with their abbreviations.
var diffUnits = map[string]func(a, b time.Time) int64{}

func init() {
	span := func(d time.Duration) func(a, b time.Time) int64 {
		return func(a, b time.Time) int64 { return wholeSpans(a, b, d) }
	}
	months := func(n int64) func(a, b time.Time) int64 {
		return func(a, b time.Time) int64 { return wholeMonths(a, b) / n }
	}
	const day = 24 * time.Hour
	for words, f := range map[string]func(a, b time.Time) int64{
		"year years yy yyyy": months(12), "quarter quarters qq q": months(3), "month months mm m": months(1),
		"dayofyear dy y": span(day), "day days dd d": span(day), "week weeks wk ww": span(7 * day),
		"weekday weekdays dw": span(day), "hour hours hh": span(time.Hour), "minute minutes mi n": span(time.Minute),
		"second seconds ss s": span(time.Second), "millisecond milliseconds ms": span(time.Millisecond),
		"microsecond microseconds mcs": span(time.Microsecond), "nanosecond nanoseconds ns": span(1),
	} {
		for _, w := range strings.Fields(words) {
			diffUnits[w] = f
		}
	}
}

// wholeSpans counts whole durations between two instants without overflow over long times.
func wholeSpans(a, b time.Time, d time.Duration) int64 {
	secs, nanos := b.Unix()-a.Unix(), int64(b.Nanosecond()-a.Nanosecond())
	if d >= time.Second {
		if secs > 0 && nanos < 0 {
			secs--
		} else if secs < 0 && nanos > 0 {
			secs++
		}
		return secs / int64(d/time.Second)
	}
	if secs > 1<<40 || secs < -(1<<40) {
		return math.MaxInt64 // far over the range of integer
	}
	per := int64(time.Second / d)
	hi, err := longOp(syntax.Mul, secs, per)
	if err != nil {
		return math.MaxInt64
	}
	return hi + nanos/int64(d)
}

// wholeMonths counts whole calendar months between two instants.
func wholeMonths(a, b time.Time) int64 {
	n := int64(b.Year()-a.Year())*12 + int64(b.Month()) - int64(a.Month())
	rest := func(t time.Time) int64 { return int64(t.Day())*86400e9 + nanoOfDay(t) }
	if n > 0 && rest(b) < rest(a) {
		n--
	} else if n < 0 && rest(b) > rest(a) {
		n++
	}
	return n
}

func bindDateDiff(k *call) *expr {
	if !k.want(0, strings_) || !k.want(1, dates) || !k.want(2, dates) {
		return nil
	}
	unitOf := func(v any) (func(a, b time.Time) int64, error) {
		f, ok := diffUnits[strings.ToLower(v.(string))]
		if !ok {
			return nil, illegal("Received value [%s] is not valid date part to add; did you mean one of the units year, quarter, month, week, day, hour, minute, second, millisecond", v)
		}
		return f, nil
	}
	if s, ok := k.args[0].val.(string); ok && k.args[0].konst {
		if _, err := unitOf(s); err != nil {
			k.wrong(k.args[0].span, "%s is no unit of DATE_DIFF", k.args[0].text)
			d := &k.r.faults[len(k.r.faults)-1]
			d.Help = append(d.Help, "the units are year, quarter, month, week, day, hour, minute, second, millisecond, microsecond and nanosecond")
			return nil
		}
	}
	ta, tb := k.args[1].typ, k.args[2].typ
	return k.all(tInt, func(xs []any) (any, error) {
		f, err := unitOf(xs[0])
		if err != nil {
			return nil, err
		}
		n := f(timeOf(ta, xs[1]), timeOf(tb, xs[2]))
		if n > math.MaxInt32 || n < math.MinInt32 {
			return nil, invalid("[%d] out of [integer] range", n)
		}
		return n, nil
	})
}

// chronoFields are the parts of DATE_EXTRACT: the names of Java's ChronoField.
var chronoFields = map[string]func(t time.Time) int64{
	"nano_of_second":   func(t time.Time) int64 { return int64(t.Nanosecond()) },
	"nano_of_day":      nanoOfDay,
	"micro_of_second":  func(t time.Time) int64 { return int64(t.Nanosecond()) / 1000 },
	"micro_of_day":     func(t time.Time) int64 { return nanoOfDay(t) / 1000 },
	"milli_of_second":  func(t time.Time) int64 { return int64(t.Nanosecond()) / 1_000_000 },
	"milli_of_day":     func(t time.Time) int64 { return nanoOfDay(t) / 1_000_000 },
	"second_of_minute": func(t time.Time) int64 { return int64(t.Second()) },
	"second_of_day":    func(t time.Time) int64 { return nanoOfDay(t) / 1_000_000_000 },
	"minute_of_hour":   func(t time.Time) int64 { return int64(t.Minute()) },
	"minute_of_day":    func(t time.Time) int64 { return int64(t.Hour()*60 + t.Minute()) },
	"hour_of_day":      func(t time.Time) int64 { return int64(t.Hour()) },
	"clock_hour_of_day": func(t time.Time) int64 {
		return int64((t.Hour()+23)%24 + 1)
	},
	"hour_of_ampm":                 func(t time.Time) int64 { return int64(t.Hour() % 12) },
	"clock_hour_of_ampm":           func(t time.Time) int64 { return int64((t.Hour()+11)%12 + 1) },
	"ampm_of_day":                  func(t time.Time) int64 { return int64(t.Hour() / 12) },
	"day_of_week":                  func(t time.Time) int64 { return int64((t.Weekday()+6)%7 + 1) },
	"aligned_day_of_week_in_month": func(t time.Time) int64 { return int64((t.Day()-1)%7 + 1) },
	"aligned_day_of_week_in_year":  func(t time.Time) int64 { return int64((t.YearDay()-1)%7 + 1) },
	"day_of_month":                 func(t time.Time) int64 { return int64(t.Day()) },
	"day_of_year":                  func(t time.Time) int64 { return int64(t.YearDay()) },
	"epoch_day":                    func(t time.Time) int64 { return floorDiv(t.Unix(), 86400) },
	"aligned_week_of_month":        func(t time.Time) int64 { return int64((t.Day()-1)/7 + 1) },
	"aligned_week_of_year":         func(t time.Time) int64 { return int64((t.YearDay()-1)/7 + 1) },
	"month_of_year":                func(t time.Time) int64 { return int64(t.Month()) },
	"proleptic_month":              func(t time.Time) int64 { return int64(t.Year())*12 + int64(t.Month()) - 1 },
	"year_of_era": func(t time.Time) int64 {
		if t.Year() > 0 {
			return int64(t.Year())
		}
		return int64(1 - t.Year())
	},
	"year":            func(t time.Time) int64 { return int64(t.Year()) },
	"era":             func(t time.Time) int64 { return int64(boolInt(t.Year() > 0)) },
	"instant_seconds": func(t time.Time) int64 { return t.Unix() },
	"offset_seconds":  func(time.Time) int64 { return 0 },
}

func bindDateExtract(k *call) *expr {
	if !k.want(0, strings_) || !k.want(1, dates) {
		return nil
	}
	if s, ok := k.args[0].val.(string); ok && k.args[0].konst && chronoFields[strings.ToLower(s)] == nil {
		k.wrong(k.args[0].span, "invalid date field for [%s]: %s", k.text, s)
		return nil
	}
	t := k.args[1].typ
	return k.two(tLong, func(x, y any) (any, error) {
		f := chronoFields[strings.ToLower(x.(string))]
		if f == nil {
			return nil, illegal("No enum constant java.time.temporal.ChronoField.%s", strings.ToUpper(x.(string)))
		}
		return f(timeOf(t, y)), nil
	})
}

// patternOf compiles a format once for a run.
func (r *run) patternOf(text string) (*datePattern, error) {
	if n, ok := namedPatterns[text]; ok {
		text = n
	}
	if p, ok := r.regexes["date:"+text].(*datePattern); ok {
		return p, nil
	}
	p, err := parsePattern(text)
	if err != nil {
		return nil, err
	}
	r.regexes["date:"+text] = p
	return p, nil
}

func bindDateFormat(k *call) *expr {
	last := len(k.args) - 1
	if !k.want(last, dates) || last == 1 && !k.want(0, strings_) {
		return nil
	}
	t := k.args[last].typ
	if last == 0 {
		return k.one1(tKeyword, func(x any) (any, error) { return textOf(t, x), nil })
	}
	return k.two(tKeyword, func(x, y any) (any, error) {
		if unit := epochUnits[x.(string)]; unit > 0 {
			return epochText(timeOf(t, y), unit), nil
		}
		p, err := k.r.patternOf(x.(string))
		if err != nil {
			return nil, err
		}
		return p.format(timeOf(t, y)), nil
	})
}

func bindDateParse(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	offset, ok := k.zone()
	if !ok {
		return nil
	}
	if len(k.args) == 1 {
		return k.one1(tDate, func(x any) (any, error) {
			if x == "" {
				return nil, nil
			}
			ms, err := parseDate(x.(string))
			if err != nil {
				return nil, err
			}
			return ms, nil
		})
	}
	return k.two(tDate, func(x, y any) (any, error) {
		if y == "" {
			return nil, nil
		}
		for _, format := range strings.Split(x.(string), "||") { // the first format that reads the text
			if unit := epochUnits[format]; unit > 0 {
				if ms, ok := epochMillis(y.(string), unit); ok {
					return ms, nil
				}
				continue
			}
			if isoFormats[format] {
				if ms, err := parseDate(y.(string)); err == nil {
					return ms, nil
				}
				continue
			}
			p, err := k.r.patternOf(format)
			if err != nil {
				return nil, err
			}
			if t, ok := p.parse(y.(string), offset); ok {
				return t.UnixMilli(), nil
			}
		}
		return nil, illegal("failed to parse date field [%s] with format [%s]", y, x)
	})
}

// zone reads the options of DATE_PARSE: seconds east of UTC for texts without a zone.
func (k *call) zone() (int, bool) {
	if x, ok := k.option("locale"); ok {
		s, isText := x.(*syntax.Str)
		if !isText || s.Value != "" && !strings.HasPrefix(strings.ToLower(s.Value), "en") {
			k.wrong(x.Pos(), "only English names of months and days can be read here")
			return 0, false
		}
	}
	x, ok := k.option("time_zone")
	if !ok {
		return 0, true
	}
	if s, isText := x.(*syntax.Str); isText {
		var f dateFields
		if rest, ok := takeZone(s.Value, &f); ok && rest == "" {
			return f.offset, true
		}
	}
	k.wrong(x.Pos(), "a time zone is UTC or an offset such as +02:00 here; the rules of named zones are not known")
	return 0, false
}

func bindDateTrunc(k *call) *expr {
	if !k.want(0, amounts) || !k.want(1, dates) {
		return nil
	}
	v, ok := k.constant(0)
	if !ok {
		return nil
	}
	t := k.args[1].typ
	if v == nil {
		return k.build(t, func([]any) any { return nil })
	}
	f, fault := truncBy(v)
	if f == nil {
		return k.wrong(k.args[0].span, "[%s] cannot truncate dates: %s", k.args[0].text, fault)
	}
	return k.build(t, k.strict1(k.site, k.args[1], func(x any) (any, error) { return truncValue(f, t, x), nil }))
}

// truncValue truncates a date of either kind; date_nanos have whole milliseconds after it.
func truncValue(f trunc, t typ, v any) any {
	if t == tNanos {
		return f(floorDiv(v.(int64), 1_000_000)) * 1_000_000
	}
	return f(v.(int64))
}
