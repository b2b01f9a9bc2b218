package interp

import "github.com/onerule/onerule/backends/native"

// The doubts of EQL: behaviours that the documentation leaves open, with what we believe as the default.
var (
	doubtBetweenMiss = native.Doubt{
		Name: "eql-between-miss-null",
		Doc: "between() returns null when a delimiter does not occur, as the fold tests of Elasticsearch's suite expect. Off, it " +
			"returns \"\", as the examples of the function reference show.",
		Default: true,
	}
	doubtBooleanEquals = native.Doubt{
		Name: "eql-boolean-equals-folded",
		Doc: "`test == false` on anything but a field is read as `not test`, so that it holds when a field is missing. " +
			"Off, it compares the value of the test, which is null then.",
		Default: true,
	}
	doubtFoldUnicode = native.Doubt{
		Name: "eql-fold-unicode",
		Doc: "`:`, `in~`, `like~` and `regex~` fold letters beyond ASCII, as Elasticsearch does with PR 153513 (July 2026). " +
			"Off, only a-z and A-Z fold.",
	}
	doubtFunctionFold = native.Doubt{
		Name:    "eql-function-fold-unicode",
		Doc:     "Functions with ~ compare lower-cased text, letters beyond ASCII included. Off, only A-Z is lower-cased.",
		Default: true,
	}
	doubtFunctionNe = native.Doubt{
		Name: "eql-function-ne-complement",
		Doc: "`length(f) != 3` is the complement of `length(f) == 3`, as it is on a plain field. Off, some value must differ, " +
			"and a missing field does not match.",
	}
	doubtImplicitOrder = native.Doubt{
		Name: "eql-implicit-order",
		Doc: "Events with equal timestamp and tiebreaker follow each other in the order of the input. Off, they are " +
			"concurrent and neither follows the other.",
		Default: true,
	}
	doubtIPBlock = native.Doubt{
		Name:    "eql-ip-equals-block",
		Doc:     "`==` and `in` on an ip field take a CIDR block, as the term query does. Off, a block is no address and never equal.",
		Default: true,
	}
	doubtLengthUTF16 = native.Doubt{
		Name:    "eql-length-utf16",
		Doc:     "length(), substring() and indexOf() count UTF-16 units. Off, they count code points.",
		Default: true,
	}
	doubtLiteralCoerced = native.Doubt{
		Name: "eql-literal-coerced",
		Doc: "A constant of another type is converted to the type of the field that it is compared with, as the term query " +
			"does: `event.code == 4624` on a keyword. Off, such a comparison never holds.",
		Default: true,
	}
	doubtMissingNullKey = native.Doubt{
		Name:    "eql-missing-event-null-key",
		Doc:     "A missing event is looked for with null join keys too, and null equals null. Off, a null key finds no event.",
		Default: true,
	}
	doubtModuloReal = native.Doubt{
		Name:    "eql-modulo-real-zero",
		Doc:     "% and modulo() with a fraction give 0, as the function reference says. Off, they give the remainder.",
		Default: true,
	}
	doubtNumberText = native.Doubt{
		Name:    "eql-number-text-fails",
		Doc:     "number() of a text that is no number ends the search with an error. Off, it returns null.",
		Default: true,
	}
	doubtSampleDistinct = native.Doubt{
		Name:    "eql-sample-distinct",
		Doc:     "The events of a sample are different documents. Off, one document may fill several places.",
		Default: true,
	}
	doubtUnmappedMissing = native.Doubt{
		Name: "eql-unmapped-is-missing",
		Doc: "`not (?f == \"x\")` holds when f is unmapped in every index, as it does when f is missing. Off, the test folds " +
			"to null, and null negated is null.",
		Default: true,
	}
)

// doubts lists the switches by name.
var doubts = []native.Doubt{
	doubtBetweenMiss, doubtBooleanEquals, doubtFoldUnicode, doubtFunctionFold, doubtFunctionNe, doubtImplicitOrder,
	doubtIPBlock, doubtLengthUTF16, doubtLiteralCoerced, doubtMissingNullKey, doubtModuloReal, doubtNumberText,
	doubtSampleDistinct, doubtUnmappedMissing,
}
