package interp

import "github.com/onerule/onerule/backends/native"

// The switches: points on which agents of different age differ, or that no source settles. Default is our belief. See QUIRKS.md.
var (
	DoubtAllInTexts = native.Doubt{
		Name: "secl-allin-texts", Default: false,
		Doc: "allin on a list of texts or numbers asks for every element; off: it acts as in (seen on agent 7.39)",
	}
	DoubtGlobInner = native.Doubt{
		Name: "secl-glob-inner", Default: true,
		Doc: "a path glob may hold ** once anywhere, and ** inside an element is * (newest agents); off: ** stands at the end only, and such a glob matches nothing",
	}
	DoubtPatternAnchored = native.Doubt{
		Name: "secl-pattern-anchored", Default: true,
		Doc: "a pattern must reach the end of the text; off: text may follow its last piece (agents of mid-2022)",
	}
	DoubtPatternBacktrack = native.Doubt{
		Name: "secl-pattern-backtrack", Default: true,
		Doc: "a pattern matches when any placing of its pieces does; off: each piece is taken at its first place, so *.sh does not match a.sh.sh (later agents)",
	}
	DoubtPatternNewline = native.Doubt{
		Name: "secl-pattern-newline", Default: true,
		Doc: "* in a pattern crosses line ends; off: it does not (agents that turned patterns into regular expressions)",
	}
	DoubtRegisterEmpty = native.Doubt{
		Name: "secl-register-empty", Default: false,
		Doc: "an expression with a register is also tried with an empty element when the list is empty; off: it is false then",
	}
	DoubtTextRaw = native.Doubt{
		Name: "secl-text-raw", Default: true,
		Doc: "in \"…\" a backslash stays as typed; off: escapes are resolved as in Go (older agents)",
	}
	DoubtZeroUnset = native.Doubt{
		Name: "secl-zero-unset", Default: true,
		Doc: "an unset number, boolean or address is 0, false, no address; off: every test on it is false, and its negation true",
	}
)

// doubts is sorted by name.
var doubts = []native.Doubt{
	DoubtAllInTexts, DoubtGlobInner, DoubtPatternAnchored, DoubtPatternBacktrack, DoubtPatternNewline, DoubtRegisterEmpty,
	DoubtTextRaw, DoubtZeroUnset,
}

// settings are the switches of one run.
type settings struct {
	allInTexts, globInner, anchored, backtrack, newline, registerEmpty, textRaw, zeroUnset native.Switch
}

func settingsOf(in native.Input) settings {
	return settings{
		allInTexts: in.Switch(DoubtAllInTexts), globInner: in.Switch(DoubtGlobInner), anchored: in.Switch(DoubtPatternAnchored),
		backtrack: in.Switch(DoubtPatternBacktrack), newline: in.Switch(DoubtPatternNewline), registerEmpty: in.Switch(DoubtRegisterEmpty),
		textRaw: in.Switch(DoubtTextRaw), zeroUnset: in.Switch(DoubtZeroUnset),
	}
}
