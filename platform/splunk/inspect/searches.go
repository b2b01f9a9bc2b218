package inspect

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	searchesFile = "default/savedsearches.conf"
	macrosFile   = "default/macros.conf"
)

// maxRuns is how often in an hour a search runs before AppInspect warns.
const maxRuns = 12

var (
	relativeTime = regexp.MustCompile(`^(now|0|[+-]?\d*(s|m|h|d|w|mon|q|y)(@(s|m|h|d|w[0-7]?|mon|q|y))?|@(s|m|h|d|w[0-7]?|mon|q|y))$`)
	periodForm   = regexp.MustCompile(`^[1-9][0-9]*[smhd]?$`)
	technique    = regexp.MustCompile(`^T\d{4}(\.\d{3})?$|^TA\d{4}$`)
	macroForm    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	macroCall    = regexp.MustCompile("`([^`]*)`")
	quoted       = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	allIndexes   = regexp.MustCompile(`(?i)\bindex\s*(?:=|IN\s*\()\s*"?_?\*(?:["\s),]|$)`)
	tokenForm    = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)
)

// known are the settings that a saved search of an app may have here; others are misspelt, or do what an app may not.
var known = map[string]func(v string) bool{
	"search": some, "description": some, "disabled": boolean, "enableSched": boolean, "cron_schedule": cron,
	"dispatch.earliest_time": relativeTime.MatchString, "dispatch.latest_time": relativeTime.MatchString,
	"realtime_schedule": boolean, "schedule_window": func(v string) bool { return v == "auto" || number(v) }, "allow_skew": some,
	"counttype": oneOf("number of events", "number of hosts", "number of sources", "custom", "always"),
	"relation":  oneOf("greater than", "less than", "equal to", "not equal to", "drops by", "rises by"), "quantity": number,
	"alert.track": oneOf("0", "1", "true", "false", "auto"), "alert.digest_mode": boolean,
	"alert.severity": oneOf("1", "2", "3", "4", "5", "6"), "alert.suppress": boolean, "alert.suppress.fields": some,
	"alert.suppress.period":                   periodForm.MatchString,
	"action.correlationsearch.enabled":        boolean,
	"action.correlationsearch.label":          some,
	"action.correlationsearch.metadata":       object,
	"action.correlationsearch.detection_type": oneOf("ebd"),
	"action.correlationsearch.annotations":    object,
	"action.notable":                          boolean,
	"action.notable.param.rule_title":         some,
	"action.notable.param.rule_description":   some,
	"action.notable.param.security_domain":    oneOf("access", "endpoint", "network", "threat", "identity", "audit"),
	"action.notable.param.severity":           oneOf("informational", "low", "medium", "high", "critical"),
	"action.notable.param.next_steps":         object,
	"action.notable.param.drilldown_searches": list,
	"action.risk":                             boolean,
	"action.risk.param._risk_message":         some,
	"action.risk.param._risk":                 list,
	"action.risk.param._risk_score":           number,
	"action.risk.param.verbose":               boolean,
}

func some(v string) bool    { return v != "" }
func boolean(v string) bool { return v == "0" || v == "1" || v == "true" || v == "false" }
func number(v string) bool  { n, err := strconv.Atoi(v); return err == nil && n >= 0 }

func oneOf(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, v) }
}

func object(v string) bool {
	var m map[string]any
	return !strings.Contains(v, "\n") && json.Unmarshal([]byte(v), &m) == nil
}

func list(v string) bool {
	var l []map[string]any
	return !strings.Contains(v, "\n") && json.Unmarshal([]byte(v), &l) == nil && len(l) > 0
}

// searches judges default/savedsearches.conf.
func (x *inspection) searches() {
	c := x.confs[searchesFile]
	if c == nil {
		return
	}
	lower := map[string]bool{}
	for _, st := range c.stanzas {
		if len(st.name) > 99 {
			x.fault("name-length", searchesFile, st.line, "[%s] has more than 99 characters", st.name)
		}
		if lower[strings.ToLower(st.name)] {
			x.fault("twice", searchesFile, st.line, "[%s] differs from another name in case only", st.name)
		}
		lower[strings.ToLower(st.name)] = true
		x.settings(st)
		x.scheduled(c, st)
		x.alerting(c, st)
		x.texts(c, st)
	}
}

