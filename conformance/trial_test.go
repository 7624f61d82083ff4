package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// TestPair is the conformance run itself under go test: every scenario against
// the built-in pair, each its own subtest, with the verdicts judged from the
// evidence on disk. That a report of so much can be written, the command shows.
func TestPair(t *testing.T) {
	t.Parallel()
	report := tryPair(t, Options{Tags: "not @heavy", unreported: true})
	if got := ExitCode(report.Result.Verdict); got != ExitConformant {
		t.Errorf("verdict %s (%s): exit code %d", report.Result.Verdict, report.Result.Reason, got)
	}
	keepsExercising(t, report.Result)
	for _, s := range report.Result.Scenarios {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			complain(t, s)
		})
	}
}

// TestHeavyPair plays the scenarios with 30 MB messages and 50 recipients.
func TestHeavyPair(t *testing.T) {
	t.Parallel()
	result := tryPair(t, Options{Tags: "@heavy", unreported: true}).Result
	if got := ExitCode(result.Verdict); got != ExitConformant {
		t.Errorf("verdict %s (%s): exit code %d", result.Verdict, result.Reason, got)
	}
	for _, s := range result.Scenarios {
		complain(t, s)
	}
}

// keepsExercising holds the rules that the run exercised against those it did
// when the list was last read: a judge that falls silent must show in a diff.
func keepsExercising(t *testing.T, result *rules.Result) {
	t.Helper()
	var b strings.Builder
	for _, r := range result.Rules {
		if r.Verdict.Exercised() {
			b.WriteString(r.ID + "\n")
		}
	}
	golden := filepath.Join("testdata", "exercised.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("rules exercised (-%s +got); read it, and write it anew with UPDATE_GOLDEN=1 if it is right:\n%s", golden, diff)
	}
}

func complain(t *testing.T, s rules.ScenarioResult) {
	t.Helper()
	if s.Error != "" {
		t.Errorf("harness: %s", s.Error)
	}
	exercised := 0
	for _, c := range s.Checks {
		if c.Verdict.Exercised() {
			exercised++
		}
		if c.Verdict == rules.Fail || c.Verdict == rules.Error || c.Verdict == rules.Inconclusive {
			t.Errorf("%s %s (%s) at %v\n  expected: %s\n  seen:     %s %s", c.Rule, c.Verdict, c.By, c.Where, c.Expected, c.Seen, c.Need)
		}
	}
	if exercised == 0 {
		t.Error("nothing was exercised: such a scenario proves nothing")
	}
}

// tryPair runs in a folder of the test's own.
func tryPair(t *testing.T, o Options) *Report {
	t.Helper()
	o.Out, o.Now, o.Seed, o.Version = filepath.Join(t.TempDir(), "run"), time.Now, 1, "test"
	report, err := tryKeyed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestVerdictsComeFromTheEvidence deletes run.json, judges the evidence again,
// and expects the same result to the last check.
func TestVerdictsComeFromTheEvidence(t *testing.T) {
	t.Parallel()
	c := copied(t, shown(t, faultyRun).Dir)
	before, err := reports.Read(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	c.remove(reports.ResultFile)
	again, err := Judge(c.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, again); diff != "" {
		t.Errorf("judging the evidence again (-run.json +again):\n%s", diff)
	}
}
