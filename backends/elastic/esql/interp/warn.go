package interp

import (
	"fmt"

	"github.com/onerule/onerule/diag"
)

// maxFailures is how many failures of one expression Elasticsearch records.
const maxFailures = 20

// site is an expression that can fail on a value: it gives null and a warning, once per expression and failure.
type site struct {
	span diag.Span
	text string
	// falls is what the result becomes, "null" unless set.
	falls string
	seen  map[string]bool
}

// failure is why a function gave null: the class and the message of Elasticsearch's exception.
type failure struct{ class, msg string }

func (f *failure) Error() string { return f.class + ": " + f.msg }

func illegal(format string, args ...any) *failure {
	return &failure{"java.lang.IllegalArgumentException", fmt.Sprintf(format, args...)}
}

func arithmetic(format string, args ...any) *failure {
	return &failure{"java.lang.ArithmeticException", fmt.Sprintf(format, args...)}
}

var errMulti = illegal("single-value function encountered multi-value")

// warn records a failure of an expression.
func (r *run) warn(s *site, f error) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	msg := f.Error()
	if s.seen[msg] || len(s.seen) >= maxFailures {
		return
	}
	at := fmt.Sprintf("Line %d:%d: ", s.span.Start.Line, s.span.Start.Col)
	if len(s.seen) == 0 {
		falls := s.falls
		if falls == "" {
			falls = "null"
		}
		r.out.Warnings = append(r.out.Warnings, fmt.Sprintf(
			"%sevaluation of [%s] failed, treating result as %s. Only first %d failures recorded.", at, s.text, falls, maxFailures))
	}
	s.seen[msg] = true
	r.out.Warnings = append(r.out.Warnings, at+msg)
}
