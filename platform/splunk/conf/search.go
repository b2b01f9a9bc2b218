package conf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/onerule/onerule/internal/plainjson"
)

// SavedSearch is a scheduled search that raises an alert for each row that it finds, with the settings of a correlation search
// of Enterprise Security. Sources: savedsearches.conf.spec, macros.conf.spec; the keys of Enterprise Security as
// splunk/contentctl writes them.
type SavedSearch struct {
	// Name is the stanza, Search the text in one line.
	Name, Search, Description string
	Disabled                  bool
	// Cron is cron_schedule; Earliest and Latest are time modifiers from the scheduled time.
	Cron, Earliest, Latest string
	// Severity is that of the alert, 1 to 6.
	Severity int
	Suppress *Suppress
	// Label is the name of the correlation search.
	Label       string
	Annotations Annotations
	Metadata    Metadata
	Notable     Notable
	Risk        *Risk
	// Macros are the search macros that the text calls.
	Macros []Macro
}

// Suppress is throttling: a further result with the same values of the fields is no alert within the period.
type Suppress struct {
	Fields []string
	Period string
}

// Annotations is action.correlationsearch.annotations: ATT&CK techniques, and what has no setting of its own.
type Annotations struct {
	MitreAttack    []string `json:"mitre_attack,omitempty"`
	Tags           []string `json:"tags,omitempty"`
	References     []string `json:"references,omitempty"`
	FalsePositives []string `json:"false_positives,omitempty"`
	Authors        []string `json:"authors,omitempty"`
	Status         []string `json:"status,omitempty"`
}

// Metadata is action.correlationsearch.metadata.
type Metadata struct {
	ID      string `json:"detection_id,omitempty"`
	Version string `json:"detection_version,omitempty"`
}

// Notable is the finding in Enterprise Security.
type Notable struct {
	Title, Description, Domain, Severity string
	NextSteps                            *NextSteps
	// DrillDowns are the searches that lead from the finding to what is behind it.
	DrillDowns []DrillDown
}

// DrillDown is a search over what is behind a finding. $field$ in it stands for a value of the finding's row.
type DrillDown struct {
	Name     string `json:"name"`
	Search   string `json:"search"`
	Earliest string `json:"earliest_offset"`
	Latest   string `json:"latest_offset"`
}

// NextSteps is what an analyst reads beside the finding.
type NextSteps struct {
	Version int    `json:"version"`
	Data    string `json:"data"`
}

// Risk adds to the risk of what a finding is about.
type Risk struct {
	Message string
	Objects []RiskObject
}

// RiskObject is a field of the result that names something at risk, or that threatens.
type RiskObject struct {
	Field       string `json:"risk_object_field,omitempty"`
	Type        string `json:"risk_object_type,omitempty"`
	Score       int    `json:"risk_score,omitempty"`
	ThreatField string `json:"threat_object_field,omitempty"`
	ThreatType  string `json:"threat_object_type,omitempty"`
}

// Macro is a search macro without parameters.
type Macro struct{ Name, Definition, Description string }

// The lines that tell the two files apart.
const (
	searchesFile = "# default/savedsearches.conf\n"
	macrosFile   = "# default/macros.conf\n"
)

// Encode returns the stanza of savedsearches.conf and, behind a comment that names the file, those of macros.conf.
func (s *SavedSearch) Encode() ([]byte, error) {
	search, err := s.Stanza()
	if err != nil || len(s.Macros) == 0 {
		return append([]byte(searchesFile), search...), err
	}
	macros, err := s.MacroStanzas()
	return slices.Concat([]byte(searchesFile), search, []byte("\n"+macrosFile), macros), err
}

// Stanza returns the part that belongs into savedsearches.conf.
func (s *SavedSearch) Stanza() ([]byte, error) {
	out := stanza{name: s.Name, values: map[string]string{}}
	for _, r := range settings {
		v, err := r.get(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.key, err)
		}
		if v != "" {
			out.set(r.key, v)
		}
	}
	var b strings.Builder
	err := out.write(&b)
	return []byte(b.String()), err
}

// MacroStanzas returns the part that belongs into macros.conf.
func (s *SavedSearch) MacroStanzas() ([]byte, error) { return macroStanzas(s.Macros) }

func macroStanzas(macros []Macro) ([]byte, error) {
	var b strings.Builder
	for i, m := range macros {
		if i > 0 {
			b.WriteByte('\n')
		}
		out := stanza{name: m.Name, values: map[string]string{}}
		out.set("definition", m.Definition)
		out.set("iseval", "0")
		if m.Description != "" {
			out.set("description", m.Description)
		}
		if err := out.write(&b); err != nil {
			return nil, err
		}
	}
	return []byte(b.String()), nil
}

