module github.com/onerule/onerule/platform/datadog/judge

go 1.26.8

require (
	github.com/DataDog/datadog-api-client-go/v2 v2.67.0
	github.com/onerule/onerule v0.0.0
)

replace github.com/onerule/onerule => ../../..
