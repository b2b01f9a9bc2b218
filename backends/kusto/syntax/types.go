package syntax

// Type is a Kusto scalar type (learn.microsoft.com/kusto/query/scalar-data-types).
type Type uint8

// The scalar types. NoType stands where a type is not written or not known.
const (
	NoType Type = iota
	TypeBool
	TypeInt
	TypeLong
	TypeReal
	TypeDecimal
	TypeString
	TypeDatetime
	TypeTimespan
	TypeGUID
	TypeDynamic
)

var typeNames = [...]string{"", "bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"}

// String is the type's name as Microsoft's documentation writes it.
func (t Type) String() string { return typeNames[t] }

// typeAliases holds every spelling that the grammar takes for a type.
var typeAliases = map[string]Type{
	"bool": TypeBool, "boolean": TypeBool,
	"int": TypeInt, "int32": TypeInt, "int16": TypeInt, "int8": TypeInt,
	"long": TypeLong, "int64": TypeLong,
	"real": TypeReal, "double": TypeReal, "float": TypeReal,
	"decimal":  TypeDecimal,
	"string":   TypeString,
	"datetime": TypeDatetime, "date": TypeDatetime,
	"timespan": TypeTimespan, "time": TypeTimespan,
	"guid": TypeGUID, "uuid": TypeGUID, "uniqueid": TypeGUID,
	"dynamic": TypeDynamic,
}

// TypeByName finds a type by any of its spellings (`double`, `date`, `uniqueid` …).
func TypeByName(name string) (Type, bool) {
	t, ok := typeAliases[name]
	return t, ok
}
