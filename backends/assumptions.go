package backends

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Assumption is something that an output takes for granted about events. The list is closed; none mentions a rule's literals.
type Assumption struct {
	Name string
	Doc  string
	// Holds reports whether a native event satisfies the assumption as far as the fields read by the rule are concerned.
	Holds func(native map[string]any, fields []schema.NativeField) bool
	// Breaks and Satisfies are witnesses on a field `f` (type keyword, or as named), or on Witness.
	Breaks, Satisfies map[string]any
	// Witness is the path of the field that the witnesses speak of, "" for `f`.
	Witness string
	// Derivations, when set, limits the assumption to the native fields that one of these derivations of the schema reads.
	Derivations []string
}

// Assumptions is the closed list, sorted by name.
var Assumptions = []Assumption{
	{
		Name: "agent-paths", Doc: "paths of files begin with / and do not end with one, as agents on Linux give them",
		Holds: agentPaths, Witness: "file.path", Breaks: map[string]any{"file.path": "id"}, Satisfies: map[string]any{"file.path": "/usr/bin/id"},
	},
	{
		Name: "alerts-150", Doc: "no run of a Sentinel rule finds more than 149 things: it raises an alert for each, and the 150th alert is about all the rest",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "ascii", Doc: "the value is ASCII where the pattern counts single characters (the engine may count bytes)",
		Holds: everyText(func(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }), Breaks: one("é"), Satisfies: one("e"),
	},
	{
		Name: "bool-text", Doc: "booleans are extracted as the texts true and false",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "cardinality", Doc: "the platform counts different values exactly: Datadog's pages do not say from which number on it estimates",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "caseless", Doc: "the index maps the sub-field .caseless with a lower-casing normalizer, as Elastic Defend does",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "catalogue", Doc: "every text of the event stands in a field that the binding knows",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "date-text", Doc: "dates are written in the form that the binding gives",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "declared", Doc: "events have the fields that the rule declares under the declared names, with values of the declared types",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "distinct-times", Doc: "no two events of a group have the same time where the first or last of them, or the last of a step, is shown",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "facet", Doc: "the attribute is a numeric facet (measure) in the organisation",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "file-name", Doc: "the field .name beside a .path holds the last element of the path, as agents fill both",
		Holds: fileNames, Witness: "file.path",
		Breaks: map[string]any{"file.path": "/usr/bin/id"}, Satisfies: map[string]any{"file.path": "/usr/bin/id", "file.name": "id"},
	},
	{
		Name: "fold", Doc: "texts compared ignoring case contain no U+0130, U+017F or U+212A; two fields compared with each other differ in case only in ASCII letters",
		Holds: foldsAlike, Breaks: one("\u212Aey"), Satisfies: one("Key"),
	},
	{
		Name: "grace", Doc: "no event arrives when the grace of an `expect` rule is over: a search that runs later, or judges the window again, counts it all the same",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "indexed", Doc: "no text is longer than the field's ignore_above (1,024 unless mapped otherwise): longer values are not searched",
		Holds: everyText(func(s string) bool { return len([]rune(s)) <= 1024 }), Breaks: one(strings.Repeat("x", 1025)), Satisfies: one("x"),
	},
	{
		Name: "ip-text", Doc: "addresses are plain text without port, zone or the ::ffff: form, in canonical spelling",
		Holds: plainAddresses, Breaks: one("::ffff:10.0.0.1"), Satisfies: one("10.0.0.1"),
	},
	{
		Name: "json-null", Doc: "the raw event has no explicit JSON null: the platform's extraction turns it into text or may keep it",
		Holds: func(native map[string]any, _ []schema.NativeField) bool { return !hasNull(native) }, Breaks: one(nil), Satisfies: one("x"),
	},
	{
		Name: "learning", Doc: "what a rule for new values learns is not forgotten but by time, a learning time runs from the rule on, and with a learning threshold of 0 the first value of a group is new (Datadog's pages leave it open)",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "list-size", Doc: "no group has more than 1,048,576 values where they are listed, or sorted for a median or percentile: Kusto's lists hold no more",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "log-order", Doc: "logs arrive in the order of their timestamps: what a rule that is evaluated in real time makes of late ones is not documented",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "max-signals", Doc: "one run finds no more than max_signals of the rule, 1,000 here, which is Kibana's own limit as well: it drops further alerts with a warning",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "no-dst", Doc: "a schedule of two hours or more runs in a time zone without daylight saving (UTC): when the clock is put forward, cron would leave out an hour",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "no-empty", Doc: "no empty text in the field, which the platform cannot tell from a missing one",
		Holds: everyText(func(s string) bool { return s != "" }), Breaks: one(""), Satisfies: one("x"),
	},
	{
		Name: "not-negative", Doc: "no number below 0 where numbers are summed up: the sum never falls by further events",
		Holds: notNegative, Breaks: one(int64(-1)), Satisfies: one(int64(1)),
	},
	{
		Name: "one-line", Doc: "the text has no line break: whether a wildcard crosses one is unknown",
		Holds: everyText(func(s string) bool { return !strings.ContainsAny(s, "\r\n") }), Breaks: one("a\nb"), Satisfies: one("a b"),
	},
	{
		Name: "one-system", Doc: "the telemetry does not tell the operating system of a host, and holds the events of hosts of the rule's systems only",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "plain-args", Doc: "in the command line the program path holds no blank (it may stand in quotes), no other argument is quoted or escaped, and single blanks separate arguments",
		Holds: everyText(plainArguments), Derivations: []string{"windows_args"}, Breaks: one(`net user "eve" /add`), Satisfies: one(`"C:\Windows\net.exe" user eve /add`),
	},
	{
		Name: "plain-words", Doc: "the command line has no quotes, backslashes, tabs or line breaks, and single blanks separate its words",
		Holds: everyText(plainWords), Derivations: []string{"posix_args"}, Breaks: one(`useradd 'eve'`), Satisfies: one("useradd -m eve"),
	},
	{
		Name: "rule-gap", Doc: "a rule of Kibana runs at its interval: after a pause that is longer than its look-back Kibana gives it past ranges of events, and a query that looks back from NOW() judges them as a part of the present",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "scalar", Doc: "a field that the catalogue calls scalar holds at most one value",
		Holds: scalarFields, Breaks: map[string]any{"f": []any{"a", "b"}}, Satisfies: one("a"),
	},
	{
		Name: "search-limits", Doc: "the search stays below the platform's limits, beyond which it drops rows without an error (Splunk's limits.conf: 50,000 rows and 200 MB of eventstats, 500 MB of mvexpand)",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "sep", Doc: "no element of an array contains the separator that the query joins it with: a newline (ES|QL) or U+001F (Kusto)",
		Holds: everyText(func(s string) bool { return !strings.ContainsAny(s, "\n\x1f") }), Breaks: one("a\nb"), Satisfies: one("a b"),
	},
	{
		Name: "sequence-steps", Doc: "a step of a Datadog sequence is at each event of its query at which its condition holds, later than the step before, and waits from the latest such event on; what completed one sequence may be part of another (Datadog's page leaves it open)",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "session-start", Doc: "no group's events follow each other without a gap for longer than twice the longest session: where such a run began is out of the search's range, and it is not judged",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "set", Doc: "numbers, dates and booleans are always set for the event type, and for each element of a list: the language has no missing value, zero stands for it",
		Holds: setFields, Breaks: map[string]any{}, Satisfies: one(int64(1)),
	},
	{
		Name: "signals", Doc: "one signal holds the findings of a group from the first on, until none came for its keep-alive time, and at most for a day: Datadog adds the later ones to the open signal instead of raising another",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "spelling", Doc: "a field that the vendor always spells one way (the binding says which) is spelled that way: a language that ignores case takes its comparison with that spelling",
		Holds: spelled,
	},
	{
		Name: "step-times", Doc: "no two events of a key that take part in its chains have the same time: the platform orders them in its own way, or counts them as one",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "utc", Doc: "the owner of the search has the time zone UTC: strftime tells days, weeks and months in it",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
	{
		Name: "window-edge", Doc: "no two events of a group lie apart exactly as long as the evaluation window: whether Datadog still counts the older one is not documented",
		Holds: func(map[string]any, []schema.NativeField) bool { return true },
	},
}

// LookupAssumption returns the assumption of that name.
func LookupAssumption(name string) (*Assumption, bool) {
	for i := range Assumptions {
		if Assumptions[i].Name == name {
			return &Assumptions[i], true
		}
	}
	return nil, false
}

func one(v any) map[string]any { return map[string]any{"f": v} }

func everyText(ok func(string) bool) func(map[string]any, []schema.NativeField) bool {
	return func(native map[string]any, fields []schema.NativeField) bool {
		for _, f := range fields {
			if !f.Type.IsString() {
				continue
			}
			for _, x := range schema.ObjectLeaves(native, f.Path) {
				if s, is := x.(string); is && !ok(s) {
					return false
				}
			}
		}
		return true
	}
}

// foldsAlike is about the texts of all fields, as fields may be compared with each other: none has one of the letters that
// fold to ASCII, and no letter beyond ASCII is upper case in one field and lower case in another.
func foldsAlike(native map[string]any, fields []schema.NativeField) bool {
	type letter struct {
		r    rune
		path string
	}
	seen := map[rune][]letter{}
	for _, f := range fields {
		if !f.Type.IsString() {
			continue
		}
		for _, x := range schema.ObjectLeaves(native, f.Path) {
			s, _ := x.(string)
			if strings.ContainsAny(s, foldsToASCII) {
				return false
			}
			if pattern.IsASCII(s) {
				continue
			}
			for _, r := range s {
				if r < utf8.RuneSelf {
					continue
				}
				same := seen[pattern.Fold(r)]
				if slices.ContainsFunc(same, func(l letter) bool { return l.r != r && l.path != f.Path }) {
					return false
				}
				if l := (letter{r, f.Path}); !slices.Contains(same, l) {
					seen[pattern.Fold(r)] = append(same, l)
				}
			}
		}
	}
	return true
}

func plainAddresses(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		if f.Type != schema.IP {
			continue
		}
		for _, x := range schema.ObjectLeaves(native, f.Path) {
			s, _ := x.(string)
			a, err := netip.ParseAddr(s)
			if err != nil || a.Is4In6() || a.Zone() != "" || a.String() != s {
				return false
			}
		}
	}
	return true
}