// Decode reads what Encode wrote. A setting that is not known is an error.
func Decode(data []byte) (*SavedSearch, error) {
	searches, macros, _ := strings.Cut(string(data), macrosFile)
	ss, err := read(searches)
	if err != nil {
		return nil, err
	}
	if len(ss) != 1 {
		return nil, fmt.Errorf("there are %d saved searches, and one is expected", len(ss))
	}
	out, err := decodeStanza(ss[0])
	if err != nil {
		return nil, err
	}
	out.Macros, err = decodeMacros(macros)
	return out, err
}

// decodeStanza reads a stanza of savedsearches.conf.
func decodeStanza(in *stanza) (*SavedSearch, error) {
	out := &SavedSearch{Name: in.name}
	for _, key := range in.keys {
		i := slices.IndexFunc(settings, func(r setting) bool { return r.key == key })
		if i < 0 {
			return nil, fmt.Errorf("[%s]: unknown setting %s", out.Name, key)
		}
		if err := settings[i].set(out, in.values[key]); err != nil {
			return nil, fmt.Errorf("[%s]: %s: %w", out.Name, key, err)
		}
	}
	for _, r := range settings { // what is always written must be there
		if v, err := r.get(out); err == nil && v != "" && !slices.Contains(in.keys, r.key) {
			return nil, fmt.Errorf("[%s]: %s is missing", out.Name, r.key)
		}
	}
	return out, nil
}

// decodeMacros reads the stanzas of macros.conf.
func decodeMacros(text string) ([]Macro, error) {
	ms, err := read(text)
	if err != nil {
		return nil, err
	}
	var out []Macro
	for _, m := range ms {
		for _, key := range m.keys {
			if key != "definition" && key != "description" && key != "iseval" {
				return nil, fmt.Errorf("[%s]: unknown setting %s", m.name, key)
			}
		}
		if m.values["definition"] == "" || m.values["iseval"] != "0" {
			return nil, fmt.Errorf("[%s]: a macro has a definition, and iseval = 0", m.name)
		}
		out = append(out, Macro{m.name, m.values["definition"], m.values["description"]})
	}
	return out, nil
}

// setting is a key of savedsearches.conf; an empty value is left out.
type setting struct {
	key string
	get func(s *SavedSearch) (string, error)
	set func(s *SavedSearch, v string) error
}

// settings lists all keys in the order in which they are written.
var settings = []setting{
	{"search", func(s *SavedSearch) (string, error) {
		if s.Search == "" || strings.Contains(s.Search, "\n|") {
			return "", errors.New("there is no search, or one of several lines")
		}
		return breakPipes(s.Search), nil
	}, func(s *SavedSearch, v string) error { s.Search = joinPipes(v); return nil }},
	text("description", func(s *SavedSearch) *string { return &s.Description }),
	flag("disabled", func(s *SavedSearch) *bool { return &s.Disabled }),
	constant("enableSched", "1"),
	text("cron_schedule", func(s *SavedSearch) *string { return &s.Cron }),
	text("dispatch.earliest_time", func(s *SavedSearch) *string { return &s.Earliest }),
	text("dispatch.latest_time", func(s *SavedSearch) *string { return &s.Latest }),
	constant("realtime_schedule", "0"), // no run is left out, and each is for its scheduled time
	constant("schedule_window", "0"),
	constant("allow_skew", "0"),
	constant("counttype", "number of events"),
	constant("relation", "greater than"),
	constant("quantity", "0"),
	constant("alert.track", "1"),
	constant("alert.digest_mode", "1"),
	{"alert.severity", func(s *SavedSearch) (string, error) { return strconv.Itoa(s.Severity), nil }, func(s *SavedSearch, v string) (err error) {
		s.Severity, err = strconv.Atoi(v)
		return err
	}},
	{"alert.suppress", func(s *SavedSearch) (string, error) {
		return map[bool]string{true: "1", false: "0"}[s.Suppress != nil], nil
	}, func(s *SavedSearch, v string) error {
		if v == "1" {
			s.Suppress = &Suppress{}
		}
		return oneOf(v, "0", "1")
	}},
	{"alert.suppress.fields", func(s *SavedSearch) (string, error) {
		if s.Suppress == nil {
			return "", nil
		}
		return strings.Join(s.Suppress.Fields, ","), nil
	}, func(s *SavedSearch, v string) error {
		return s.suppressing(func(p *Suppress) { p.Fields = strings.Split(v, ",") })
	}},
	{"alert.suppress.period", func(s *SavedSearch) (string, error) {
		if s.Suppress == nil {
			return "", nil
		}
		return s.Suppress.Period, nil
	}, func(s *SavedSearch, v string) error {
		return s.suppressing(func(p *Suppress) { p.Period = v })
	}},
	constant("action.correlationsearch.enabled", "1"),
	constant("action.correlationsearch.detection_type", "ebd"), // event-based: each row is a finding
	text("action.correlationsearch.label", func(s *SavedSearch) *string { return &s.Label }),
	object("action.correlationsearch.annotations", func(s *SavedSearch) any { return &s.Annotations }),
	object("action.correlationsearch.metadata", func(s *SavedSearch) any { return &s.Metadata }),
	constant("action.notable", "1"),
	text("action.notable.param.rule_title", func(s *SavedSearch) *string { return &s.Notable.Title }),
	text("action.notable.param.rule_description", func(s *SavedSearch) *string { return &s.Notable.Description }),
	text("action.notable.param.security_domain", func(s *SavedSearch) *string { return &s.Notable.Domain }),
	text("action.notable.param.severity", func(s *SavedSearch) *string { return &s.Notable.Severity }),
	{"action.notable.param.next_steps", func(s *SavedSearch) (string, error) {
		if s.Notable.NextSteps == nil {
			return "", nil
		}
		return encodeJSON(s.Notable.NextSteps)
	}, func(s *SavedSearch, v string) error {
		s.Notable.NextSteps = &NextSteps{}
		return decodeJSON(v, s.Notable.NextSteps)
	}},
	{"action.notable.param.drilldown_searches", func(s *SavedSearch) (string, error) {
		if len(s.Notable.DrillDowns) == 0 {
			return "", nil
		}
		return encodeJSON(s.Notable.DrillDowns)
	}, func(s *SavedSearch, v string) error { return decodeJSON(v, &s.Notable.DrillDowns) }},
	{"action.risk", func(s *SavedSearch) (string, error) { return map[bool]string{true: "1"}[s.Risk != nil], nil }, func(s *SavedSearch, v string) error {
		s.Risk = &Risk{}
		return oneOf(v, "1")
	}},
	{"action.risk.param._risk_message", func(s *SavedSearch) (string, error) {
		if s.Risk == nil {
			return "", nil
		}
		return s.Risk.Message, nil
	}, func(s *SavedSearch, v string) error {
		return s.risking(func(r *Risk) error { r.Message = v; return nil })
	}},
	{"action.risk.param._risk", func(s *SavedSearch) (string, error) {
		if s.Risk == nil {
			return "", nil
		}
		return encodeJSON(s.Risk.Objects)
	}, func(s *SavedSearch, v string) error {
		return s.risking(func(r *Risk) error { return decodeJSON(v, &r.Objects) })
	}},
	riskConstant("action.risk.param._risk_score", "0"), // _risk carries the scores
	riskConstant("action.risk.param.verbose", "0"),
}

