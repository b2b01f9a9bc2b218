package content

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Encode returns the file. It is written here, because what readers of YAML take differently (plain words that are numbers or
// booleans, blocks with trailing spaces, line separators) must not occur in it: names are plain, short texts in double quotes
// where they are not words, and texts of several lines are literal blocks where they survive that.
func (r *Rule) Encode() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	w := &writer{}
	w.text("id", r.ID)
	w.text("name", r.Name)
	w.text("version", r.Version)
	w.text("kind", r.Kind)
	w.text("description", r.Description)
	w.text("severity", r.Severity)
	w.optional("status", r.Status)
	w.connectors(r.RequiredConnectors)
	w.text("queryFrequency", r.QueryFrequency)
	w.text("queryPeriod", r.QueryPeriod)
	w.text("triggerOperator", r.TriggerOperator)
	w.line("triggerThreshold: %d", r.TriggerThreshold)
	if r.SuppressionEnabled {
		w.line("suppressionEnabled: true")
	}
	w.optional("suppressionDuration", r.SuppressionDuration)
	w.list("tactics", r.Tactics)
	w.list("relevantTechniques", r.RelevantTechniques)
	w.list("tags", r.Tags)
	w.query(r.Query)
	w.entities(r.EntityMappings)
	if len(r.CustomDetails) > 0 {
		w.line("customDetails:")
		w.in(func() {
			for _, k := range slices.Sorted(maps.Keys(r.CustomDetails)) {
				w.line("%s: %s", scalar(k), scalar(r.CustomDetails[k]))
			}
		})
	}
	if d := r.AlertDetailsOverride; d != nil {
		w.line("alertDetailsOverride:")
		w.in(func() {
			w.optional("alertDisplayNameFormat", d.DisplayNameFormat)
			w.optional("alertDescriptionFormat", d.DescriptionFormat)
		})
	}
	if g := r.EventGroupingSettings; g != nil {
		w.line("eventGroupingSettings:")
		w.in(func() { w.text("aggregationKind", g.AggregationKind) })
	}
	w.incidents(r.IncidentConfiguration)
	if m := r.Metadata; m != nil {
		w.line("metadata:")
		w.in(func() {
			w.line("source:")
			w.in(func() { w.text("kind", m.Source.Kind) })
			w.line("author:")
			w.in(func() { w.text("name", m.Author.Name) })
			w.line("support:")
			w.in(func() { w.text("tier", m.Support.Tier) })
		})
	}
	return []byte(w.b.String()), nil
}

type writer struct {
	b      strings.Builder
	indent int
	// dash is set when the next line begins an item of a list.
	dash bool
}

func (w *writer) line(format string, args ...any) {
	lead := strings.Repeat(" ", w.indent)
	if w.dash {
		lead, w.dash = lead[:len(lead)-2]+"- ", false
	}
	fmt.Fprintf(&w.b, lead+"%s\n", fmt.Sprintf(format, args...))
}

func (w *writer) in(f func()) {
	w.indent += 2
	f()
	w.indent -= 2
}

// item writes what f does as an item of a list.
func (w *writer) item(f func()) {
	w.indent += 4
	w.dash = true
	f()
	w.indent -= 4
}

func (w *writer) optional(key, value string) {
	if value != "" {
		w.text(key, value)
	}
}

// text writes a text: a literal block when it has several lines and a block keeps them.
func (w *writer) text(key, value string) {
	if !block(value) || !strings.Contains(strings.TrimSuffix(value, "\n"), "\n") {
		w.line("%s: %s", key, scalar(value))
		return
	}
	w.block(key, value)
}

// query writes a query: a literal block also when it has one line, since it has quotes.
func (w *writer) query(value string) {
	if block(value) {
		w.block("query", value)
		return
	}
	w.line("query: %s", scalar(value))
}

