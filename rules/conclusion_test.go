package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// judgedAs is a result in which rules came to these checks.
func judgedAs(run evidence.Run, list ...RuleResult) *Result {
	r := &Result{Run: run, Counts: map[Verdict]int{}, Rules: list, Verdict: NotConformant, Reason: "as judged"}
	for i := range r.Rules {
		for n := range r.Rules[i].Checks {
			r.Rules[i].Checks[n].Rule = r.Rules[i].ID
		}
		if r.Rules[i].Verdict == "" {
			r.Rules[i].Verdict = verdictOf(r.Rules[i].Checks)
		}
		r.Counts[r.Rules[i].Verdict]++
	}
	return r
}

func TestWithoutKnownFailures(t *testing.T) {
	t.Parallel()
	check := func(scenario string, v Verdict) Check { return Check{Scenario: scenario, By: "judge", Verdict: v} }
	rule := func(id string, checks ...Check) RuleResult { return RuleResult{ID: id, Judged: true, Checks: checks} }
	failed := rule("PEC-AP-005", check("a", Fail), check("b", Pass))
	everything := func(Check) bool { return true }
	for name, test := range map[string]struct {
		result *Result
		known  func(Check) bool
		want   Outcome
	}{
		"all known":            {judgedAs(evidence.Run{}, failed), everything, Conformant},
		"none known":           {judgedAs(evidence.Run{}, failed), func(Check) bool { return false }, NotConformant},
		"one of two known":     {judgedAs(evidence.Run{}, failed, rule("PEC-AP-006", check("a", Fail))), func(c Check) bool { return c.Rule == "PEC-AP-005" }, NotConformant},
		"another scenario":     {judgedAs(evidence.Run{}, rule("PEC-AP-005", check("a", Fail), check("b", Fail))), func(c Check) bool { return c.Scenario == "a" }, NotConformant},
		"a warning beside":     {judgedAs(evidence.Run{}, failed, rule("PEC-AP-006", check("a", Warn))), everything, ConformantWithWarnings},
		"open beside":          {judgedAs(evidence.Run{}, failed, rule("PEC-AP-006", check("a", Inconclusive))), everything, Inconclusives},
		"open behind":          {judgedAs(evidence.Run{}, rule("PEC-AP-005", check("a", Fail), check("b", Inconclusive))), everything, Inconclusives},
		"unseen behind":        {judgedAs(evidence.Run{}, RuleResult{ID: "PEC-AP-005", Judged: true, Unseen: "the log", Checks: []Check{check("a", Fail)}}), everything, Inconclusives},
		"failed by no check":   {judgedAs(evidence.Run{}, RuleResult{ID: "PEC-AP-005", Judged: true, Verdict: Fail}), everything, NotConformant},
		"only the known one":   {judgedAs(evidence.Run{Rules: []string{"PEC-AP-005"}}, rule("PEC-AP-005", check("a", Fail))), everything, Conformant},
		"another never looked": {judgedAs(evidence.Run{Rules: []string{"PEC-AP-005", "PEC-AP-006"}}, failed, rule("PEC-AP-006")), everything, Inconclusives},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, why := test.result.Without(loadedCatalogue(t), test.known); got != test.want {
				t.Errorf("%s (%s), want %s", got, why, test.want)
			}
		})
	}
	for _, v := range []Outcome{Invalid, Interrupted, Inconclusives, Conformant} {
		r := judgedAs(evidence.Run{}, failed)
		r.Verdict = v
		if got, why := r.Without(loadedCatalogue(t), everything); got != v || why != r.Reason {
			t.Errorf("a run that is %s becomes %s (%s): only failures can be set aside", v, got, why)
		}
	}
}

// A broken rule whose judge could not look everywhere says so: without the
// failure it would be inconclusive.
func TestABrokenRuleKeepsWhatItsJudgeLacked(t *testing.T) {
	t.Parallel()
	missing := Check{Rule: "PEC-AP-005", Scenario: "a", By: "judge", Verdict: NotExercised, Need: "the provider's log", Beside: true}
	for verdict, want := range map[Verdict]string{Fail: "the provider's log", Pass: ""} {
		seen := Check{Rule: "PEC-AP-005", Scenario: "a", By: "judge", Verdict: verdict}
		rr := RuleResult{ID: "PEC-AP-005", Verdict: verdict, Checks: []Check{seen}}
		unseen := rr.seenInPart([]Check{seen, missing})
		if rr.Unseen != want || (unseen == nil) != (verdict == Fail) || rr.Verdict.Worse(Fail) {
			t.Errorf("%s: unseen %q, check %v, verdict %s", verdict, rr.Unseen, unseen, rr.Verdict)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"hidden-recipient", "hidden-recipients", "no-from"}
	for wrong, want := range map[string]string{"hiden-recipient": "hidden-recipient hidden-recipients", "no-form": "no-from", "silence": ""} {
		if got := strings.Join(Nearest(wrong, known), " "); got != want {
			t.Errorf("%s: %q, want %q", wrong, got, want)
		}
	}
}
