package interp

import "testing"

// TestDocumented holds the examples of the page "Log Search Syntax" on events of our own: what each row says that it finds.
func TestDocumented(t *testing.T) {
	const log = `{"service":"web-store","source":"vpc","status":"info","message":"Authentication failure: user hello, dolly! NETWORK down","tags":["env:test","version:1","my_tag"],
		"attributes":{"url":"www.datadoghq.com","my_attribute":"hello:world","spaced":"hello world","dashed":"hello-world","glued":"helloworld","twice":"hello  world",
		"http":{"url":"/api-v1/users","status_code":204,"response_time":150,"url_details":{"path":"/api/v1/test"}},
		"network":{"client":{"ip":"13.1.2.3"},"destination":{"ip":"15.9.9.9"},"ip":{"list":["1.1.1.1","15.0.0.7"]}},
		"users":{"names":["Peter","Mary"]},"Event":{"EventData":{"Data":[{"Name":"ObjectServer","Value":"Security"},{"Name":"Type","Value":"File"}]}},"evt":{"name":"reject"}}}`
	for _, c := range []struct {
		query string
		want  bool
	}{
		// operators
		{`authentication AND failure`, true},
		{`authentication OR password`, true},
		{`authentication AND -password`, true},
		{`authentication AND -failure`, false},
		{`hello`, true},
		{`"hello dolly"`, true},
		{`"dolly hello"`, false},
		{`dolly hello`, true},
		// full text
		{`*:hello`, true},
		{`*:peter`, true},
		{`peter`, false},
		{`*:hello*`, true},
		{`*:"hello world"`, true},
		{`hello world`, false}, // the message has no word world
		{`*:objectserver`, true},
		// attributes
		{`@url:www.datadoghq.com`, true},
		{`@url:WWW.datadoghq.com`, false},
		{`url:www.datadoghq.com`, false},
		{`@my_attribute:hello\:world`, true},
		{`@my_attribute:"hello:world"`, true},
		{`@spaced:hello?world`, true},
		{`@dashed:hello?world`, true},
		{`@glued:hello?world`, false},
		{`@twice:hello?world`, false},
		{`@spaced:hello\ world`, true},
		{`@spaced:"hello world"`, true},
		{`@http.url_details.path:"/api/v1/test"`, true},
		{`@http.url:/api\-v1/*`, true},
		{`@http.status_code:[200 TO 299] @http.url:/api\-v1/*`, true},
		{`@http.status_code:[200 TO 203] @http.url:/api\-v1/*`, false},
		{`-@http.status_code:*`, false},
		{`-@http.status:*`, true},
		// numbers
		{`@http.response_time:>100`, true},
		{`@http.response_time:>150`, false},
		{`@http.response_time:>=150`, true},
		{`@http.response_time:<100`, false},
		{`@http.status_code:[204 TO 499]`, true},
		{`@http.status_code:[400 TO 499]`, false},
		// CIDR
		{`CIDR(@network.client.ip,13.0.0.0/8)`, true},
		{`CIDR(@network.ip.list,13.0.0.0/8, 15.0.0.0/8)`, true},
		{`CIDR(@network.ip.list,13.0.0.0/8)`, false},
		{`source:vpc @evt.name:reject CIDR(@network.client.ip, 13.0.0.0/8)`, true},
		{`source:vpc NOT(CIDR(@network.client.ip, 13.0.0.0/8)) CIDR(@network.destination.ip, 15.0.0.0/8)`, false},
		{`source:vpc NOT(CIDR(@network.client.ip, 14.0.0.0/8)) CIDR(@network.destination.ip, 15.0.0.0/8)`, true},
		// wildcards
		{`service:web*`, true},
		{`service:*store`, true},
		{`service:*mongo`, false},
		{`auth*`, true},
		{`*tication`, true},
		{`*NETWORK*`, true},
		{`*Peter*`, false},
		{`"*test*"`, false},
		{`*fail*`, true},
		// tags
		{`env:(prod OR test)`, true},
		{`(env:test AND -version:beta)`, true},
		{`(env:prod AND -version:beta)`, false},
		{`tags:my_tag`, true},
		{`test`, false},
		// arrays
		{`@users.names:Peter`, true},
		{`@users.names:Paul`, false},
		{`@Event.EventData.Data.Name:ObjectServer`, true},
		{`@Event.EventData.Data.Value:(Security AND File)`, true},
	} {
		if got, ws := matches(t, c.query, event(t, log), nil, nil); got != c.want {
			t.Errorf("%s is %v; %q", c.query, got, ws)
		}
	}
}