// settings judges each setting by itself.
func (x *inspection) settings(st *stanza) {
	for _, e := range st.settings {
		valid, ok := known[e.key]
		switch {
		case e.key == "action.email.to" || strings.HasPrefix(e.key, "action.script") || strings.HasPrefix(e.key, "action.populate_lookup"):
			x.fault("action", searchesFile, e.line, "%s is not for an app", e.key)
		case !ok:
			x.fault("setting", searchesFile, e.line, "no such setting: %s", e.key)
		case !valid(e.value):
			x.fault("value", searchesFile, e.line, "%s = %.60s", e.key, e.value)
		}
	}
}

// scheduled judges when the search runs, and over what.
func (x *inspection) scheduled(c *confFile, st *stanza) {
	get := func(key string) string { v, _, _ := c.get(st.name, key); return v }
	if get("enableSched") != "1" {
		x.fault("schedule", searchesFile, st.line, "[%s] has no schedule", st.name)
	}
	for _, key := range []string{"search", "cron_schedule", "dispatch.earliest_time", "dispatch.latest_time", "disabled", "action.correlationsearch.label"} {
		if get(key) == "" {
			x.fault("schedule", searchesFile, st.line, "[%s] has no %s", st.name, key)
		}
		if strings.HasPrefix(key, "dispatch.") && strings.HasPrefix(get(key), "rt") {
			x.fault("real-time", searchesFile, st.line, "[%s] searches in real time", st.name)
		}
	}
	if runs := perHour(get("cron_schedule")); runs > maxRuns {
		x.fault("cron", searchesFile, st.line, "[%s] runs %d times an hour", st.name, runs)
		x.faults[len(x.faults)-1].Warning = true
	}
}

// alerting judges throttling and what Enterprise Security reads.
func (x *inspection) alerting(c *confFile, st *stanza) {
	get := func(key string) string { v, _, _ := c.get(st.name, key); return v }
	bad := func(check, format string, args ...any) {
		x.fault(check, searchesFile, st.line, "["+st.name+"] "+format, args...)
	}
	if get("alert.suppress") == "1" {
		if get("alert.suppress.period") == "" {
			bad("throttling", "throttles, and does not say for how long")
		}
		for _, f := range strings.Split(get("alert.suppress.fields"), ",") {
			if f == "" && get("alert.digest_mode") != "1" || f != strings.TrimSpace(f) {
				bad("throttling", "alert.suppress.fields names no field, or one with blanks")
			}
		}
	} else if get("alert.suppress.fields")+get("alert.suppress.period") != "" {
		bad("throttling", "does not throttle, and says how")
	}
	if get("action.notable") == "1" && (get("action.notable.param.rule_title") == "" || get("action.notable.param.rule_description") == "") {
		bad("notable", "a finding has a title and a description")
	}
	var notes struct {
		Techniques []string `json:"mitre_attack"`
	}
	if v := get("action.correlationsearch.annotations"); v != "" {
		if json.Unmarshal([]byte(v), &notes) != nil {
			bad("annotations", "mitre_attack is no list of texts")
		}
		for _, id := range notes.Techniques {
			if !technique.MatchString(id) {
				bad("annotations", "%q is no technique of ATT&CK", id)
			}
		}
	}
	x.risk(get, bad)
	x.drillDowns(get, bad)
}

