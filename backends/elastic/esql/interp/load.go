package interp

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
)

// Loading turns native rows into typed columns as ES|QL reads them back from an index (page "Multivalued fields"):
// keyword, ip and version values are a sorted set; numbers, dates and booleans are sorted and keep repeats; text keeps the
// order of the source; nulls inside arrays vanish. Types and conversions are those of package mapping.

// metadataFields are the names that FROM … METADATA knows, with their types.
var metadataFields = map[string]typ{
	"_index": tKeyword, "_id": tKeyword, "_version": tLong, "_source": tSource, "_score": tDouble, "_ignored": tKeyword,
	"_index_mode": tKeyword,
}

// mappingTypes are the mapping types and what ES|QL makes of them. Types that are absent are unsupported: such a column
// can be returned (as null) but not used.
var mappingTypes = map[string]typ{
	"boolean": tBool, "byte": tInt, "short": tInt, "integer": tInt, "long": tLong, "unsigned_long": tULong,
	"double": tDouble, "float": tDouble, "half_float": tDouble, "scaled_float": tDouble, "keyword": tKeyword,
	"constant_keyword": tKeyword, "wildcard": tKeyword, "text": tText, "match_only_text": tText, "semantic_text": tText,
	"date": tDate, "date_nanos": tNanos, "ip": tIP, "version": tVersion, "geo_point": tGeoPoint, "geo_shape": tGeoShape,
	"point": tCartPoint, "shape": tCartShape,
}

// typeOf is the ES|QL type of a field.
func typeOf(f *mapping.Field) typ {
	if t, ok := mappingTypes[f.Type]; ok && !f.IsFlattenedKey() {
		return t
	}
	return tUnsupported
}

// indexFields lists the fields of a mapping that become columns, by name: leaves outside of nested objects.
func indexFields(m *mapping.Mapping) []*mapping.Field {
	var out []*mapping.Field
	for _, f := range m.Fields("*") {
		if _, meta := metadataFields[f.Name]; f.Nested == "" && !meta {
			out = append(out, f)
		}
	}
	return out
}

// loadCell makes the cell of a field of an event. bad counts the values that the type cannot hold; an index would have
// refused the event.
func loadCell(f *mapping.Field, t typ, event native.Row) (cell any, bad int) {
	if t == tUnsupported {
		return nil, 0
	}
	raw, bad := f.Read(event)
	vs := make([]any, 0, len(raw))
	for _, x := range raw {
		if v := indexValue(t, x); v != nil {
			vs = append(vs, v)
		}
	}
	if len(vs) > 1 && t != tText && !spatial.has(t) {
		slices.SortStableFunc(vs, func(a, b any) int { return compareValues(t, a, b) })
		if types(tKeyword, tIP, tVersion).has(t) {
			vs = slices.Compact(vs)
		}
	}
	return collect(vs), bad
}

// indexValue is a value of the mapping as this package holds it.
func indexValue(t typ, x mapping.Value) any {
	switch v := x.(type) {
	case time.Time:
		if t == tNanos {
			return v.UnixNano()
		}
		return v.UnixMilli()
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	case string, bool, int64, uint64, netip.Addr:
		return v
	}
	return fmt.Sprint(x)
}

// docID is the _id of a row: its own "_id" if it has one, else its number.
func docID(event native.Row, n int) string {
	if id, ok := event["_id"].(string); ok {
		return id
	}
	return strconv.Itoa(n)
}

// metadataCell is the value of a metadata field.
func metadataCell(name string, table *native.Table, event native.Row, n int) any {
	switch name {
	case "_index":
		if s, ok := event["_index"].(string); ok {
			return s
		}
		return table.Name
	case "_id":
		return docID(event, n)
	case "_version":
		return int64(1)
	case "_source":
		return event
	case "_score":
		return 0.0
	case "_index_mode":
		return "standard"
	}
	return nil
}