func (w *writer) block(key, value string) {
	if strings.HasSuffix(value, "\n") {
		w.line("%s: |", key)
		value = strings.TrimSuffix(value, "\n")
	} else {
		w.line("%s: |-", key)
	}
	lead := strings.Repeat(" ", w.indent+2)
	for line := range strings.SplitSeq(value, "\n") {
		if line == "" {
			w.b.WriteString("\n")
			continue
		}
		w.b.WriteString(lead + line + "\n")
	}
}

// block reports whether a literal block holds a text as it is: its first line is not empty and begins with no space, no line
// ends with one, and it has no characters that a reader would change.
func block(s string) bool {
	body := strings.TrimSuffix(s, "\n")
	if body == "" || strings.HasPrefix(body, "\n") || strings.HasSuffix(body, "\n") || strings.HasPrefix(body, " ") {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if strings.TrimRight(line, " ") != line {
			return false
		}
	}
	return strings.IndexFunc(body, func(c rune) bool { return c != '\n' && !plainRune(c) }) < 0
}

// plainRune reports whether a character may stand in a file as it is.
func plainRune(c rune) bool {
	switch {
	case c < ' ', c >= 0x7f && c < 0xa0, c == 0x2028, c == 0x2029, c == 0xfeff, c == unicode.ReplacementChar, c >= 0xfff0 && c <= 0xffff:
		return false
	}
	return c < 0x10000 && !unicode.Is(unicode.Cf, c) && !unicode.Is(unicode.Co, c)
}

// word reports whether a text is one that no reader takes for a number, a boolean, a date or null.
func word(s string) bool {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "true", "false", "on", "off", "null", "nan", "inf":
		return false
	}
	return s[0] > '9' && s[0] != '_' || durationForm.MatchString(s)
}

// scalar writes a text on one line. \u and \U are the only escapes besides those of JSON.
func scalar(s string) string {
	if word(s) {
		return s
	}
	if idForm.MatchString(s) || versionForm.MatchString(s) || subtechnique.MatchString(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteRune('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case plainRune(c):
			b.WriteRune(c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			fmt.Fprintf(&b, `\U%08X`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

var subtechnique = regexp.MustCompile(`^T\d{4}\.\d{3}$`)

func (w *writer) list(key string, items []string) {
	if len(items) == 0 {
		return
	}
	w.line("%s:", key)
	for _, s := range items {
		w.item(func() { w.line("%s", scalar(s)) })
	}
}

func (w *writer) connectors(list []Connector) {
	if len(list) == 0 {
		w.line("requiredDataConnectors: []")
		return
	}
	w.line("requiredDataConnectors:")
	for _, c := range list {
		w.item(func() {
			w.text("connectorId", c.ID)
			w.list("dataTypes", c.DataTypes)
		})
	}
}

func (w *writer) entities(list []EntityMapping) {
	if len(list) == 0 {
		return
	}
	w.line("entityMappings:")
	for _, m := range list {
		w.item(func() {
			w.text("entityType", m.EntityType)
			w.line("fieldMappings:")
			for _, f := range m.FieldMappings {
				w.item(func() {
					w.text("identifier", f.Identifier)
					w.text("columnName", f.ColumnName)
				})
			}
		})
	}
}

func (w *writer) incidents(c *IncidentConfiguration) {
	if c == nil {
		return
	}
	w.line("incidentConfiguration:")
	w.in(func() {
		w.line("createIncident: %t", c.CreateIncident)
		g := c.GroupingConfiguration
		if g == nil {
			return
		}
		w.line("groupingConfiguration:")
		w.in(func() {
			w.line("enabled: %t", g.Enabled)
			w.line("reopenClosedIncident: %t", g.ReopenClosedIncident)
			w.text("lookbackDuration", g.LookbackDuration)
			w.text("matchingMethod", g.MatchingMethod)
			w.list("groupByEntities", g.GroupByEntities)
			w.list("groupByAlertDetails", g.GroupByAlertDetails)
			w.list("groupByCustomDetails", g.GroupByCustomDetails)
		})
	})
}
