package diag

import (
	"fmt"
	"strings"
)

// Internal says that a piece of work about a rule panicked: a fault of ours. what is the piece, such as "printing `r` as SPL";
// the stack goes into a note, because a report needs it.
func Internal(span Span, what string, panicked any, stack []byte) Diagnostic {
	d := New(InternalFault, span, fmt.Sprintf("internal error while %s: %v", what, panicked), "this is a fault of onerule, not of the rule: please report it with the rule and these lines; the other results are not affected")
	d.Notes = []string{strings.TrimSpace(string(stack))}
	return d
}
