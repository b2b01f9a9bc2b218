// Package fields is the catalogue of the Datadog Agent's event fields: name, type and how the agent compares it, for Linux and
// Windows events, and the named constants. Sources: the vendor's pages "Linux Agent attributes and helpers" and "Windows Agent
// attributes and helpers" (docs.datadoghq.com/security/workload_protection), and the field tags of DataDog/datadog-agent
// pkg/security/secl/model (model.go, model_unix.go, model_windows.go, agent 7.8x). See ../QUIRKS.md.
package fields

import (
	"sort"
	"strings"
	"sync"
)

// Type is the type of a single value of a field.
type Type int

// The types.
const (
	String Type = iota
	Int
	Bool
	IP
)

// String returns the word used in messages.
func (t Type) String() string {
	switch t {
	case String:
		return "text"
	case Int:
		return "number"
	case Bool:
		return "boolean"
	case IP:
		return "address"
	}
	return "unknown"
}

// Compare says how the agent compares a text field.
type Compare int

// The ways to compare.
const (
	// Exact minds case.
	Exact Compare = iota
	// Path minds case on Linux; ~"…" is a glob by path elements, r"…" is refused, and literals must be clean absolute paths.
	// On Windows case is ignored and \ equals /.
	Path
	// Name minds case on Linux and ignores it on Windows.
	Name
	// Fold ignores case.
	Fold
	// Extension compares with a leading dot added to the literal.
	Extension
)

// OS is a set of systems.
type OS int

// The systems.
const (
	Linux OS = 1 << iota
	Windows
)

// Field is one field.
type Field struct {
	Name    string
	Type    Type
	Compare Compare
	// List says that the field has several values; a test on it is true when some value fits.
	List bool
	// Iterator is the list of objects that the field belongs to ("process.ancestors"), "" for none. Its elements can be bound
	// by a register, process.ancestors[A].comm.
	Iterator string
	// Event is the event type whose events have the field; "" for those that every event has.
	Event string
	// Length names the field whose length this one is, "" for none.
	Length string
	// Time says that the number is a time in nanoseconds since 1970; compared with a duration, its age is.
	Time bool
	OS   OS
}

// Restricted lists the event types that have the network.* fields, which carry no event type of their own.
var restrictedNetwork = []string{"dns", "imds", "packet"}

// Events returns the event types on which a field may be read; nil means every type.
func (f Field) Events() []string {
	switch {
	case f.Event != "":
		return []string{f.Event}
	case strings.HasPrefix(f.Name, "network."):
		return restrictedNetwork
	}
	return nil
}

var table = sync.OnceValue(func() map[string]Field {
	b := builder{}
	b.linux()
	b.windows()
	return b
})

// Lookup finds a field by its full name, without register. Names of older agents are translated.
func Lookup(name string) (Field, bool) {
	f, ok := table()[name]
	if !ok {
		if newer, old := legacy[name]; old {
			f, ok = table()[newer]
		}
	}
	return f, ok
}

// Names lists all fields, sorted.
func Names() []string {
	var out []string
	for n := range table() {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Iterators lists the lists of objects whose elements a register can bind.
func Iterators() []string {
	seen := map[string]bool{}
	for _, f := range table() {
		if f.Iterator != "" {
			seen[f.Iterator] = true
		}
	}
	var out []string
	for n := range seen {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// EventTypes lists the event types, sorted.
func EventTypes() []string {
	seen := map[string]bool{}
	for _, f := range table() {
		if f.Event != "" {
			seen[f.Event] = true
		}
	}
	var out []string
	for n := range seen {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Constant is a named number.
type Constant struct {
	Name  string
	Value int64
}

// agentConstants are numbers of the agent's own. Those of the exit causes and directions stand in no page; they only matter when
// an event spells the value as a number.
var agentConstants = []Constant{
	{"EXITED", 0},
	{"COREDUMPED", 1},
	{"SIGNALED", 2},
	{"EGRESS", 1},
	{"INGRESS", 2},
	{"AUID_UNSET", 4294967295},
	{"ICMP_ECHO_REPLY", 0},
	{"ICMP_ECHO_REQUEST", 8},
	{"ICMP_ROUTER_ADVERTISEMENT", 10},
	{"ICMP_ROUTER_SOLICITATION", 9},
	{"ICMP_NEIGHBOR_SOLICITATION", 135},
	{"ICMP_NEIGHBOR_ADVERTISEMENT", 136},
	{"ICMP_V6_ECHO_REQUEST", 128},
	{"ICMP_V6_ECHO_REPLY", 129},
	{"ICMP_V6_ROUTER_SOLICITATION", 133},
	{"ICMP_V6_ROUTER_ADVERTISEMENT", 134},
	{"ICMP_V6_NEIGHBOR_SOLICITATION", 135},
	{"ICMP_V6_NEIGHBOR_ADVERTISEMENT", 136},
	{"CLONE_NEWTIME", 0x80},
	{"CLONE_NEWNS", 0x20000},
	{"CLONE_NEWCGROUP", 0x2000000},
	{"CLONE_NEWUTS", 0x4000000},
	{"CLONE_NEWIPC", 0x8000000},
	{"CLONE_NEWUSER", 0x10000000},
	{"CLONE_NEWPID", 0x20000000},
	{"CLONE_NEWNET", 0x40000000},
}

type constantGroup struct {
	doc       string
	constants []Constant
}

var constantIndex = sync.OnceValue(func() map[string]int64 {
	out := map[string]int64{}
	for _, g := range constants {
		for _, c := range g.constants {
			out[c.Name] = c.Value
		}
	}
	for _, c := range agentConstants {
		out[c.Name] = c.Value
	}
	return out
})

// ConstantValue finds the value of a named number.
func ConstantValue(name string) (int64, bool) {
	v, ok := constantIndex()[name]
	return v, ok
}

// ConstantNames lists the named numbers, sorted.
func ConstantNames() []string {
	var out []string
	for n := range constantIndex() {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Near returns the names closest to an unknown one: at most three, at most a third of its letters away.
func Near(name string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	limit := min(3, 1+len(name)/4)
	consider := func(n string) {
		if d := distance(name, n, limit); d <= limit {
			found = append(found, candidate{n, d})
		}
	}
	for n := range table() {
		consider(n)
	}
	for n := range constantIndex() {
		consider(n)
	}
	sort.Slice(found, func(i, j int) bool {
		if found[i].distance != found[j].distance {
			return found[i].distance < found[j].distance
		}
		return found[i].name < found[j].name
	})
	var out []string
	for _, c := range found[:min(3, len(found))] {
		out = append(out, c.name)
	}
	return out
}

// distance is the edit distance of two names, or more than limit as soon as that is certain.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit || len(a) > 200 {
		return limit + 1
	}
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			least = min(least, cur[j])
		}
		if least > limit {
			return limit + 1
		}
		prev = cur
	}
	return prev[len(b)]
}