func (x *inspection) risk(get func(string) string, bad func(check, format string, args ...any)) {
	if get("action.risk") != "1" {
		return
	}
	var objects []struct {
		Field  string `json:"risk_object_field"`
		Type   string `json:"risk_object_type"`
		Score  int    `json:"risk_score"`
		Threat string `json:"threat_object_field"`
		Kind   string `json:"threat_object_type"`
	}
	if json.Unmarshal([]byte(get("action.risk.param._risk")), &objects) != nil || len(objects) == 0 || get("action.risk.param._risk_message") == "" {
		bad("risk", "adds to the risk of nothing, or says nothing")
	}
	for _, o := range objects {
		entity := o.Field != "" && slices.Contains([]string{"user", "system", "other"}, o.Type) && o.Score >= 1 && o.Score <= 100 && o.Threat == ""
		threat := o.Threat != "" && o.Kind != "" && o.Field == ""
		if !entity && !threat {
			bad("risk", "no object at risk, and no threat: %+v", o)
		}
	}
}

func (x *inspection) drillDowns(get func(string) string, bad func(check, format string, args ...any)) {
	var searches []struct {
		Name, Search string
		Earliest     string `json:"earliest_offset"`
		Latest       string `json:"latest_offset"`
	}
	v := get("action.notable.param.drilldown_searches")
	if v == "" {
		return
	}
	if json.Unmarshal([]byte(v), &searches) != nil {
		bad("drill-down", "no list of searches")
	}
	for _, s := range searches {
		if s.Name == "" || s.Search == "" || s.Earliest == "" || s.Latest == "" {
			bad("drill-down", "a search without a name, a text or a range")
		}
		parts := strings.Split(s.Search, "$")
		if len(parts)%2 == 0 {
			bad("drill-down", "a single $ in the search")
		}
		for i := 1; i < len(parts); i += 2 {
			if !tokenForm.MatchString(parts[i]) {
				bad("drill-down", "$%.40s$ is no field's value", parts[i])
			}
		}
		x.calls(s.Search, func(name string) { bad("macro", "the drill-down calls %q, which is no macro of the app", name) })
	}
}

// texts judges the search itself.
func (x *inspection) texts(c *confFile, st *stanza) {
	search, line, _ := c.get(st.name, "search")
	x.calls(search, func(name string) { x.fault("macro", searchesFile, line, "%q is no macro of the app", name) })
	plain := quoted.ReplaceAllString(search, `""`)
	if allIndexes.MatchString(search) {
		x.fault("all-indexes", searchesFile, line, "[%s] searches all indexes", st.name)
	}
	if strings.Count(plain, "(") != strings.Count(plain, ")") || strings.Count(plain, "[") != strings.Count(plain, "]") || strings.Contains(plain, `"`) && strings.Count(plain, `"`)%2 != 0 {
		x.fault("search", searchesFile, line, "[%s] has a bracket or a quote without its other half", st.name)
	}
	for _, command := range []string{"delete", "outputlookup", "collect", "script", "sendemail", "runshellscript", "sendalert", "mcollect", "outputcsv", "rest"} {
		if regexp.MustCompile(`\|\s*` + command + `\b`).MatchString(plain) {
			x.fault("command", searchesFile, line, "[%s] runs %s", st.name, command)
		}
	}
}

// calls reports the macros that a search calls and the app does not have.
func (x *inspection) calls(search string, missing func(name string)) {
	c := x.confs[macrosFile]
	for _, m := range macroCall.FindAllStringSubmatch(quoted.ReplaceAllString(search, `""`), -1) {
		if c == nil || c.stanza(m[1]) == nil {
			missing(m[1])
		}
	}
}

// macros judges default/macros.conf.
func (x *inspection) macros() {
	c := x.confs[macrosFile]
	if c == nil {
		return
	}
	for _, st := range c.stanzas {
		if !macroForm.MatchString(st.name) {
			x.fault("macro", macrosFile, st.line, "%q is no name of a macro", st.name)
		}
		definition, line, _ := c.get(st.name, "definition")
		if definition == "" {
			x.fault("macro", macrosFile, st.line, "[%s] has no definition", st.name)
		}
		if allIndexes.MatchString(definition) {
			x.fault("all-indexes", macrosFile, line, "[%s] searches all indexes", st.name)
		}
		for _, e := range st.settings {
			if !slices.Contains([]string{"definition", "iseval", "description", "args", "validation", "errormsg"}, e.key) {
				x.fault("setting", macrosFile, e.line, "no such setting: %s", e.key)
			}
		}
	}
}
