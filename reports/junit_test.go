package reports

import (
	"encoding/xml"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

func sampleStory(t *testing.T) *story {
	t.Helper()
	record, err := evidence.Open(sampleRun(t))
	if err != nil {
		t.Fatal(err)
	}
	return tell(record)
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	octets, err := renderJUnit(sampleResult(), loadCatalogue(t), sampleStory(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "junit.xml", octets)
}

// The counters have to be those of the child elements: some readers look at
// the ones, some at the others.
func TestJUnitCountersAgree(t *testing.T) {
	t.Parallel()
	octets, err := renderJUnit(sampleResult(), loadCatalogue(t), sampleStory(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	var root junitSuites
	if err := xml.Unmarshal(octets, &root); err != nil {
		t.Fatal(err)
	}
	var tests, failures, errors, skipped int
	for _, suite := range root.Suites {
		for _, c := range suite.Cases {
			tests++
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				errors++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
	}
	if tests != root.Tests || failures != root.Failures || errors != root.Errors || skipped != root.Skipped {
		t.Errorf("counters say %d tests, %d failures, %d errors, %d skipped; elements %d, %d, %d, %d",
			root.Tests, root.Failures, root.Errors, root.Skipped, tests, failures, errors, skipped)
	}
	if failures != 2 || errors != 2 {
		t.Errorf("%d failures and %d errors, want 2 (a scenario, the verdict) and 2 (one inconclusive, one of the harness)", failures, errors)
	}
}

// No verdict that is not a pass may look like one.
func TestJUnitIsNeverGreenByAccident(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	s := &story{}
	for verdict, want := range map[rules.Verdict]string{
		rules.Error: "error", rules.Fail: "failure", rules.Inconclusive: "error", rules.Warn: "passed", rules.Pass: "passed",
		rules.Observed: "passed", rules.Inapplicable: "skipped", rules.NotExercised: "skipped", "": "error", "new": "error",
	} {
		if got := stateOf(junitScenario(rules.ScenarioResult{ID: "x", Verdict: verdict}, catalogue, s)); got != want {
			t.Errorf("a scenario that is %q is written as %s, want %s", verdict, got, want)
		}
	}
	for outcome, want := range map[rules.Outcome]string{
		rules.Conformant: "passed", rules.ConformantWithWarnings: "passed", rules.NotConformant: "failure",
		rules.Inconclusives: "error", rules.Invalid: "error", rules.Interrupted: "error", "": "error",
	} {
		if got := stateOf(junitVerdict(&rules.Result{Verdict: outcome}).Cases[0]); got != want {
			t.Errorf("the outcome %q is written as %s, want %s", outcome, got, want)
		}
	}
}

func stateOf(c junitCase) string {
	switch {
	case c.Failure != nil:
		return "failure"
	case c.Error != nil:
		return "error"
	case c.Skipped != nil:
		return "skipped"
	}
	return "passed"
}