func text(key string, at func(*SavedSearch) *string) setting {
	return setting{key, func(s *SavedSearch) (string, error) { return *at(s), nil }, func(s *SavedSearch, v string) error { *at(s) = v; return nil }}
}

func flag(key string, at func(*SavedSearch) *bool) setting {
	return setting{key, func(s *SavedSearch) (string, error) { return map[bool]string{true: "1", false: "0"}[*at(s)], nil }, func(s *SavedSearch, v string) error {
		*at(s) = v == "1"
		return oneOf(v, "0", "1")
	}}
}

func constant(key, value string) setting {
	return setting{key, func(*SavedSearch) (string, error) { return value, nil }, func(_ *SavedSearch, v string) error { return oneOf(v, value) }}
}

// riskConstant stands beside action.risk.
func riskConstant(key, value string) setting {
	return setting{key, func(s *SavedSearch) (string, error) { return map[bool]string{true: value}[s.Risk != nil], nil }, func(s *SavedSearch, v string) error {
		return s.risking(func(*Risk) error { return oneOf(v, value) })
	}}
}

func object(key string, at func(*SavedSearch) any) setting {
	return setting{key, func(s *SavedSearch) (string, error) { return encodeJSON(at(s)) }, func(s *SavedSearch, v string) error { return decodeJSON(v, at(s)) }}
}

func oneOf(v string, allowed ...string) error {
	if !slices.Contains(allowed, v) {
		return fmt.Errorf("%q is not %s", v, strings.Join(allowed, " or "))
	}
	return nil
}

func (s *SavedSearch) suppressing(set func(*Suppress)) error {
	if s.Suppress == nil {
		return errors.New("alert.suppress = 1 does not stand before it")
	}
	set(s.Suppress)
	return nil
}

func (s *SavedSearch) risking(set func(*Risk) error) error {
	if s.Risk == nil {
		return errors.New("action.risk = 1 does not stand before it")
	}
	return set(s.Risk)
}

func encodeJSON(v any) (string, error) {
	text, err := plainjson.Line(v)
	return escapeControls(strings.TrimSpace(string(text))), err
}

// escapeControls writes the control characters that JSON may hold as they are, and a .conf file may not.
func escapeControls(text string) string {
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	var b strings.Builder
	for _, c := range text {
		if unicode.IsControl(c) {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func decodeJSON(text string, v any) error {
	return plainjson.Strict([]byte(text), v)
}
