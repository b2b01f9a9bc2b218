package elastic

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/elastic/rule"
)

// packages are the packages of Fleet whose data streams the bindings read. A package with several integrations (policy templates)
// names them by data stream; Kibana finds an integration by both names. Source: packages/<name>/manifest.yml of elastic/integrations.
var packages = map[string]map[string]string{
	"apache":              nil,
	"atlassian_bitbucket": nil,
	"auditd":              nil,
	"auditd_manager":      nil,
	"auth0":               nil,
	"aws":                 {"cloudtrail": "cloudtrail"},
	"azure":               {"activitylogs": "activitylogs", "auditlogs": "adlogs", "identity_protection": "adlogs", "signinlogs": "adlogs"},
	"cisco_asa":           nil,
	"cisco_ios":           nil,
	"endpoint":            nil,
	"fortinet_fortigate":  nil,
	"gcp":                 {"audit": "audit"},
	"github":              nil,
	"google_workspace":    nil,
	"iis":                 nil,
	"juniper_srx":         nil,
	"kubernetes":          {"audit_logs": "audit-logs"},
	"network_traffic":     nil,
	"nginx":               nil,
	"o365":                nil,
	"okta":                nil,
	"opencanary":          nil,
	"panw":                nil,
	"squid":               nil,
	"system":              nil,
	"windows":             nil,
	"zeek":                nil,
	"zscaler_zia":         nil,
}

// anyVersion is the range of versions of a package: its fields, not one of its releases, are what a binding is written for.
const anyVersion = "*"

// integrations are the packages whose data streams the index patterns of a rule name, sorted. Patterns of Beats, and of data that
// comes without a package, name none.
func integrations(b *ir.Bound) []rule.Integration {
	out := []rule.Integration{}
	for _, pattern := range patterns(b) {
		name, stream, ok := strings.Cut(strings.TrimPrefix(pattern, "logs-"), ".")
		streams, known := packages[name]
		if !ok || !known || !strings.HasPrefix(pattern, "logs-") {
			continue
		}
		i := rule.Integration{Package: name, Version: anyVersion, Integration: streams[strings.TrimRight(stream, "-*")]}
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(x, y rule.Integration) int {
		return strings.Compare(x.Package+"/"+x.Integration, y.Package+"/"+y.Integration)
	})
	return out
}

// patterns are the index patterns of a rule's telemetry, in the order of its parts.
func patterns(b *ir.Bound) []string {
	var tables []string
	for _, p := range b.Parts {
		if p.Class.Table != "" {
			tables = append(tables, p.Class.Table)
		}
	}
	return indices(tables)
}
