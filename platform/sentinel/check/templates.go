package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// template reads a template of Azure Resource Manager as a deployment without parameter values does.
func (c *checker) template(data []byte) []*rule {
	t := c.json(data)
	t.only("$schema contentVersion metadata parameters resources")
	if !strings.HasPrefix(t.text("$schema"), "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json") || !regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`).MatchString(t.text("contentVersion")) {
		c.say("$schema or contentVersion")
	}
	values := map[string]any{"workspace": "the-workspace"}
	folded := map[string]bool{}
	params := t.object("parameters")
	for _, name := range sortedKeys(params.m) {
		p := params.object(name)
		p.only("type defaultValue minLength maxLength metadata")
		if folded[strings.ToLower(name)] {
			c.say("there are two parameters %s", name)
		}
		folded[strings.ToLower(name)] = true
		v, ok := p.m["defaultValue"].(float64)
		switch {
		case p.text("type") == "int" && (!ok || v != float64(int32(v))):
			c.say("the parameter %s has no value that is an int", name)
		case ok:
			values[name] = int64(v)
		case name != "workspace":
			c.say("the parameter %s has no value", name)
		}
	}
	if len(data) > 4<<20 || len(params.m) > 256 || len(t.objects("resources")) > 800 {
		c.say("the template is too large")
	}
	var out []*rule
	for _, r := range t.objects("resources") {
		r.only("type apiVersion name comments kind properties")
		c.oneOf("type", r.text("type"), "Microsoft.OperationalInsights/workspaces/providers/alertRules")
		c.oneOf("kind", r.text("kind"), "Scheduled")
		props, _ := c.value(r.m["properties"], values).(map[string]any)
		name, ok := strings.CutPrefix(c.expression(r.text("name"), values), "the-workspace/Microsoft.SecurityInsights/")
		if !ok || len(values) == 0 {
			c.say("the name %q is not that of a rule of the workspace", r.text("name"))
		}
		c.oneOf("apiVersion", r.text("apiVersion"), map[bool]string{true: "2025-10-01-preview", false: "2025-09-01"}[props["subTechniques"] != nil])
		out = append(out, c.properties(name, object{c, props}))
	}
	return out
}

// value evaluates every text of a value.
func (c *checker) value(x any, values map[string]any) any {
	switch x := x.(type) {
	case string:
		return c.expression(x, values)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = c.value(x[i], values)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, v := range x {
			out[c.expression(k, values)] = c.value(v, values)
		}
		return out
	}
	return x
}

var (
	token  = regexp.MustCompile(`^\s*('(?:[^']|'')*'|[a-zA-Z]+|[(),])`)
	called = map[string]bool{"concat": true, "string": true, "parameters": true}
)

// expression evaluates a text of a template.
func (c *checker) expression(s string, values map[string]any) string {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		if strings.HasPrefix(s, "[[") {
			c.say("it is not documented what %.40q means", s)
		}
		return s
	}
	if s[1] == '[' {
		return s[1:]
	}
	if len(s) > 24576 {
		c.say("an expression of %d characters", len(s))
	}
	var tokens []string
	for rest := s[1 : len(s)-1]; strings.TrimSpace(rest) != ""; {
		m := token.FindStringSubmatch(rest)
		if m == nil {
			c.say("the expression %.40q is none at %.40q", s, rest)
			return ""
		}
		tokens, rest = append(tokens, m[1]), rest[len(m[0]):]
	}
	v, rest := c.call(tokens, values)
	if len(rest) != 0 {
		c.say("the expression %.40q goes on after its end", s)
	}
	return fmt.Sprint(v)
}

// call evaluates a literal or a call at the beginning of tokens.
func (c *checker) call(tokens []string, values map[string]any) (any, []string) {
	if len(tokens) == 0 {
		c.say("an expression has no end")
		return "", nil
	}
	if strings.HasPrefix(tokens[0], "'") {
		s := tokens[0]
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'"), tokens[1:]
	}
	name := tokens[0]
	if !called[name] || len(tokens) < 2 || tokens[1] != "(" {
		c.say("%q is no function", name)
		return "", nil
	}
	var args []any
	rest := tokens[2:]
	for {
		var v any
		v, rest = c.call(rest, values)
		args = append(args, v)
		if len(rest) == 0 {
			c.say("a call of %s has no end", name)
			return "", nil
		}
		end := rest[0] == ")"
		if rest = rest[1:]; end {
			break
		}
	}
	if name == "parameters" {
		v, ok := values[fmt.Sprint(args[0])]
		if !ok {
			c.say("there is no parameter %v", args[0])
		}
		return v, rest
	}
	var b strings.Builder
	for _, a := range args {
		if _, isText := a.(string); !isText && name == "concat" {
			c.say("concat is called with a number")
		}
		fmt.Fprint(&b, a)
	}
	return b.String(), rest
}

