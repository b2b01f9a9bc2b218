package interp

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// TestPluginFaults runs plugins with arguments that make no sense.
func TestPluginFaults(t *testing.T) {
	for query, fault := range map[string]string{
		"Ev | evaluate autocluster()":                                                             "does not state",
		"Ev | evaluate funnel_sequence(User, TimeGenerated)":                                      "several tables",
		"Ev | evaluate http_request('https://x')":                                                 "outside of the query",
		"Ev | evaluate activity_metric(User, TimeGenerated, 1d)":                                  "`activity_metrics`",
		"Ev | evaluate activity_counts_metrics(User, TimeGenerated, ago(1d), now())":              "needs Step",
		"Ev | evaluate activity_counts_metrics(Nobody, TimeGenerated, ago(1d), now(), 1h)":        "no column is named `Nobody`",
		"Ev | evaluate activity_counts_metrics(User, TimeGenerated, ago(1d), now(), bin(N, 2))":   "no column or variable is named `N`",
		"Ev | evaluate rows_near(N > 1, 2)":                                                       "needs rows in an order",
		"Ev | sort by N | evaluate rows_near(N, 2)":                                               "not a bool",
		"Ev | sort by N | evaluate rows_near(N > 1)":                                              "needs a condition",
		"Ev | sort by N | evaluate rows_near(N > 1, -2)":                                          "negative",
		"Ev | evaluate rolling_percentile(N, 101, TimeGenerated, 1h, 2)":                          "make sense",
		"Ev | evaluate rolling_percentile(N, 50, TimeGenerated)":                                  "needs a column of values",
		"Ev | evaluate sequence_detect(TimeGenerated, 5m, 6m, User)":                              "needs a predicate",
		"Ev | evaluate sequence_detect(TimeGenerated, 5m, 6m, a = strlen(User))":                  "not a bool",
		"Ev | evaluate sequence_detect(TimeGenerated, 5m)":                                        "needs a column of times",
		"Ev | evaluate schema_merge()":                                                            "`ColumnName` is missing",
		"Ev | partition hint.strategy=native by Key {Ev | count}":                                 "only the strategy legacy",
		"Ev | partition by Key {let x = 1;}":                                                      "no result",
		"range x from 1 to 65 step 1 | partition by x {print y = x}":                              "more than 64 values",
		"externaldata(a:string)[@'https://example.org/list.csv?x=1'] with (format='csv') | count": "named `list`",
	} {
		p, diags := Language.Compile("query", query)
		if !diags.HasErrors() {
			_, diags = p.Run(evInput(t))
		}
		if !diags.HasErrors() || !strings.Contains(faults(diags), fault) {
			t.Errorf("%s: %q does not say %q", query, faults(diags), fault)
		}
	}
}

// TestActivity runs the activity plugins without a range, with dimensions, calendar periods, cohorts and a lookback.
func TestActivity(t *testing.T) {
	const days = `let T = datatable(d:datetime, u:string, s:string)[datetime(2020-01-01), "a", "x", datetime(2020-01-02), "a", "x",
		datetime(2020-01-02), "b", "y", datetime(2020-02-03), "b", "x"]; `
	for _, c := range [][2]string{
		{"evaluate activity_metrics(u, d, 1d, s) | project s, dcount_values, dcount_newvalues", lines(`["x",1,1]`, `["x",1,0]`, `["x",1,1]`, `["y",1,1]`)},
		{"evaluate activity_counts_metrics(u, d, datetime(2020-01-15), datetime(2020-03-01), 'month') | project-away d", lines(`[3,2,2,2]`, `[1,1,0,2]`)},
		{
			"evaluate new_activity_metrics(u, d, datetime(2020-01-01), datetime(2020-01-02), 1d, datetime(2020-01-01)) | project dcount_retained_values, churn_rate",
			lines(`[1,0]`, `[1,0]`),
		},
		{
			"evaluate new_activity_metrics(u, d, datetime(2020-01-01), datetime(2020-01-02), 1d, datetime(null), (print u = 'a')) | project from_d, dcount_new_values",
			`["2020-01-02T00:00:00Z",1]`,
		},
		{"evaluate activity_engagement(u, d, 1d, 2d) | project dcount_activities_inner, dcount_activities_outer", lines(`[1,1]`, `[2,2]`, `[1,1]`)},
		{"evaluate rolling_percentile(n, 50, d, 1d, 2)", ""},
		{"where false | evaluate activity_metrics(u, d, 1d)", ""},
	} {
		query := days + "T | extend n = 1 | where u != '' | " + c[0]
		if c[1] == "" {
			query = days + "T | extend n = 1 | where u == '' | " + c[0]
		}
		out, err := answer(query, native.Input{})
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
		} else if got := shown(out); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// TestExternalData finds the rows of externaldata in a table named like the file.
func TestExternalData(t *testing.T) {
	in := evInput(t)
	in.Tables = append(in.Tables, native.Table{Name: "iocs", Rows: rowsOf(t, `[{"Ip":"10.1.2.3","Score":"7"},{"Ip":"9.9.9.9"}]`)})
	out, err := answer(`let L = externaldata(Ip:string, Score:long, Note:string)[@"https://example.org/a/iocs.csv"] with (format="csv"); Ev | join kind=inner L on Ip | project Ip, Score, Note`, in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shown(out), `["10.1.2.3",7,""]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// faults joins the titles and helps of diagnostics.
func faults(diags diag.List) string {
	var parts []string
	for _, d := range diags {
		parts = append(append(parts, d.Title), d.Help...)
	}
	return strings.Join(parts, "; ")
}
