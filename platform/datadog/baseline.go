package datadog

import (
	"fmt"
	"time"

	"github.com/onerule/onerule/ir"
)

// The values that the options of anomaly_detection may have: seconds of a bucket, and hours of learning.
// Source: model_security_monitoring_rule_anomaly_detection_options_*.go.
var (
	anomalyBuckets  = []int64{300, 600, 900, 1800, 3600, 10800}
	anomalyLearning = []int64{1, 6, 12, 24, 48, 168, 336}
)

// anomalySettings are the options of anomaly_detection that come nearest to a baseline.
func anomalySettings(b *ir.Baseline) string {
	bucket := nearest(anomalyBuckets, int64(b.Bucket/time.Second))
	learning := nearest(anomalyLearning, int64(b.Learn/time.Hour))
	return fmt.Sprintf("bucketDuration %d, learningDuration %d, condition `n > 0.995`", bucket, learning)
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