// properties reads those of a resource.
func (c *checker) properties(id string, o object) *rule {
	o.only("displayName description severity enabled query queryFrequency queryPeriod triggerOperator triggerThreshold suppressionDuration suppressionEnabled tactics techniques " +
		"subTechniques entityMappings customDetails alertDetailsOverride eventGroupingSettings incidentConfiguration")
	r := &rule{
		ID: id, Title: o.text("displayName"), Description: o.text("description"), Severity: o.text("severity"), Query: o.text("query"), Operator: o.text("triggerOperator"),
		Threshold: o.number("triggerThreshold"), Tactics: o.texts("tactics"),
	}
	for name, to := range map[string]*bool{"enabled": &r.Enabled, "suppressionEnabled": new(bool)} {
		var ok bool
		if *to, ok = o.m[name].(bool); !ok {
			c.say("%s is missing", name)
		}
	}
	r.Every, _ = iso(o.text("queryFrequency"))
	r.Period, _ = iso(o.text("queryPeriod"))
	if d, ok := iso(o.text("suppressionDuration")); !ok || d.Minutes() < 5 || d.Hours() > 24 {
		c.say("suppressionDuration %v", o.m["suppressionDuration"])
	}
	subs := o.texts("subTechniques")
	for _, t := range o.texts("techniques") {
		if !slices.ContainsFunc(subs, func(s string) bool { return strings.HasPrefix(s, t+".") }) {
			r.Techniques = append(r.Techniques, t)
		}
		if strings.Contains(t, ".") {
			c.say("%s is a sub-technique", t)
		}
	}
	r.Techniques = append(r.Techniques, subs...)
	slices.Sort(r.Techniques)
	o.common(r)
	return r
}