func hasNull(x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case map[string]any:
		for _, v := range x {
			if hasNull(v) {
				return true
			}
		}
	case []any:
		for _, v := range x {
			if hasNull(v) {
				return true
			}
		}
	}
	return false
}

func plainArguments(s string) bool {
	program, rest, _ := strings.Cut(s, " ")
	if inner, ok := strings.CutPrefix(program, `"`); ok {
		if program, ok = strings.CutSuffix(inner, `"`); !ok {
			return false
		}
	}
	return !strings.ContainsAny(program, "\"'") && !strings.ContainsAny(rest, "\"'") && singleBlanks(s)
}

func plainWords(s string) bool { return !strings.ContainsAny(s, "\"'\\") && singleBlanks(s) }

func singleBlanks(s string) bool {
	return !strings.ContainsAny(s, "\t\n\r") && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") && !strings.Contains(s, "  ")
}

func scalarFields(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		if !f.Array && len(schema.ObjectLeaves(native, f.Path)) > 1 {
			return false
		}
	}
	return true
}

func setFields(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		if !f.Type.IsNumber() && f.Type != schema.Boolean && f.Type != schema.Date {
			continue
		}
		list, rest, inside := strings.Cut(f.Path, "[].")
		if !inside {
			if !f.Array && len(schema.ObjectLeaves(native, f.Path)) == 0 {
				return false
			}
			continue
		}
		for _, e := range schema.ObjectElements(native, list) {
			if len(schema.ObjectLeaves(e, rest)) == 0 {
				return false
			}
		}
	}
	return true
}

