// Package judge holds what OneRule writes for Datadog against the types of the vendor's own API client. It is a module of its own:
// the client takes half a minute to compile.
//
// The client is lenient: a key that it does not know goes to AdditionalProperties, and an object that does not fit, for an unknown
// word of an enum say, to UnparsedObject. [Rule] and [AgentRule] look for both, wherever they are.
package judge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/DataDog/datadog-api-client-go/v2/api/datadogV2"
)

// Rule judges the body of POST /api/v2/security_monitoring/rules.
func Rule(data []byte) (*datadogV2.SecurityMonitoringStandardRuleCreatePayload, error) {
	out := &datadogV2.SecurityMonitoringStandardRuleCreatePayload{}
	return out, judge(data, out)
}

// AgentRule judges the body of POST /api/v2/remote_config/products/cws/agent_rules.
func AgentRule(data []byte) (*datadogV2.CloudWorkloadSecurityAgentRuleCreateRequest, error) {
	out := &datadogV2.CloudWorkloadSecurityAgentRuleCreateRequest{}
	return out, judge(data, out)
}

// judge decodes, looks for what was not understood, and holds what is encoded again against the text.
func judge(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	if err := errors.Join(leftovers("$", reflect.ValueOf(into))...); err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	want, err := value(data)
	if err != nil {
		return err
	}
	got, err := value(again)
	if err != nil {
		return err
	}
	return errors.Join(lost("$", want, got)...)
}

func value(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

// leftovers lists what the client did not understand below a value.
func leftovers(path string, v reflect.Value) []error {
	var out []error
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			out = leftovers(path, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			out = append(out, leftovers(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case !f.IsExported():
			case f.Name == "AdditionalProperties" || f.Name == "UnparsedObject":
				if !v.Field(i).IsZero() && (v.Field(i).Kind() != reflect.Map || v.Field(i).Len() > 0) {
					out = append(out, fmt.Errorf("%s: %s is %v", path, f.Name, v.Field(i).Interface()))
				}
			default:
				out = append(out, leftovers(path+"."+f.Name, v.Field(i))...)
			}
		}
	}
	return out
}

// lost lists what stands in a text and not in what the client makes of it; empty lists, and false, may be left out.
func lost(path string, want, got any) []error {
	var out []error
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok && len(want) > 0 {
			return []error{fmt.Errorf("%s is lost", path)}
		}
		for k, w := range want {
			out = append(out, lost(path+"."+k, w, m[k])...)
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			return []error{fmt.Errorf("%s has %d members, not %d", path, len(list), len(want))}
		}
		for i, w := range want {
			out = append(out, lost(fmt.Sprintf("%s[%d]", path, i), w, list[i])...)
		}
	case bool:
		if g, _ := got.(bool); g != want {
			out = append(out, fmt.Errorf("%s is %v, not %v", path, got, want))
		}
	default:
		if got != want {
			out = append(out, fmt.Errorf("%s is %v, not %v", path, got, want))
		}
	}
	return out
}
