// Package fields is the catalogue of the Datadog Agent's event fields: name, type and how the agent compares it, for Linux and
// Windows events, and the named constants. Sources: the vendor's pages "Linux Agent attributes and helpers" and "Windows Agent
// attributes and helpers" (docs.datadoghq.com/security/workload_protection), and the field tags of DataDog/datadog-agent
// pkg/security/secl/model (model.go, model_unix.go, model_windows.go, agent 7.8x). See ../QUIRKS.md.
package fields

import (
	"sort"
	"strings"
	"sync"

	"github.com/onerule/onerule/diag"
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

// Near returns the names of fields and numbers that may be meant by an unknown one, at most three.
func Near(name string) []string { return diag.Near(name, append(Names(), ConstantNames()...), 3) }
