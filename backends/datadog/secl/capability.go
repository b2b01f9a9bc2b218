package secl

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// row is a row of the table. Why and instead are set for constructs that are always refused; the level of the others is that
// of what [builder] says.
type row struct {
	construct    backends.Construct
	summary      string
	why, instead string
}

const (
	noCalculation = "agents calculate with whole numbers and, before recent versions, with bits only"
	noPart        = "agents compare two fields as a whole only"
	noOtherField  = "agents test an element against constants only"
)

// rows are the levels of SECL. `!` is plain negation and != and `not in` are its spellings, so the negation of an exact leaf is
// exact. Sources: see QUIRKS.md.
var rows = []row{
	{construct: backends.EqText, summary: "`== \"v\"`, with letters `== r\"(?i)^v$\"`; paths on Linux: up to 16 spellings, else narrower"},
	{construct: backends.EqTextCased, summary: "`== \"v\"`, `in [\"a\", \"b\"]`"},
	{construct: backends.EqEmptyText, summary: "the other literals of the list; refused alone, and where \"\" is a value"},
	{construct: backends.ContainsText, summary: "`== r\"(?i)v\"`; paths on Linux: a directory, narrower; else refused"},
	{construct: backends.ContainsCased, summary: "`== r\"v\"`; paths on Linux: a directory, narrower; else refused"},
	{construct: backends.StartsText, summary: "`== r\"(?i)^v\"`; paths on Linux: patterns, Assume agent-paths, up to 16 spellings, else narrower"},
	{construct: backends.StartsCased, summary: "`== r\"^v\"`; paths on Linux: patterns, Assume agent-paths"},
	{construct: backends.EndsText, summary: "`== r\"(?i)v$\"`; paths on Linux: .name, Assume agent-paths and file-name; wider with directories"},
	{construct: backends.EndsCased, summary: "`== r\"v$\"`; paths on Linux: .name, Assume agent-paths and file-name; wider with directories"},
	{construct: backends.LikeText, summary: "a regular expression; paths on Linux: a pattern, narrower, refused with ?"},
	{construct: backends.LikeCased, summary: "a regular expression; paths on Linux: a pattern, narrower, refused with ?"},
	{construct: backends.MatchesText, summary: "the expression; one that fits \"\": `!= \"\"` before it, on lists Assume no-empty; paths on Linux: refused"},
	{construct: backends.EqNumber, summary: "`==`, `in`; with 0 among the literals Assume set; refused for fractions"},
	{construct: backends.OrderNumber, summary: "the operator; where it holds for 0 Assume set; refused for fractions"},
	{construct: backends.EqDate, summary: "an interval of nanoseconds; refused on lists"},
	{construct: backends.OrderDate, summary: "nanoseconds since 1970; < and <= Assume set"},
	{construct: backends.EqBool, summary: "`b`; `!b`, Assume set"},
	{construct: backends.EqIP, summary: "`in [10.0.0.1/32]`"},
	{construct: backends.CIDRv4, summary: "`in [10.0.0.0/8]`"},
	{construct: backends.CIDRv6, summary: "`in [2001:db8::/32]`"},
	{construct: backends.LengthOf, summary: "`== r\"(?s)^.{m,n}$\"` up to 1,000; paths on Linux: .length, Assume ascii"},
	{construct: backends.ValuesOf, summary: "none, or at least one: presence; else refused"},
	{construct: backends.HourOf, summary: "refused", why: "agents have no date functions", instead: "leave this language out"},
	{construct: backends.WeekdayOf, summary: "refused", why: "agents have no date functions", instead: "leave this language out"},
	{construct: backends.MinuteOf, summary: "refused", why: "agents have no date functions", instead: "leave this language out"},
	{construct: backends.CalendarOf, summary: "refused", why: "agents have no date functions", instead: "leave this language out"},
	{construct: backends.Calculated, summary: "refused", why: noCalculation, instead: "compare the field itself, or leave this language out"},
	{construct: backends.HasBits, summary: "`f & O_CREAT == 0`; where it holds for 0 Assume set"},
	{construct: backends.RelText, summary: "`f != \"\" && f == g`, narrower, because case is minded; on fields that ignore it Assume fold"},
	{construct: backends.RelTextCased, summary: "`f != \"\" && f == g`; wider on fields that ignore case; two lists Assume no-empty"},
	{construct: backends.RelPart, summary: "refused", why: noPart, instead: "compare with a literal, or leave this language out"},
	{construct: backends.RelPartCased, summary: "refused", why: noPart, instead: "compare with a literal, or leave this language out"},
	{construct: backends.RelNumber, summary: "the operator, Assume set"},
	{construct: backends.RelDate, summary: "refused", why: "agents compare times in nanoseconds, and the rule in milliseconds", instead: "compare with a literal, or leave this language out"},
	{construct: backends.RelIP, summary: "`==`"},
	{construct: backends.RelBool, summary: "`==`, Assume set"},
	{construct: backends.RelCalculated, summary: "refused", why: noCalculation, instead: "compare the fields themselves, or leave this language out"},
	{construct: backends.HasValue, summary: "text `!= \"\"`, addresses, lists of numbers; single numbers and booleans refused"},
	{construct: backends.IsEmpty, summary: "text `== \"\"`; addresses, lists of numbers; single numbers and booleans refused"},
	{construct: backends.AnyText, summary: "equality with others, a beginning and an end, none of some literals: exact; elements of lists of objects by a register; else wider"},
	{construct: backends.AnyNumber, summary: "the numbers that are left, wider for long intervals; addresses wider"},
	{construct: backends.AnyOther, summary: "refused", why: noOtherField, instead: "compare with a literal, or leave this language out"},
	{construct: backends.AnyObject, summary: "a register; under `not` each condition by itself, narrower"},
	{construct: backends.AllText, summary: "present, and none that fails: of ==, starts_with, ends_with and negated conditions; else refused"},
	{construct: backends.AllNumber, summary: "some inside, none outside; addresses when every condition is negated"},
	{construct: backends.AllOther, summary: "refused", why: noOtherField, instead: "compare with a literal, or leave this language out"},
	{construct: backends.AllObject, summary: "refused", why: "agents say of one element of a list of objects that it fits, not of all", instead: "turn the condition round with `none`, or leave this language out"},
	{construct: backends.Always, summary: "a test of the event or its negation; a test and its negation"},
}

// table is the capability table for the agents of a part.
func (a agent) table() backends.Table {
	t := backends.Table{}
	for _, r := range rows {
		build := builder(r.construct)
		t[r.construct] = backends.Row{Summary: r.summary, Level: func(p ir.Pred, negated bool) backends.Level {
			if build == nil {
				return backends.Refused(r.why, r.instead)
			}
			_, level := build(a, p, negated)
			return level.FlipIf(negated)
		}}
	}
	return t
}
