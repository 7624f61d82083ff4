package conformance

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkFullRun is the wall time of `collaudo run`: every scenario, the
// judgement and the report.
func BenchmarkFullRun(b *testing.B) {
	dir := b.TempDir()
	for n := 0; b.Loop(); n++ {
		report, err := Try(b.Context(), Options{Out: filepath.Join(dir, fmt.Sprint(n)), Now: time.Now, Seed: 1, Version: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(report.Took.Seconds(), "s/playing")
		b.ReportMetric(report.Judged.Seconds(), "s/judging")
		b.ReportMetric(float64(len(report.Result.Scenarios)), "scenarios")
	}
}
