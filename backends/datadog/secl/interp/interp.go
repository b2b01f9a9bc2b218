// Package interp runs SECL, the expression language of the Datadog Agent, on agent events: which events an expression matches.
// It follows DataDog/datadog-agent pkg/security/secl/compiler/eval; where agents differ there is a switch (doubts.go).
//
// An event is a JSON object with the agent's own field names, nested or dotted or both: {"event": {"type": "exec"}, "exec":
// {"file": {"name": "useradd"}, "argv": ["-D"]}, "process.ancestors": [{"comm": "bash"}]}. Its type is read from event.type or
// evt.type; without one, the event is taken for the type that the expression reads, unless it has fields of another type and none
// of that. exec.* and exit.* are the event's own process, so exec.comm and process.comm are the same value, and container.* and
// cgroup.* are those of the process. A field that is not given is unset: "", 0, false, no address, an empty list. Numbers may be
// given as numbers, as decimal text or as constant names joined by |; times as nanoseconds or as an RFC 3339 text. Custom
// variables are read from an object `variables`.
package interp

import (
	"sort"
	"time"

	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// Language is SECL.
var Language = native.Language{
	Name:   "secl",
	Doubts: doubts,
	Compile: func(file, text string) (native.Program, diag.List) {
		return Compile(file, text, nil)
	},
	Reprint: func(file, text string) (string, diag.List) {
		x, ds := syntax.Parse(file, text)
		if ds.HasErrors() {
			return "", ds
		}
		return syntax.Print(x), ds
	},
}

// maxSteps bounds the work of one run; a step is a test of one value, or 32 bytes of it.
const maxSteps = 1 << 29

type program struct {
	tree   syntax.Expr
	macros map[string]syntax.Expr
	budget int
}

// Compile parses and checks an expression that may use macros: name to text (a list or an expression), as a policy file has them.
func Compile(file, text string, macros map[string]string) (native.Program, diag.List) {
	x, ds := syntax.Parse(file, text)
	if ds.HasErrors() {
		return nil, ds
	}
	p := &program{tree: x, macros: map[string]syntax.Expr{}, budget: maxSteps}
	names := make([]string, 0, len(macros))
	for n := range macros {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		m, faults := syntax.ParseMacro("macro "+n, macros[n])
		ds = append(ds, faults...)
		p.macros[n] = m
	}
	if ds.HasErrors() {
		return nil, ds
	}
	if _, faults := p.link(settingsOf(native.Input{})); faults.HasErrors() {
		return nil, faults.Sort()
	}
	return p, ds
}

// linked is an expression ready to run: what the switches decide is decided.
type linked struct {
	test func(*context) bool
	// events are the types the expression reads; nil when it reads only fields of every event.
	events   []string
	register string // the list that a register walks, "" for none
	// notOnLinux is what agents on Linux would not compile, nil for none.
	notOnLinux *diag.Diagnostic
}

func (p *program) link(s settings) (linked, diag.List) {
	c := &compiler{settings: s, macros: p.macros}
	out := linked{test: c.condition(p.tree)}
	out.events = c.eventTypes()
	out.register, out.notOnLinux = c.list, c.notOnLinux
	return out, c.faults
}

// Run answers the expression: the matching events in input order.
func (p *program) Run(in native.Input) (native.Output, diag.List) {
	s := settingsOf(in)
	l, ds := p.link(s)
	if ds.HasErrors() {
		return native.Output{}, ds
	}
	c := &context{settings: s, now: nowOf(in), warned: map[string]bool{}}
	out := native.Output{}
	if l.events == nil {
		c.warn("the expression names no event type, which the agent refuses; it is tried on every event")
	}
	for t := range in.Tables {
		for r, row := range in.Tables[t].Rows {
			c.enter(row)
			if !inTime(c, in.From, in.To) || !c.isOf(l.events) {
				continue
			}
			if l.notOnLinux != nil && c.linux {
				return native.Output{}, diag.List{*l.notOnLinux}
			}
			if l.matches(c) {
				out.Matches = append(out.Matches, native.Ref{Table: t, Row: r})
			}
			if c.steps > p.budget {
				return native.Output{}, diag.List{diag.New(diag.SECLLimit, p.tree.Pos(), "the expression needs too much work on these events",
					"run it on fewer events")}
			}
		}
	}
	for w := range c.warned {
		out.Warnings = append(out.Warnings, w)
	}
	sort.Strings(out.Warnings)
	return out, nil
}

// matches tries the expression, with a register on each element of its list in turn.
func (l linked) matches(c *context) bool {
	if l.register == "" {
		return l.test(c)
	}
	n := c.count(l.register)
	if n == 0 && c.registerEmpty.On() {
		n = 1
	}
	c.bound = true
	defer func() { c.bound = false }()
	for c.element = 0; c.element < n; c.element++ {
		if l.test(c) {
			return true
		}
	}
	return false
}

func inTime(c *context, from, to time.Time) bool {
	if from.IsZero() && to.IsZero() {
		return true
	}
	ns, ok := c.timestamp()
	at := time.Unix(0, ns)
	return ok && !at.Before(from) && (to.IsZero() || at.Before(to))
}

// nowOf is the instant against which ages are measured when an event has no time of its own: the given one, or the largest event
// time.
func nowOf(in native.Input) int64 {
	if !in.Now.IsZero() {
		return in.Now.UnixNano()
	}
	largest := int64(0)
	c := &context{warned: map[string]bool{}}
	for _, t := range in.Tables {
		for _, row := range t.Rows {
			c.enter(row)
			if ns, ok := c.timestamp(); ok {
				largest = max(largest, ns)
			}
		}
	}
	return largest
}