func spelled(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		if f.Spelling.Any() {
			continue
		}
		for _, x := range schema.ObjectLeaves(native, f.Path) {
			s, is := x.(string)
			if !is {
				continue
			}
			if f.Spelling.Lower && s != strings.ToLower(s) {
				return false
			}
			if slices.Contains(f.Spelling.Fixed, s) {
				continue
			}
			for _, fixed := range f.Spelling.Fixed {
				if pattern.FoldString(s) == pattern.FoldString(fixed) {
					return false
				}
			}
		}
	}
	return true
}

func agentPaths(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		if !strings.HasSuffix(f.Path, ".path") || !f.Type.IsString() {
			continue
		}
		for _, x := range schema.ObjectLeaves(native, f.Path) {
			if s, _ := x.(string); s != "" && (s[0] != '/' || s[len(s)-1] == '/') {
				return false
			}
		}
	}
	return true
}

func fileNames(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		dir, isPath := strings.CutSuffix(f.Path, ".path")
		if !isPath || !f.Type.IsString() {
			continue
		}
		names := schema.ObjectLeaves(native, dir+".name")
		paths := schema.ObjectLeaves(native, f.Path)
		if len(names) != len(paths) {
			return false
		}
		for i, x := range paths {
			s, _ := x.(string)
			if names[i] != s[strings.LastIndexByte(s, '/')+1:] {
				return false
			}
		}
	}
	return true
}

func notNegative(native map[string]any, fields []schema.NativeField) bool {
	for _, f := range fields {
		if !f.Type.IsNumber() {
			continue
		}
		for _, v := range f.Read(native) {
			if v.Float64() < 0 {
				return false
			}
		}
	}
	return true
}
