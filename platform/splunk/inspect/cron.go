package inspect

import (
	"strconv"
	"strings"
)

// The fields of a schedule: minute, hour, day of the month, month, day of the week.
var cronRanges = [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}

// cron reports whether a schedule has five fields of numbers, ranges, steps and lists.
func cron(v string) bool {
	fields := strings.Fields(v)
	if len(fields) != len(cronRanges) {
		return false
	}
	for i, f := range fields {
		if times(f, cronRanges[i]) == 0 {
			return false
		}
	}
	return true
}

// times counts the values of a field; 0 when it is none.
func times(field string, limits [2]int) int {
	n := 0
	for _, part := range strings.Split(field, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			var err error
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > limits[1] {
				return 0
			}
		}
		from, to := limits[0], limits[1]
		if span != "*" {
			low, high, isRange := strings.Cut(span, "-")
			var err, err2 error
			from, err = strconv.Atoi(low)
			to, err2 = from, nil
			if isRange {
				to, err2 = strconv.Atoi(high)
			}
			if err != nil || err2 != nil || from < limits[0] || to > limits[1] || from > to || stepped && !isRange {
				return 0
			}
		}
		n += (to-from)/step + 1
	}
	return n
}

// perHour counts the runs of a schedule in an hour.
func perHour(v string) int {
	if fields := strings.Fields(v); len(fields) > 0 {
		return times(fields[0], cronRanges[0])
	}
	return 0
}
