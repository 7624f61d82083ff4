package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// What a view may say otherwise than the whole is only that it lacks something.
func TestViewsMayDifferOnlyByWhatTheyLack(t *testing.T) {
	t.Parallel()
	const rule, scenario = "PEC-ACC-003", "s"
	run := func(check rules.Check, end *evidence.End, trouble string) *judged {
		check.Rule, check.Scenario = rule, scenario
		s := rules.ScenarioResult{ID: scenario, Checks: []rules.Check{check}, Error: trouble, Verdict: check.Verdict}
		r := &rules.Result{Scenarios: []rules.ScenarioResult{s}, Rules: []rules.RuleResult{{ID: rule, Verdict: check.Verdict, Checks: s.Checks}}}
		if check.Verdict == rules.NotExercised && check.Need != "" {
			r.Rules[0].Verdict, r.Rules[0].Reason = rules.Inconclusive, "missing: "+check.Need
		}
		return &judged{r, map[string]rules.ScenarioResult{scenario: s}, map[string]*evidence.End{scenario: end}}
	}
	tests := []struct {
		name                        string
		view                        *judged
		same, blind, unseen, differ int
	}{
		{"the same", run(rules.Check{Verdict: rules.Pass}, &evidence.End{}, ""), 1, 0, 0, 0},
		{"it fails", run(rules.Check{Verdict: rules.Fail}, &evidence.End{}, ""), 0, 0, 0, 2},
		{"it warns", run(rules.Check{Verdict: rules.Warn}, &evidence.End{}, ""), 0, 0, 0, 2},
		{"it falls silent", run(rules.Check{Verdict: rules.NotExercised}, &evidence.End{}, ""), 0, 0, 0, 2},
		{"it lacks something", run(rules.Check{Verdict: rules.NotExercised, Need: "the journal"}, &evidence.End{}, ""), 0, 1, 0, 0},
		{"it fails, and lacks something besides", run(rules.Check{Verdict: rules.Fail, Need: "the journal"}, &evidence.End{}, ""), 0, 0, 0, 2},
		{"it is inconclusive, with what it lacks", run(rules.Check{Verdict: rules.Inconclusive, Need: "the journal"}, &evidence.End{}, ""), 0, 1, 0, 0},
		{"it is inconclusive without a reason", run(rules.Check{Verdict: rules.Inconclusive}, &evidence.End{}, ""), 0, 0, 0, 2},
		{"it could not be played", run(rules.Check{Verdict: rules.Inconclusive, Need: "role peer"}, &evidence.End{Lacking: []string{"role peer"}}, ""), 0, 1, 1, 0},
		{"the harness failed", run(rules.Check{Verdict: rules.Error}, &evidence.End{Error: "x"}, "x"), 0, 0, 0, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			whole := run(rules.Check{Verdict: rules.Pass}, &evidence.End{}, "")
			c := &ViewComparison{Blind: map[string]string{}, Unseen: map[string]string{}}
			var played []string
			if c.scenario(scenario, whole.cases[scenario], test.view) {
				played = append(played, scenario)
			}
			c.rules(whole, test.view, played)
			want := []int{test.same, test.blind, test.unseen, test.differ}
			if diff := cmp.Diff(want, []int{len(c.Same), len(c.Blind), len(c.Unseen), len(c.Differ)}); diff != "" {
				t.Errorf("same, blind, unseen, differ (-want +got):\n%s\n%v", diff, c.Differ)
			}
		})
	}
}
