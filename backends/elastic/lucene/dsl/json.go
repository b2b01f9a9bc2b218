package dsl

import "encoding/json"

// JSON returns the query as Elasticsearch reads it, with keys in order.
func JSON(q Query) ([]byte, error) { return json.Marshal(Tree(q)) }

type object = map[string]any

// Tree returns the query as decoded JSON.
func Tree(q Query) any {
	switch q := q.(type) {
	case MatchAll:
		return object{"match_all": object{}}
	case MatchNone:
		return object{"match_none": object{}}
	case *Bool:
		return boolTree(q)
	case *Term:
		return leafTree("term", q.Field, object{"value": q.Value}, q.Fold)
	case *Terms:
		return object{"terms": object{q.Field: q.Values}}
	case *Match:
		if q.And {
			return leafTree("match", q.Field, object{"query": q.Value, "operator": "and"}, false)
		}
		return object{"match": object{q.Field: q.Value}}
	case *MatchPhrase:
		if q.Slop > 0 {
			return leafTree("match_phrase", q.Field, object{"query": q.Value, "slop": q.Slop}, false)
		}
		return object{"match_phrase": object{q.Field: q.Value}}
	case *MultiMatch:
		body := object{"type": "best_fields", "query": q.Value}
		if q.Phrase {
			body["type"] = "phrase"
		}
		return object{"multi_match": withFlags(body, q.Fields, map[string]bool{"lenient": q.Lenient})}
	case *Wildcard:
		return leafTree("wildcard", q.Field, object{"value": q.Pattern}, q.Fold)
	case *Prefix:
		return leafTree("prefix", q.Field, object{"value": q.Value}, q.Fold)
	case *Regexp:
		return leafTree("regexp", q.Field, object{"value": q.Pattern}, q.Fold)
	case *Range:
		return rangeTree(q)
	case *Exists:
		return object{"exists": object{"field": q.Field}}
	case *Nested:
		body := object{"path": q.Path, "query": Tree(q.Query), "score_mode": "none"}
		return object{"nested": withFlags(body, nil, map[string]bool{"ignore_unmapped": q.IgnoreUnmapped})}
	case *QueryString:
		body := object{"query": q.Text}
		if q.DefaultAnd {
			body["default_operator"] = "and"
		}
		return object{"query_string": withFlags(body, q.Fields, map[string]bool{"analyze_wildcard": q.AnalyzeWildcard, "lenient": q.Lenient})}
	}
	return nil
}

func leafTree(name, field string, body object, fold bool) object {
	if fold {
		body["case_insensitive"] = true
	}
	return object{name: object{field: body}}
}

// withFlags adds the fields if there are any, and the flags that are on.
func withFlags(body object, fields []string, flags map[string]bool) object {
	if len(fields) > 0 {
		body["fields"] = fields
	}
	for name, on := range flags {
		if on {
			body[name] = true
		}
	}
	return body
}

func boolTree(q *Bool) object {
	body := object{}
	for name, list := range map[string][]Query{"must": q.Must, "filter": q.Filter, "should": q.Should, "must_not": q.MustNot} {
		if len(list) == 0 {
			continue
		}
		trees := make([]any, len(list))
		for i, sub := range list {
			trees[i] = Tree(sub)
		}
		body[name] = trees
	}
	if q.MinShould >= 0 {
		body["minimum_should_match"] = q.MinShould
	}
	return object{"bool": body}
}

func rangeTree(q *Range) object {
	body := object{}
	for name, v := range map[string]any{"gt": q.Gt, "gte": q.Gte, "lt": q.Lt, "lte": q.Lte} {
		if v != nil {
			body[name] = v
		}
	}
	if q.Zone != "" {
		body["time_zone"] = q.Zone
	}
	return object{"range": object{q.Field: body}}
}
