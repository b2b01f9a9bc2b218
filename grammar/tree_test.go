package grammar

import "testing"

func BenchmarkBuildParser(b *testing.B) {
	for b.Loop() {
		buildParser()
	}
}
