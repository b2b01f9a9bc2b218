package datadog

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
)

// windowOf returns the evaluation window that holds the events of a rule's window, in seconds, and what that makes of the rule.
//
// A rule of the method threshold looks, at each event of time t, at the events in (t−W, t]. Its conditions only become true by
// more events. So the events that make a finding true in a window that ends later, or began at a fixed time, or after a gap, lie
// in the evaluation window of the last of them, where the condition is then true too: nothing is missed.
func windowOf(w ir.Window) (seconds int64, level backends.Level) {
	length := w.Size
	if w.Kind == ir.Session {
		length = w.Max
	}
	need := int64((length + time.Second - 1) / time.Second)
	seconds, ok := api.AtLeast(api.Windows, need)
	longest := spell(api.Windows[len(api.Windows)-1])
	if !ok {
		return 0, backends.Refused(
			fmt.Sprintf("the longest window of a rule that counts is %s, and this one has %s", longest, spellDuration(length)),
			"use a window of at most "+longest+", or leave Datadog out")
	}
	equal := length == time.Duration(seconds)*time.Second
	slides := fmt.Sprintf("a rule counts, at each event, the events of the last %s", spell(seconds))
	nearest := fmt.Sprintf("; `sliding %s` is what it does", spell(seconds))
	switch w.Kind {
	case ir.Tumbling:
		return seconds, backends.Wider(slides + ", so it also finds what falls into two windows; every finding has a signal of its group with a match in its window" + nearest)
	case ir.Hopping:
		return seconds, backends.Wider(slides + ", so it also finds what lies in no single window; every finding has a signal of its group with a match in its window" + nearest)
	case ir.Session:
		return seconds, backends.Wider(slides + ", whatever the gaps between them; every finding is a match of a signal" + nearest)
	case ir.Sliding:
	}
	if !equal {
		return seconds, backends.Wider(slides + ", because its window can only be " + windowList() + "; every finding is a match of a signal" + nearest)
	}
	if 2*seconds > api.KeepAlives[len(api.KeepAlives)-1] {
		return seconds, backends.Wider(fmt.Sprintf("a signal stays open for at most %s after a match, and with a window of %s a further one may open while the condition goes on; every finding is a match of a signal",
			spell(api.KeepAlives[len(api.KeepAlives)-1]), spell(seconds)) + "; `sliding 3h` and shorter ones are exact")
	}
	return seconds, backends.Rewritten("at each event the events of the last " + spell(seconds) + " are counted; a signal opens when the condition becomes true, and takes up what follows")
}

func windowList() string { return list(api.Windows) }

// list writes lengths in seconds.
func list(lengths []int64) string {
	texts := make([]string, len(lengths))
	for i, w := range lengths {
		texts[i] = spell(w)
	}
	return strings.Join(texts, ", ")
}

// spell writes seconds as rules do.
func spell(seconds int64) string { return spellDuration(time.Duration(seconds) * time.Second) }

// spellDuration writes a duration in the units of rules, the greatest that it is a multiple of.
func spellDuration(d time.Duration) string {
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}

// signalTimes returns how long a signal stays open after a match, and at most, in seconds.
//
// An event that no query counts does not evaluate the cases, although it is one of the group: so a condition that stays true may
// go without a match for up to twice the window. A signal that is kept open that long is not opened twice for one finding.
func signalTimes(window int64, once time.Duration) (keepAlive, longest int64) {
	limit := api.KeepAlives[len(api.KeepAlives)-1]
	keepAlive, ok := api.AtLeast(api.KeepAlives, max(2*window, int64((once+time.Second-1)/time.Second)))
	if !ok {
		keepAlive = limit
	}
	return keepAlive, api.Durations[len(api.Durations)-1]
}
