package schema

// ClassField and SourceField are read of what an event is, not of its object: its class, with those that are more general, and
// its source. A rule over several classes says with them which part of its condition is about which.
const (
	ClassField  = "@class"
	SourceField = "@source"
)

// KindValues returns the values of [ClassField] or [SourceField] for events of a class on a source; ok is false for other fields.
func KindValues(field, class, source string) (vals []Value, ok bool) {
	switch field {
	case SourceField:
		return []Value{String(source)}, true
	case ClassField:
		vals = append(vals, String(class))
		if s, known := LookupSource(source); known {
			for _, c := range s.Classes {
				if c != class && Covers(source, c, class) {
					vals = append(vals, String(c))
				}
			}
		}
		return vals, true
	}
	return nil, false
}

// IsKind reports whether a field is [ClassField] or [SourceField].
func IsKind(field string) bool { return field == ClassField || field == SourceField }
