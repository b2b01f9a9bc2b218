package schema

// Platform is a product that rules are deployed to, with the languages that it speaks, preferred first.
type Platform struct {
	Name      string
	Title     string
	Languages []string
}

// Platforms lists the platforms, sorted by name.
var Platforms = []Platform{
	{Name: "datadog", Title: "Datadog", Languages: []string{"datadog", "secl"}},
	{Name: "elastic", Title: "Elastic Security", Languages: []string{"eql", "kibana", "esql"}},
	{Name: "sentinel", Title: "Microsoft Sentinel", Languages: []string{"kusto"}},
	{Name: "splunk", Title: "Splunk", Languages: []string{"spl"}},
}

// Languages lists the names of all languages, in the order in which they are shown.
var Languages = []string{"spl", "eql", "kibana", "esql", "kusto", "datadog", "secl"}

// PlatformOf returns the platform that speaks a language.
func PlatformOf(language string) (Platform, bool) {
	for _, p := range Platforms {
		for _, l := range p.Languages {
			if l == language {
				return p, true
			}
		}
	}
	return Platform{}, false
}
