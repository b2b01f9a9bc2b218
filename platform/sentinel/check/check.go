// Package check reads the files of a pack for Microsoft Sentinel as the services do, and says what they would not take. It was
// written from the vendors' pages alone and shares nothing with what writes the files. Sources: the models of the validator of
// Azure/Azure-Sentinel, the pages scheduled-rules-overview, entities-reference and template-expressions of
// learn.microsoft.com/azure, developer.hashicorp.com/terraform/language/syntax/json, and the schema of the azurerm provider.
package check

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
	"gopkg.in/yaml.v3"
)

// rule is what the four forms of a rule have in common.
type rule struct {
	ID, Title, Description, Severity, Query, Operator string
	Every, Period                                     time.Duration
	Threshold                                         int
	Enabled                                           bool
	Tactics, Techniques                               []string // with sub-techniques
	Entities                                          [][3]string
	Details                                           map[string]string
	AlertTitle, Grouping                              string
	Incident                                          map[string]any
}

// Files returns what is wrong with the files of a pack, by path; nothing for a pack that is taken.
func Files(files map[string][]byte) []string {
	c := &checker{}
	content, templates, resources := map[string]*rule{}, map[string]*rule{}, map[string]*rule{}
	for _, p := range sortedKeys(files) {
		c.at = p
		switch {
		case strings.HasPrefix(p, "analytic_rules/"):
			c.add(content, c.content(files[p]))
		case strings.HasPrefix(p, "arm/"):
			for _, r := range c.template(files[p]) {
				c.add(templates, r)
			}
		case p == "terraform/main.tf.json":
			for _, r := range c.terraform(files[p]) {
				c.add(resources, r)
			}
		case strings.HasPrefix(p, "defender/"):
			c.defender(files[p])
		case path.Ext(p) != ".md" && p != "terraform/provider.tf.json":
			c.say("the file is not expected")
		}
	}
	c.at = "arm"
	c.same(content, templates, func(s string) string { return s })
	for id := range content {
		if templates[id] == nil {
			c.say("the rule %s is in no template", id)
		}
	}
	c.at = "terraform"
	c.same(templates, resources, norm.NFC.String) // Terraform brings texts into this form
	return c.faults
}

type checker struct {
	at     string
	faults []string
}

