// Package taxonomy says what Sigma's log sources and field names are called here. The facts are data: one YAML file per
// group of products, embedded; README.md says how they are written.
package taxonomy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// Logsource is what a Sigma rule writes under `logsource`; a key that it leaves out is empty.
type Logsource struct{ Product, Category, Service string }

// String returns the log source as product/category/service, with - for a key that is left out.
func (l Logsource) String() string {
	parts := []string{l.Product, l.Category, l.Service}
	for i, p := range parts {
		if p == "" {
			parts[i] = "-"
		}
	}
	return strings.Join(parts, "/")
}

// normal returns the log source in the spelling of the data: lower case, with _ for blanks (specification, "Log source").
func (l Logsource) normal() Logsource {
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), " ", "_") }
	return Logsource{fold(l.Product), fold(l.Category), fold(l.Service)}
}

// From is `from CLASS, ALSO… on SOURCE, AND…`.
type From struct {
	Class, Source string
	// Also lists further classes whose events the log source has too: a registry_event is a created, changed, deleted or
	// renamed key. AndOn lists further sources, when the log source does not say on which system.
	Also, AndOn []string
}

// Classes returns all classes, in the order in which they are to be written.
func (f From) Classes() []string { return append([]string{f.Class}, f.Also...) }

// Sources returns all sources, in the order in which they are to be written.
func (f From) Sources() []string { return append([]string{f.Source}, f.AndOn...) }

// String returns the text behind `from`.
func (f From) String() string {
	return strings.Join(f.Classes(), ", ") + " on " + strings.Join(f.Sources(), ", ")
}

// Condition is a condition that holds for every event of a log source beside its class: the field has one of the values,
// which are texts as the catalogue's type of the field reads them.
type Condition struct {
	Field  string
	Values []string
}

// Kind is how the values that a Sigma rule writes for a field are to be read.
type Kind uint8

// The kinds of fields.
const (
	// Plain: the value is a value of the field.
	Plain Kind = iota
	// Hashes: the value is text like `SHA256=…,MD5=…` as Sysmon joins it; [Field.Hash] gives the field of each algorithm.
	// Name is then empty.
	Hashes
	// RegistryData: the value is registry data as Sysmon writes it; [RegistryValue] gives the value here.
	RegistryData
	// Mapped: the value is one of a closed set; [Field.Values] gives the value here.
	Mapped
	// Keywords: the Sigma field is a whole record of text; a value is to be searched for in all of the event's texts.
	Keywords
)

var kindNames = [...]string{"plain", "hashes", "registry_data", "mapped", "keywords"}

// String returns the kind's name as the data writes it.
func (k Kind) String() string { return kindNames[k] }

// Field is one Sigma field under its name here.
type Field struct {
	Name string // the catalogue's path
	Kind Kind
	// Values gives, for the kind Mapped, the value here by Sigma's value in lower case. A value that is not in it occurs on
	// no event.
	Values map[string]string
	// Hashes gives, for the kind Hashes, the field here by the algorithm's name in lower case (md5, sha1, sha256, imphash).
	Hashes map[string]string
}

// Hash returns the field of a hash by the algorithm's name, in any case.
func (f Field) Hash(algorithm string) (name string, ok bool) {
	name, ok = f.Hashes[strings.ToLower(algorithm)]
	return name, ok
}

// Value returns the value here of Sigma's value, for the kind Mapped.
func (f Field) Value(sigma string) (value string, ok bool) {
	value, ok = f.Values[strings.ToLower(sigma)]
	return value, ok
}

// Source is what a log source is here. Several Froms are alternatives in order of preference.
type Source struct {
	From []From
	// Where holds for every event of the log source, whichever From is chosen; rules have to say it.
	Where  []Condition
	Fields map[string]Field // by Sigma's name
	Doc    string
	// Names marks a log source whose rules may use the catalogue's own names too (Sigma's category network does).
	Names bool
}

// Unmapped is the error of a log source that has no place here.
type Unmapped struct {
	Logsource Logsource
	Missing   string      // what is missing, as a sentence without its full stop
	Near      []Logsource // log sources of like names that have a place
}

// Error says what is missing.
func (u *Unmapped) Error() string { return u.Missing }

// Find returns what a log source is here, or an *Unmapped error that says what is missing.
func Find(ls Logsource) (*Source, error) {
	t := tables()
	key := ls.normal()
	for _, k := range []Logsource{key, withoutSensor(key)} {
		if s, ok := t.sources[k]; ok {
			return s, nil
		}
		if why, ok := t.refused[k]; ok {
			return nil, &Unmapped{Logsource: ls, Missing: why}
		}
	}
	if why, ok := t.refused[Logsource{Product: key.Product}]; ok && key.Product != "" {
		return nil, &Unmapped{Logsource: ls, Missing: why}
	}
	return nil, &Unmapped{Logsource: ls, Missing: t.missing(key), Near: t.near(key)}
}

// sensors are services that name who recorded an event of a category. The category means the same without them.
var sensors = []string{"sysmon", "security"}

func withoutSensor(l Logsource) Logsource {
	if l.Category != "" && slices.Contains(sensors, l.Service) {
		l.Service = ""
	}
	return l
}

// missing says why a log source of which the data knows nothing has no place.
func (t *table) missing(l Logsource) string {
	switch {
	case l == Logsource{}:
		return "the log source is empty: it names neither product, category nor service"
	case l.Product != "" && !t.products[l.Product]:
		return fmt.Sprintf("no telemetry of the product `%s` is known", l.Product)
	case l.Product != "" && l.Category != "":
		return fmt.Sprintf("no telemetry of the category `%s` is known for the product `%s`", l.Category, l.Product)
	case l.Product != "" && l.Service != "":
		return fmt.Sprintf("no telemetry of the service `%s` is known for the product `%s`", l.Service, l.Product)
	case l.Product != "":
		return fmt.Sprintf("the product `%s` has many kinds of events: the log source must name a category or a service", l.Product)
	case l.Category != "":
		return fmt.Sprintf("no telemetry of the category `%s` is known", l.Category)
	}
	return fmt.Sprintf("no telemetry of the service `%s` is known", l.Service)
}

// Field returns the field of exactly that Sigma name.
func (s *Source) Field(name string) (Field, bool) {
	f, ok := s.Fields[name]
	return f, ok
}

// Near returns the Sigma name of the source that is most like name, or "".
func (s *Source) Near(name string) string {
	names := make([]string, 0, len(s.Fields))
	for n := range s.Fields {
		names = append(names, n)
	}
	if near := diag.Near(name, names, 1); len(near) > 0 {
		return near[0]
	}
	return ""
}

// Logsources returns every log source that has a place here, sorted.
func Logsources() []Logsource {
	var out []Logsource
	for l := range tables().sources {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Logsource) int { return strings.Compare(a.String(), b.String()) })
	return out
}
