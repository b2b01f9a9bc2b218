package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Spelling says which spellings of a native field's text occur, so that a language that compares case-sensitively can
// print the one spelling there is.
type Spelling struct {
	// Lower means every value is lower case. Fixed lists all values that occur, in the vendor's spelling. Neither means any spelling.
	Lower bool     `json:",omitempty"`
	Fixed []string `json:",omitempty"`
}

// Any reports whether the spelling of values is unknown.
func (s Spelling) Any() bool { return !s.Lower && len(s.Fixed) == 0 }

// NativeField is a field of the vendor's own event. Path is dotted; a segment that ends in [] is an array of scalars or
// objects (`target[].alternateId`).
type NativeField struct {
	Path string
	Type Type
	// Array reports whether the field may hold several values; it follows from [] in the path or the YAML key `array`.
	Array bool `json:",omitempty"`
	// JSON means that the first segment of the path is a column of text that holds JSON, which is to be parsed before the
	// rest of the path is followed (`RequestParameters.userName` of the Kusto table AWSCloudTrail).
	JSON bool `json:",omitempty"`
	// Vendor is the platform's own column type (Kusto, Elasticsearch, Datadog facet, SECL), "" when it follows from Type.
	// With JSON it is the type of the value, not of the column.
	Vendor   string   `json:",omitempty"`
	Spelling Spelling `json:",omitzero"`
	// Layout is the layout of a text date in the words of package time; "" means RFC 3339.
	Layout string `json:",omitempty"`
	// EmptyMissing means that the platform cannot tell text that is "" from text that is missing (Kusto strings are never
	// null, SECL has no null): "" is then missing. It holds for all text fields of a binding.
	EmptyMissing bool `json:",omitempty"`
}

// Mapping says how one canonical field is obtained from the native event. Exactly one of the forms is used:
// a plain field (Native alone), a derived field (Native and Derive), a value map (Native and Values), a constant (Const),
// a union (Native and Rest), joined text (Native, Rest and Joined), or a field derived from joined text (the same with Derive).
type Mapping struct {
	Field  Field       // the canonical field, without its description
	Native NativeField `json:",omitzero"`
	// Rest lists further native fields. The values of the canonical field are those of Native, then those of each of Rest;
	// with Joined there is one value: the texts of all the fields that the event has, in order, with Separator between them.
	Rest      []NativeField `json:",omitempty"`
	Joined    bool          `json:",omitempty"`
	Separator string        `json:",omitempty"`
	// Derive names a [Derivation]: the canonical values are computed from the native text.
	Derive string `json:",omitempty"`
	// Values maps a canonical value to the native values that mean it; a native value in no list makes the field missing,
	// unless an entry is for all others. In the order of the file.
	Values []ValueMap `json:",omitempty"`
	// Const is the text of a field that has the same value on every event of the binding and class.
	Const string `json:",omitempty"`
}

// ValueMap is one entry of a value map. No native value, Missing and Other are in more than one entry of a map, so the
// map is a function.
type ValueMap struct {
	Canonical string
	Native    []string `json:",omitempty"`
	// Missing means that the native field's being missing has this meaning too.
	Missing bool `json:",omitempty"`
	// Other means that every native value that no entry lists has this meaning; Example is one of them, the one that
	// [Binding.ToNative] writes when Native is empty and Missing is false.
	Other   bool   `json:",omitempty"`
	Example string `json:",omitempty"`
}

// Condition is one selecting condition: the native field holds one of the values, compared as the vendor stores them (exactly).
type Condition struct {
	Native NativeField
	Values []string `json:",omitempty"`
	// Mask, when not 0, makes it a condition on bits: the native number has at least one bit of the mask. Values then holds
	// the names of the constants whose bits make up the mask, as the vendor's language spells them.
	Mask int64 `json:",omitempty"`
	// Missing makes it the condition that the native field is missing; there are no Values then.
	Missing bool `json:",omitempty"`
	// Prefix makes it the condition that the native text begins with one of the values (`source:gcp.*`).
	Prefix bool `json:",omitempty"`
}

