package run

import "github.com/onerule/onerule/backends/native"

// The switches: what the vendor's pages do not say about rules. See platform/datadog/QUIRKS.md.
var (
	DoubtEventTime = native.Doubt{
		Name: "datadog-event-time", Default: true,
		Doc: "windows are measured by the timestamps of logs, and late logs count where they belong; off: by the time at which they arrive",
	}
	DoubtForgetGroup = native.Doubt{
		Name: "datadog-forget-group", Default: false,
		Doc: "new_value forgets a group without events for forgetAfter, and learns it anew; off: only values are forgotten",
	}
	DoubtGroupArray = native.Doubt{
		Name: "datadog-group-array", Default: true,
		Doc: "an event with several values of a group-by field is in the group of each, and counts with each as a distinct value; off: the list is one value",
	}
	DoubtKeepAliveEdge = native.Doubt{
		Name: "datadog-keep-alive-edge", Default: true,
		Doc: "a match exactly keepAlive after the one before still joins the signal; off: it opens another",
	}
	DoubtLearnPerGroup = native.Doubt{
		Name: "datadog-learn-per-group", Default: false,
		Doc: "the learning time of new_value begins for each group with its first event that has the value; off: with the rule, for all groups",
	}
	DoubtLearnZero = native.Doubt{
		Name: "datadog-learn-zero", Default: true,
		Doc: "new_value with learningThreshold 0 reports the very first value of a group; off: that one is learned in silence",
	}
	DoubtSequenceReset = native.Doubt{
		Name: "datadog-sequence-reset", Default: false,
		Doc: "a sequence that is complete begins anew, and events before its end are in no other; off: they may be",
	}
	DoubtStepAnyEvent = native.Doubt{
		Name: "datadog-step-any-event", Default: false,
		Doc: "the condition of each step of a sequence is asked at every event of the group; off: at the events of its own queries",
	}
	DoubtStepFresh = native.Doubt{
		Name: "datadog-step-fresh", Default: false,
		Doc: "a step of a sequence counts the events behind the step before; off: those in its window, also before the step before",
	}
	DoubtStepRestart = native.Doubt{
		Name: "datadog-step-restart", Default: true,
		Doc: "a step of a sequence that is reached again waits for the next from then on as well; off: until the wait that runs is over it is not reached again",
	}
	DoubtStepsAtOnce = native.Doubt{
		Name: "datadog-steps-at-once", Default: false,
		Doc: "two steps of a sequence may have one time, in the order of arrival; off: each is later than the step before",
	}
	DoubtTransitionEdge = native.Doubt{
		Name: "datadog-transition-edge", Default: true,
		Doc: "a step exactly as long after the step before as the transition waits still follows it; off: it is too late",
	}
	DoubtWindowClosed = native.Doubt{
		Name: "datadog-window-closed", Default: false,
		Doc: "an event that is exactly as old as the evaluation window is long still counts; off: it does not",
	}
)

// Doubts lists the switches, sorted by name.
var Doubts = []native.Doubt{
	DoubtEventTime, DoubtForgetGroup, DoubtGroupArray, DoubtKeepAliveEdge, DoubtLearnPerGroup, DoubtLearnZero, DoubtSequenceReset,
	DoubtStepAnyEvent, DoubtStepFresh, DoubtStepRestart, DoubtStepsAtOnce, DoubtTransitionEdge, DoubtWindowClosed,
}
