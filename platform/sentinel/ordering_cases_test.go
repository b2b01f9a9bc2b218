package sentinel_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// stepEvents makes events of words such as `f10`, `s20.001/v@2`: the kind (f a failed log-in, s one that succeeded, c a changed
// factor, r a reset password), the second, the user (u unless said), the last byte of the address.
func stepEvents(t *testing.T, words string) []schema.Event {
	t.Helper()
	var out []schema.Event
	for i, w := range strings.Fields(words) {
		w, ip, hasIP := strings.Cut(w, "@")
		w, user, other := strings.Cut(w, "/")
		if !other {
			user = "u"
		}
		second, err := strconv.ParseFloat(w[1:], 64)
		if err != nil {
			t.Fatal(err)
		}
		e := schema.Event{ID: fmt.Sprintf("e%02d", i), Source: "okta", Millis: start + int64(second*1000+0.5), Object: map[string]any{"user.id": user}}
		if hasIP {
			e.Object["source.ip"] = "10.0.0." + ip
		}
		switch w[0] {
		case 'f':
			e.Class, e.Object["event.outcome"] = "iam.login", "failure"
		case 's':
			e.Class, e.Object["event.outcome"] = "iam.login", "success"
		case 'c':
			e.Class = "iam.mfa.change"
		case 'r':
			e.Class = "iam.password.reset"
		}
		out = append(out, e)
	}
	return out
}

const (
	stepF = "f: from iam.login on okta where event.outcome == \"failure\""
	stepS = "s: from iam.login on okta where event.outcome == \"success\""
	stepC = "c: from iam.mfa.change on okta"
	stepR = "r: from iam.password.reset on okta"
)

func within(kind, span string, steps ...string) string {
	return "rule r v1 {\n" + kind + " by user.id within " + span + " {\n" + strings.Join(steps, "\n") + "\n}\n}\n"
}

