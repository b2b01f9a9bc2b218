package native

import "testing"

// A switch has the state that the input gives it, or its default; what a run asks about is noted, and nothing else.
func TestSwitch(t *testing.T) {
	on, off := Doubt{Name: "on", Default: true}, Doubt{Name: "off"}
	in := Input{Doubts: map[string]bool{"off": true}, Asked: Asked{}}
	if !in.On(on) || !in.On(off) || (Input{}).On(off) || !(Input{}).On(on) {
		t.Error("a switch has another state than it was given")
	}
	in = Input{Asked: Asked{}}
	s, unused := in.Switch(off), in.Switch(on)
	if in.Asked.Has("off") || in.Asked.Has("on") || in.Asked.Has("other") {
		t.Error("a doubt is noted before it is asked about")
	}
	if s.On() || !in.Asked.Has("off") || in.Asked.Has("on") {
		t.Error("what is noted is not what was asked about")
	}
	if !unused.On() || !in.Asked.Has("on") {
		t.Error("the second doubt is not noted")
	}
}
