package datadog

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/datadog/api"
)

// anomalyOptions are the options of anomaly_detection that come nearest to a baseline.
func anomalyOptions(b *ir.Baseline) *api.AnomalyOptions {
	return &api.AnomalyOptions{
		BucketDuration: nearest(api.AnomalyBuckets, int64(b.Bucket/time.Second)), LearningDuration: nearest(api.AnomalyLearning, int64(b.Learn/time.Hour)), DetectionTolerance: 3,
	}
}

// anomalySettings says them in words.
func anomalySettings(b *ir.Baseline) string {
	o := anomalyOptions(b)
	return fmt.Sprintf("bucketDuration %d, learningDuration %d, condition `n > 0.995`", o.BucketDuration, o.LearningDuration)
}

// nearest returns the greatest value that is not above n, or the least.
func nearest(allowed []int64, n int64) int64 {
	out := allowed[0]
	for _, v := range allowed {
		if v <= n {
			out = v
		}
	}
	return out
}

// anomalyWarning is the first paragraph of what an alternative tells.
const anomalyWarning = "**This rule is an alternative to choose by hand.** It learns what is usual by an algorithm that the platform does not publish, so nothing proves that it finds what the rule means. " +
	"A group without a history is not judged by that of the others; until it has learned, only `learningPeriodBaseline` counts."

// alternative is a rule of the method anomaly_detection for a baseline, switched off: the learned part of the rule as far as custom
// rules have one. It is nil for other rules, and for a measure that queries do not count.
func alternative(a *platform.Artefact) *api.DetectionRule {
	b, ok := a.Rule.Body.(*ir.Baseline)
	doc, isRule := a.Document.(*api.DetectionRule)
	if !ok || !isRule || b.Measure.Func != ir.AggCount && b.Measure.Func != ir.AggDistinct {
		return nil
	}
	out := *doc
	out.Name, out.IsEnabled = doc.Name+" (anomaly detection)", false
	out.Message = anomalyWarning + "\n\n" + doc.Message
	out.Queries = doc.Queries[:1]
	q := out.Queries[0].Name
	status := doc.Cases[0]
	status.Name, status.Condition = "", api.Condition{Tests: []api.Test{{Query: q, Value: 0.995}}}.String()
	out.Cases = []api.Case{status}
	out.Options = doc.Options
	out.Options.DetectionMethod, out.Options.AnomalyOptions = api.AnomalyMethod, anomalyOptions(b)
	out.Options.AnomalyOptions.LearningPeriodBaseline = leastOf(doc)
	out.Options.EvaluationWindow, _ = api.AtLeast(api.Windows, out.Options.AnomalyOptions.BucketDuration)
	out.Options.KeepAlive = max(out.Options.KeepAlive, out.Options.EvaluationWindow)
	return &out
}

// leastOf is the least number that the rule's own comparisons ask for.
func leastOf(doc *api.DetectionRule) int64 {
	cond, err := api.ParseCondition(doc.Cases[0].Condition)
	if err != nil {
		return 0
	}
	for _, t := range cond.Tests {
		if t.Query == doc.Queries[0].Name {
			return int64(t.Value)
		}
	}
	return 0
}