// TestOrderingConstructs runs small timelines at the edges of each construct, in all phases and readings; found are the first
// findings of the users, as `user@second`.
func TestOrderingConstructs(t *testing.T) {
	linear := within("sequence", "1m", stepF, stepS, stepC)
	repeat := within("sequence", "1m", stepF+" repeat >= 3", stepS+" repeat >= 2")
	until := within("sequence", "1m", stepF, stepS, "until "+stepR)
	end := within("sequence", "1m", stepF, stepS, "missing "+stepR)
	between := within("sequence", "1m", stepF, "missing "+stepR, stepS, stepC)
	repeated := within("sequence", "1m", stepF, "missing "+stepR, stepS+" repeat >= 2", stepC)
	address := within("sequence", "1m", stepF, stepS+" and not source.ip == f.source.ip")
	guessed := within("sequence", "1m", stepF+" repeat >= 3", stepS+" and source.ip == f.source.ip", "until "+stepR)
	slow := within("sequence", "30m", stepF, "missing "+stepR, stepS+" and source.ip == f.source.ip repeat >= 2")
	lastFits := within("sequence", "1m", stepF+" repeat >= 2", stepS+" and source.ip == f.source.ip", "missing "+stepR)
	waits := within("sequence", "1m", stepF+" repeat >= 2", stepS, "missing "+stepR, "until "+stepC)
	both := within("together", "1m", stepF+" repeat >= 2", stepS)
	overlap := within("together", "1m", "a: from iam.login on okta", stepS)
	quiet := within("together", "1m", stepF, stepS, "missing "+stepR, "until "+stepC)
	same := within("together", "1m", stepF, stepS+" and source.ip == f.source.ip")
	for _, c := range []struct {
		construct           platform.Construct
		text, events, found string
	}{
		{platform.Sequence, linear, "f10 s20 c30", "u@30"},
		{platform.Sequence, linear, "f10 c20 s30", ""},
		{platform.Sequence, linear, "f10 s10 c30", ""},
		{platform.Sequence, linear, "f10 s10 s10.001 c10.001 c10.002", "u@10.002"},
		{platform.Sequence, linear, "f0 s1 c60", "u@60"},
		{platform.Sequence, linear, "f0 s1 c60.001", ""},
		{platform.Sequence, linear, "f0 f10 s20 c70", "u@70"},
		{platform.Sequence, linear, "f10 s20/v c30 s40 c50/v c60 c61", "u@60"},
		{platform.Sequence, linear, "f10 s20 f25 c30 s35 c70 c80 c400 s399 f398", "u@30"},
		{platform.SequenceRepeat, repeat, "f0 f10 s15 s30", ""},
		{platform.SequenceRepeat, repeat, "f0 f10 f12 s15 s30", "u@30"},
		{platform.SequenceRepeat, repeat, "f0 f10 f12 s15 f20 s61", ""},
		{platform.SequenceRepeat, repeat, "f0 f10 f12 f13 s15 f20 s61 s70", "u@61"},
		{platform.SequenceRepeat, repeat, "f10 f10 f10 s15 s15", "u@15"},
		{platform.SequenceRepeat, repeat, "f10 f10 f10 s10 s15", ""},
		{platform.SequenceUntil, until, "r9.999 f10 s20", "u@20"},
		{platform.SequenceUntil, until, "f10 r10 s20", ""},
		{platform.SequenceUntil, until, "f10 r15 s20", ""},
		{platform.SequenceUntil, until, "f10 s20 r20", "u@20"},
		{platform.SequenceUntil, until, "f10 r15/v s20", "u@20"},
		{platform.SequenceUntil, until, "f10 r15 f16 s20", "u@20"},
		{platform.SequenceEnd, end, "f10 s20", "u@70"},
		{platform.SequenceEnd, end, "f10 s20 r70", ""},
		{platform.SequenceEnd, end, "f10 s20 r70.001", "u@70"},
		{platform.SequenceEnd, end, "f10 s20 r20", "u@70"},
		{platform.SequenceEnd, end, "f10 s20 r30 s40", "u@70"},
		{platform.SequenceEnd, end, "f10 f15 s20 r72", "u@70"},
		{platform.SequenceEnd, waits, "f0 f10 s20 c60", "u@60"},
		{platform.SequenceEnd, waits, "f0 f10 s20 c59.999", ""},
		{platform.SequenceEnd, waits, "f0 s5 f10 f11 s20 r65", "u@60"},
		{platform.SequenceBetween, between, "f10 s20 c30", "u@30"},
		{platform.SequenceBetween, between, "f10 r15 s20 c30", ""},
		{platform.SequenceBetween, between, "f10 r10 r20 s20 c30", "u@30"},
		{platform.SequenceBetween, between, "f10 s20 r25 s26 c30", "u@30"},
		{platform.SequenceBetween, between, "f10 r11 f12 s20 r25 s26 c30", "u@30"},
		{platform.SequenceBetween, repeated, "f10 s20 r25 s26 c30", "u@30"},
		{platform.SequenceBetween, repeated, "f10 r20 s20 s21 c30", "u@30"},
		{platform.SequenceBetween, repeated, "f10 s12 r14 f15 r16 s20 c30", "u@30"},
		{platform.SequenceBetween, repeated, "f10 r14 f15 r16 s20 s21 c30", ""},
		{platform.SequenceBetween, repeated, "f10 s12 r14 s20 s25 c30", "u@30"},
		{platform.SequenceBetween, slow, "f0@1 s60@1 r120 s480@1 s840@1", "u@480"},
		{platform.SequenceEnd, lastFits, "f0@1 f10@2 f20@3 s30@3", "u@60"},
		{platform.SequenceCross, address, "f10@1 s20@1", ""},
		{platform.SequenceCross, address, "f10@1 s20@2", "u@20"},
		{platform.SequenceCross, address, "f10 s20@1", "u@20"},
		{platform.SequenceCross, address, "f10@1 s70@2", "u@70"},
		{platform.SequenceCross, address, "f10@1 f15@2 s20@2", "u@20"},
		{platform.SequenceCross, address, "f10@1 s10@2 s70@1 s70.001@2", ""},
		{platform.SequenceCross, guessed, "f10@1 f11@2 f12@3 s20@3", "u@20"},
		{platform.SequenceCross, guessed, "f10@1 f11@2 f12@3 s20@2", ""},
		{platform.SequenceCross, guessed, "f10@1 f11@2 f12@3 f13@4 s20@3", "u@20"},
		{platform.SequenceCross, guessed, "f10@1 r11 f11@2 f12@3 s20@3", ""},
		{platform.Together, both, "s10 f20 f30", "u@30"},
		{platform.Together, both, "f10 f10 s10", "u@10"},
		{platform.Together, both, "s0 f20 f60", "u@60"},
		{platform.Together, both, "s0 f20 f60.001", ""},
		{platform.Together, both, "s0 f20/v f30", ""},
		{platform.Together, overlap, "s10", ""},
		{platform.Together, overlap, "s10 f20", "u@20"},
		{platform.Together, overlap, "s10 s20", "u@20"},
		{platform.Together, same, "s10@1 f20@2 f30@1", "u@30"},
		{platform.TogetherVoid, quiet, "f90 s100", "u@150"},
		{platform.TogetherVoid, quiet, "f90 s100 r150", ""},
		{platform.TogetherVoid, quiet, "f90 s100 r40", ""},
		{platform.TogetherVoid, quiet, "f90 s100 r39.999 r150.001", "u@150"},
		{platform.TogetherVoid, quiet, "s90 f100 c149.999", ""},
		{platform.TogetherVoid, quiet, "s90 f100 c89.999 c150", "u@150"},
	} {
		t.Run(string(c.construct)+" "+c.events, func(t *testing.T) {
			m, l := build(t, parse(t, c.text))
			if m == nil {
				t.Fatalf("refused: %s", l.Why)
			}
			var events []schema.Event
			in := schedule.Input{Tables: []native.Table{{Name: m.Bound.Parts[0].Class.Table, Types: kusto.Backend.Types(m.Bound.Parts[0])}}}
			for _, e := range stepEvents(t, c.events) {
				part := m.Bound.Parts[slices.IndexFunc(m.Bound.Parts, func(p ir.Part) bool { return p.Class.Class == e.Class })]
				object, err := part.Binding.ToNative(e)
				if err != nil {
					t.Fatal(err)
				}
				e.Object = schema.Plain(object)
				events = append(events, e)
				in.Tables[0].Rows = append(in.Tables[0].Rows, e.Object)
			}
			var found []string
			for _, f := range eval.Findings(m.Bound.Rule, platformtest.Rows(t, m.Bound, events), eval.Always) {
				found = append(found, fmt.Sprintf("%s@%s", f.Key[0].Str(), strconv.FormatFloat(float64(f.Time-start)/1000, 'f', -1, 64)))
			}
			if got := strings.Join(found, " "); got != c.found {
				t.Fatalf("the meaning has %q, not %q", got, c.found)
			}
			in.From, in.To = time.UnixMilli(start).UTC().Add(-m.every), time.UnixMilli(start).UTC().Add(time.Hour)
			m.compareTicks(t, in, events)
		})
	}
}