func (c *checker) say(format string, args ...any) {
	c.faults = append(c.faults, c.at+": "+fmt.Sprintf(format, args...))
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

var (
	uuid       = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	technique  = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	detailKey  = regexp.MustCompile(`^[a-zA-Z]+\w*$`)
	columnName = regexp.MustCompile(`^[a-zA-Z_]+\w*$`)
	slot       = regexp.MustCompile(`\{\{([^{}]*)\}\}`)
	wild       = regexp.MustCompile(`(?i)(^|[\s(|])(search|union)\s+\*`)
)

// identifiers are those that name an entity by themselves, and those that only add to it.
var identifiers = map[string][2]string{
	"Account":  {"FullName Name Sid AadUserId PUID ObjectGuid", "NTDomain DnsDomain UPNSuffix AadTenantId IsDomainJoined DisplayName CloudAppAccountId"},
	"Host":     {"FullName HostName NetBiosName AzureID OMSAgentID", "DnsDomain NTDomain OSFamily OSVersion IsDomainJoined"},
	"IP":       {"Address", "AddressScope"},
	"URL":      {"Url", ""},
	"File":     {"Name", "Directory"},
	"Process":  {"ProcessId CommandLine", "ElevationToken CreationTimeUtc"},
	"FileHash": {"Value", "Algorithm"},
}

// add checks what all forms have in common.
func (c *checker) add(into map[string]*rule, r *rule) {
	if r == nil {
		return
	}
	if into[r.ID] != nil {
		c.say("there are two rules %s", r.ID)
	}
	into[r.ID] = r
	length := func(what, s string, least, most int) {
		if n := len(utf16.Encode([]rune(s))); n < least || n > most {
			c.say("%s has %d characters", what, n)
		}
	}
	length("the name", r.Title, 1, 256)
	length("the description", r.Description, 1, 5000)
	length("the query", r.Query, 1, 10000)
	if !uuid.MatchString(r.ID) {
		c.say("the id %q is no UUID", r.ID)
	}
	if wild.MatchString(r.Query) {
		c.say("the query searches all tables")
	}
	c.oneOf("severity", r.Severity, "Informational Low Medium High")
	c.oneOf("aggregation", r.Grouping, "SingleAlert AlertPerResult")
	c.oneOf("operator", r.Operator, "GreaterThan LessThan Equal NotEqual")
	const day = 24 * time.Hour
	if r.Every < 5*time.Minute || r.Every > 14*day || r.Period < r.Every || r.Period > 14*day || r.Period > 2*day && r.Every < time.Hour {
		c.say("it runs every %s over %s", r.Every, r.Period)
	}
	if r.Threshold < 0 || r.Threshold > 10000 {
		c.say("the threshold is %d", r.Threshold)
	}
	for _, t := range r.Tactics {
		c.oneOf("tactic", t, "Reconnaissance ResourceDevelopment InitialAccess Execution Persistence PrivilegeEscalation DefenseEvasion CredentialAccess "+
			"Discovery LateralMovement Collection CommandAndControl Exfiltration Impact")
	}
	for _, t := range r.Techniques {
		if !technique.MatchString(t) || len(r.Tactics) == 0 {
			c.say("the technique %q is none, or has no tactic", t)
		}
	}
	c.entities(r)
	c.details(r)
	c.incident(r)
}

func (c *checker) oneOf(what, word, words string) {
	if !slices.Contains(strings.Fields(words), word) {
		c.say("the %s %q is none of %s", what, word, words)
	}
}

func (c *checker) entities(r *rule) {
	if len(r.Entities) > 10 {
		c.say("%d entities", len(r.Entities))
	}
	for _, e := range r.Entities {
		known, ok := identifiers[e[0]]
		if !ok || !slices.Contains(strings.Fields(known[0]), e[1]) || !columnName.MatchString(e[2]) || len(e[2]) > 500 {
			c.say("the entity %v has no type that is known, or no column that identifies it", e)
		}
		c.column(r, e[2])
	}
}

// column asks that the query names a column; results of event rules have all columns of a table too, which no text tells.
func (c *checker) column(r *rule, name string) {
	if strings.Contains(r.Query, "summarize") && !strings.Contains(r.Query, name) {
		c.say("nothing in the query is called %s", name)
	}
}

func (c *checker) details(r *rule) {
	if len(r.Details) > 20 {
		c.say("%d custom details", len(r.Details))
	}
	for _, k := range sortedKeys(r.Details) {
		if !detailKey.MatchString(k) || len(k) > 20 || !columnName.MatchString(r.Details[k]) {
			c.say("the custom detail %q of %q", k, r.Details[k])
		}
		c.column(r, r.Details[k])
	}
	slots := slot.FindAllStringSubmatch(r.AlertTitle, -1)
	if len(slots) > 3 || len(r.AlertTitle) > 256 || strings.Count(r.AlertTitle, "{{") != len(slots) {
		c.say("the title of alerts %q", r.AlertTitle)
	}
	for _, m := range slots {
		c.column(r, m[1])
	}
}

func (c *checker) incident(r *rule) {
	g, _ := r.Incident["groupingConfiguration"].(map[string]any)
	if g == nil || g["enabled"] != true {
		return
	}
	look, ok := iso(fmt.Sprint(g["lookbackDuration"]))
	if !ok || look < 5*time.Minute || look > 7*24*time.Hour {
		c.say("incidents are held open %v", g["lookbackDuration"])
	}
	by, _ := g["groupByCustomDetails"].([]any)
	switch fmt.Sprint(g["matchingMethod"]) {
	case "AllEntities", "AnyAlert":
	case "Selected":
		for _, d := range by {
			if _, ok := r.Details[fmt.Sprint(d)]; !ok {
				c.say("incidents are grouped by %v, which is no custom detail", d)
			}
		}
		if len(by) == 0 && g["groupByEntities"] == nil && g["groupByAlertDetails"] == nil {
			c.say("incidents are grouped by nothing")
		}
	default:
		c.say("incidents are matched by %v", g["matchingMethod"])
	}
}

// same compares rules that are in two forms, of which the second changes texts.
func (c *checker) same(a, b map[string]*rule, change func(string) string) {
	for _, id := range sortedKeys(b) {
		x, y := a[id], b[id]
		if x == nil {
			c.say("the rule %s is nowhere else", id)
			continue
		}
		for what, differ := range map[string]bool{
			"query": x.Query != y.Query, "schedule": x.Every != y.Every || x.Period != y.Period, "title": change(x.Title) != y.Title, "description": change(x.Description) != y.Description,
			"severity": x.Severity != y.Severity, "condition": x.Operator != y.Operator || x.Threshold != y.Threshold, "tactics": !slices.Equal(x.Tactics, y.Tactics),
			"entities": !slices.Equal(x.Entities, y.Entities), "details": fmt.Sprint(x.Details) != fmt.Sprint(y.Details), "alerts": change(x.AlertTitle) != y.AlertTitle || x.Grouping != y.Grouping,
			"incidents": fmt.Sprint(x.Incident) != fmt.Sprint(y.Incident), "techniques": fmt.Sprint(x.Techniques) != fmt.Sprint(y.Techniques),
		} {
			if differ {
				c.say("the %s of %s is not the same", what, id)
			}
		}
	}
}

var isoForm = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

func iso(s string) (time.Duration, bool) {
	m := isoForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // "" where the unit is left out
		d += time.Duration(n) * unit
	}
	return d, d > 0
}