// terraform reads resources as Terraform does when no variable is given but the workspace.
func (c *checker) terraform(data []byte) []*rule {
	f := c.json(data)
	f.only("// terraform variable resource")
	values := map[string]string{"log_analytics_workspace_id": "the-workspace"}
	vars := f.object("variable")
	for _, name := range sortedKeys(vars.m) {
		v := vars.object(name)
		v.only("description type default nullable validation")
		if n, ok := v.m["default"].(float64); ok {
			values[name] = strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	var out []*rule
	res := f.object("resource")
	res.only("azurerm_sentinel_alert_rule_scheduled azapi_resource")
	name := regexp.MustCompile(`^[a-zA-Z_][\w-]*$`)
	for _, kind := range sortedKeys(res.m) {
		list := res.object(kind)
		for _, n := range sortedKeys(list.m) {
			if !name.MatchString(n) {
				c.say("%q is no name of a resource", n)
			}
			m, _ := c.interpolated(list.m[n], values).(map[string]any)
			delete(m, "//")
			if kind == "azapi_resource" {
				out = append(out, c.azapi(object{c, m}))
			} else {
				out = append(out, c.azurerm(object{c, m}))
			}
		}
	}
	return out
}

var marks = regexp.MustCompile(`\$\$\{|%%\{|\$\{[^}]*\}?|%\{`)

func (c *checker) interpolated(x any, values map[string]string) any {
	switch x := x.(type) {
	case string:
		return marks.ReplaceAllStringFunc(x, func(m string) string {
			if strings.HasPrefix(m, "$$") || strings.HasPrefix(m, "%%") {
				return m[1:]
			}
			if quoted, err := strconv.Unquote(m[min(2, len(m)):max(len(m)-1, 2)]); err == nil {
				return quoted // an expression that is a text
			}
			v, ok := values[strings.TrimSuffix(strings.TrimPrefix(m, "${var."), "}")]
			if !ok {
				c.say("%q is no variable with a value", m)
			}
			return v
		})
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = c.interpolated(x[i], values)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, v := range x {
			out[k] = c.interpolated(v, values)
		}
		return out
	}
	return x
}

func (c *checker) azapi(o object) *rule {
	o.only("type name parent_id schema_validation_enabled body")
	c.oneOf("type", o.text("type"), "Microsoft.SecurityInsights/alertRules@2025-10-01-preview")
	c.oneOf("parent_id", o.text("parent_id"), "the-workspace")
	b := o.object("body")
	b.only("kind properties")
	c.oneOf("kind", b.text("kind"), "Scheduled")
	return c.properties(o.text("name"), b.object("properties"))
}

// azurerm brings a resource of the provider azurerm into the words of the API.
func (c *checker) azurerm(o object) *rule {
	o.only("name log_analytics_workspace_id display_name description severity enabled query query_frequency query_period trigger_operator trigger_threshold suppression_enabled " +
		"suppression_duration tactics techniques entity_mapping custom_details alert_details_override event_grouping incident")
	c.oneOf("workspace", o.text("log_analytics_workspace_id"), "the-workspace")
	names := strings.NewReplacer("entity_mapping", "entityMappings", "field_mapping", "fieldMappings", "query_frequency", "queryFrequency", "query_period", "queryPeriod",
		"trigger_operator", "triggerOperator", "trigger_threshold", "triggerThreshold", "suppression_enabled", "suppressionEnabled", "suppression_duration", "suppressionDuration",
		"custom_details", "customDetails", "entity_type", "entityType", "column_name", "columnName", "alert_details_override", "alertDetailsOverride", "description_format", "alertDescriptionFormat",
		"event_grouping", "eventGroupingSettings", "aggregation_method", "aggregationKind", "create_incident_enabled", "createIncident", "lookback_duration", "lookbackDuration",
		"reopen_closed_incidents", "reopenClosedIncident", "entity_matching_method", "matchingMethod", "by_custom_details", "groupByCustomDetails", "by_entities", "groupByEntities",
		"by_alert_details", "groupByAlertDetails")
	exact := map[string]string{"incident": "incidentConfiguration", "grouping": "groupingConfiguration", "display_name": "displayName", "display_name_format": "alertDisplayNameFormat"}
	var rename func(x any, keys bool) any
	rename = func(x any, keys bool) any {
		switch x := x.(type) {
		case []any:
			out := make([]any, len(x))
			for i := range x {
				out[i] = rename(x[i], true)
			}
			return out
		case map[string]any:
			out := map[string]any{}
			for k, v := range x {
				to := k
				if keys {
					if to = exact[k]; to == "" {
						to = names.Replace(k)
					}
				}
				v = rename(v, k != "custom_details")
				if list, ok := v.([]any); ok && slices.Contains([]string{"alert_details_override", "event_grouping", "incident", "grouping"}, k) && len(list) == 1 {
					v = list[0]
				}
				out[to] = v
			}
			return out
		}
		return x
	}
	m := rename(o.m, true).(map[string]any)
	id, _ := m["name"].(string)
	delete(m, "name")
	delete(m, "log_analytics_workspace_id")
	if i, ok := m["incidentConfiguration"].(map[string]any); ok {
		if g, ok := i["groupingConfiguration"].(map[string]any); ok && g["enabled"] == false {
			delete(i, "groupingConfiguration") // the provider wants it, the service does not
		} else if !ok {
			c.say("incident has no grouping")
		}
	}
	return c.properties(id, object{c, m})
}

// defender reads a custom detection.
func (c *checker) defender(data []byte) {
	o := c.json(data)
	o.only("@odata.type id displayName description status queryCondition schedule detectionAction")
	c.oneOf("@odata.type", o.text("@odata.type"), "#microsoft.graph.security.detectionRule")
	c.oneOf("status", o.text("status"), "enabled disabled")
	c.oneOf("frequency", o.object("schedule").text("frequency"), "PT1H PT3H PT12H P1D")
	q := o.object("queryCondition").text("queryText")
	table, rest, _ := strings.Cut(q, "\n")
	if !strings.HasPrefix(table, "union") {
		c.oneOf("table", table, "DeviceEvents DeviceFileEvents DeviceImageLoadEvents DeviceLogonEvents DeviceNetworkEvents DeviceProcessEvents DeviceRegistryEvents")
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if op, ok := strings.CutPrefix(line, "| "); ok && !strings.HasPrefix(op, "where ") && !strings.HasPrefix(op, "extend") {
			c.say("the query may lose columns: %.40s", line)
		}
	}
	if strings.Contains(q, "TimeGenerated") || strings.Contains(q, "AdditionalFields") {
		c.say("the query reads what advanced hunting does not have")
	}
	a := o.object("detectionAction").object("alertTemplate")
	a.only("title description severity recommendedActions tactics entityMappings customDetails")
	c.oneOf("severity", a.text("severity"), "informational low medium high")
	for _, s := range slot.FindAllStringSubmatch(a.text("title")+a.text("description"), -1) {
		if !columnName.MatchString(s[1]) {
			c.say("%q is no column", s[0])
		}
	}
	for _, t := range a.objects("tactics") {
		t.only("tactic techniques")
		for _, x := range t.objects("techniques") {
			x.only("technique subTechniques")
		}
	}
	if hosts := a.object("entityMappings").objects("hosts"); len(hosts) == 0 || hosts[0].text("deviceIdColumn") != "DeviceId" {
		c.say("the device is not mapped")
	}
}