// BoundClass is the part of a binding that concerns one event class.
type BoundClass struct {
	Class string
	// Table is the platform's table, index pattern list, or "" when Select alone finds the events.
	Table string `json:",omitempty"`
	// TableField and TableKey: events of the class hold TableKey in the native field TableField, which names their table (see
	// [Binding.TableField]); "" when there is no such field. With TableOptional an event may come without it.
	TableField    string      `json:",omitempty"`
	TableKey      string      `json:",omitempty"`
	TableOptional bool        `json:",omitempty"`
	Select        []Condition `json:",omitempty"`
	// Mappings are sorted by canonical field.
	Mappings []Mapping
	// Elements maps a canonical array-of-objects path to the native one, where `any x in f: (x.a … x.b …)` keeps the
	// correlation: the canonical sub fields are those mappings whose path starts with the key.
	Elements map[string]string `json:",omitempty"`

	samples *samples
}

// samples are the sample pairs of a binding by class, read when somebody asks for them.
type samples struct {
	text string
	once sync.Once
	of   map[string][]Sample
}

// Samples returns the hand-written sample pairs of the class.
func (c *BoundClass) Samples() []Sample {
	s := c.samples
	if s == nil {
		return nil
	}
	s.once.Do(func() {
		if s.of == nil {
			dec := json.NewDecoder(strings.NewReader(s.text))
			dec.UseNumber()
			if err := dec.Decode(&s.of); err != nil {
				panic(fmt.Sprintf("schema/zz_bindings.txt: samples of %s: %v", c.Class, err)) // embedded data, checked by tests
			}
		}
	})
	return s.of[c.Class]
}

// Sample is a hand-written pair of a native event of true vendor shape and the canonical event that it is.
type Sample struct {
	Native    map[string]any `yaml:"native"`
	Canonical map[string]any `yaml:"canonical"`
}

// Binding ties classes of one source to the telemetry of one platform.
type Binding struct {
	Name     string
	Title    string
	Platform string
	// Languages restricts the binding to some languages of the platform; empty means all.
	Languages []string `json:",omitempty"`
	Source    string
	// Default bindings are used when neither a project file nor a flag chooses another.
	Default bool `json:",omitempty"`
	// DefaultFor lists classes for which the binding is a default one though it is not for its others: no default binding
	// supplies them.
	DefaultFor []string `json:",omitempty"`
	// General bindings read telemetry that other bindings read in their own way; an event is taken for one of theirs only
	// when no other binding selects it, and, whoever else reads it, for rules that look at their classes.
	General bool `json:",omitempty"`
	// Mixed bindings read telemetry to which hosts of several systems write, and nothing in it tells of which one a host is.
	Mixed bool     `json:",omitempty"`
	Docs  []string `json:",omitempty"`
	// Time is the native field of the event's time; Type is Date. TimeElse lists fields that hold it when Time is missing.
	Time     NativeField
	TimeElse []NativeField `json:",omitempty"`
	// TableField is a native field that holds the name of the table which the event is from (Type in Log Analytics), ""
	// when there is none. Events are told apart by it; a query names the table instead.
	TableField string `json:",omitempty"`
	// Classes are sorted by name.
	Classes []BoundClass
}

// Class returns the binding's part for a class.
func (b *Binding) Class(name string) (*BoundClass, bool) {
	for i := range b.Classes {
		if b.Classes[i].Class == name {
			return &b.Classes[i], true
		}
	}
	return nil, false
}

// DefaultOf reports whether the binding is a default one for a class.
func (b *Binding) DefaultOf(class string) bool {
	return b.Default || slices.Contains(b.DefaultFor, class)
}

// Speaks reports whether the binding is for a language of its platform.
func (b *Binding) Speaks(language string) bool {
	return len(b.Languages) == 0 || slices.Contains(b.Languages, language)
}

// Mapping returns how the class supplies a canonical field.
func (c *BoundClass) Mapping(field string) (*Mapping, bool) {
	i, ok := slices.BinarySearchFunc(c.Mappings, field, func(m Mapping, f string) int { return compareString(m.Field.Name, f) })
	if !ok {
		return nil, false
	}
	return &c.Mappings[i], true
}

// Natives returns the native fields that the mapping reads: none for a constant.
func (m *Mapping) Natives() []NativeField {
	if m.Const != "" {
		return nil
	}
	return append([]NativeField{m.Native}, m.Rest...)
}