func (c *checker) content(data []byte) *rule {
	var in map[string]any
	if err := yaml.Unmarshal(data, &in); err != nil {
		c.say("%v", err)
		return nil
	}
	o := object{c, in}
	o.only("id name version kind description severity status requiredDataConnectors queryFrequency queryPeriod triggerOperator triggerThreshold suppressionEnabled " +
		"suppressionDuration tactics relevantTechniques tags query entityMappings customDetails alertDetailsOverride eventGroupingSettings incidentConfiguration metadata")
	if o.text("kind") != "Scheduled" || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(o.text("version")) || len(o.text("version")) > 20 {
		c.say("kind %v, version %v", in["kind"], in["version"])
	}
	if _, ok := in["requiredDataConnectors"].([]any); !ok {
		c.say("requiredDataConnectors is no list")
	}
	short := map[string]string{"gt": "GreaterThan", "lt": "LessThan", "eq": "Equal", "ne": "NotEqual"}
	r := &rule{
		ID: o.text("id"), Title: o.text("name"), Description: o.text("description"), Severity: o.text("severity"), Query: o.text("query"), Operator: short[o.text("triggerOperator")],
		Every: c.span(o.text("queryFrequency")), Period: c.span(o.text("queryPeriod")), Threshold: o.number("triggerThreshold"), Enabled: true,
		Tactics: o.texts("tactics"), Techniques: o.texts("relevantTechniques"),
	}
	o.common(r)
	slices.Sort(r.Techniques)
	return r
}

// span reads a number of minutes, hours or days.
func (c *checker) span(s string) time.Duration {
	n, unit := 0, ""
	if _, err := fmt.Sscanf(s, "%d%s", &n, &unit); err != nil {
		c.say("%q is no duration", s)
	}
	u := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	if u == 0 {
		c.say("%q is no duration", s)
	}
	return time.Duration(n) * u
}

// object is a mapping of YAML or JSON.
type object struct {
	c *checker
	m map[string]any
}

func (o object) only(names string) {
	for _, k := range sortedKeys(o.m) {
		if !slices.Contains(strings.Fields(names), k) {
			o.c.say("%s is not known", k)
		}
	}
}

func (o object) text(name string) string {
	s, ok := o.m[name].(string)
	if !ok {
		o.c.say("%s is no text", name)
	}
	return s
}

func (o object) number(name string) int {
	switch n := o.m[name].(type) {
	case int:
		return n
	case float64:
		return int(n)
	}
	o.c.say("%s is no number", name)
	return 0
}

func (o object) texts(name string) []string {
	list, ok := o.m[name].([]any)
	if !ok && o.m[name] != nil {
		o.c.say("%s is no list", name)
	}
	var out []string
	for _, x := range list {
		s, ok := x.(string)
		if !ok {
			o.c.say("%v in %s is no text", x, name)
		}
		out = append(out, s)
	}
	return out
}

func (o object) object(name string) object {
	m, ok := o.m[name].(map[string]any)
	if !ok && o.m[name] != nil {
		o.c.say("%s is no object", name)
	}
	return object{o.c, m}
}

func (o object) objects(name string) []object {
	list, ok := o.m[name].([]any)
	if !ok && o.m[name] != nil {
		o.c.say("%s is no list", name)
	}
	var out []object
	for _, x := range list {
		m, ok := x.(map[string]any)
		if !ok {
			o.c.say("%s has a member that is no object", name)
		}
		out = append(out, object{o.c, m})
	}
	return out
}

// common reads what content and resources have under the same names.
func (o object) common(r *rule) {
	for _, e := range o.objects("entityMappings") {
		e.only("entityType fieldMappings")
		fields := e.objects("fieldMappings")
		if len(fields) == 0 || len(fields) > 3 {
			o.c.say("an entity has %d identifiers", len(fields))
		}
		for _, f := range fields {
			f.only("identifier columnName")
			r.Entities = append(r.Entities, [3]string{e.text("entityType"), f.text("identifier"), f.text("columnName")})
		}
	}
	r.Details = map[string]string{}
	d := o.object("customDetails")
	for k := range d.m {
		r.Details[k] = d.text(k)
	}
	if a := o.object("alertDetailsOverride"); a.m != nil {
		a.only("alertDisplayNameFormat alertDescriptionFormat")
		r.AlertTitle = a.text("alertDisplayNameFormat")
	}
	r.Grouping = o.object("eventGroupingSettings").text("aggregationKind")
	i := o.object("incidentConfiguration")
	i.only("createIncident groupingConfiguration")
	if _, ok := i.m["createIncident"].(bool); !ok {
		o.c.say("createIncident is missing")
	}
	if g := i.object("groupingConfiguration"); g.m != nil {
		g.only("enabled reopenClosedIncident lookbackDuration matchingMethod groupByEntities groupByAlertDetails groupByCustomDetails")
	}
	r.Incident = i.m
}

func (c *checker) json(data []byte) object {
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		c.say("%v", err)
	}
	return object{c, m}
}
