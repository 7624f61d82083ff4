package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/rules"
)

// accountOfRule finds what became of a rule.
func accountIn(c *Coverage, id string) Account {
	for _, list := range [][]RuleAccount{c.Excluded, c.Open} {
		for _, a := range list {
			if a.ID == id {
				return a.Account
			}
		}
	}
	return ""
}

func TestCoverCountsEveryRuleOnce(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	c := Cover(sampleResult(), catalogue)
	sum, inFamilies := 0, 0
	for _, n := range c.Total {
		sum += n
	}
	for _, f := range c.Families {
		for _, n := range f.Count {
			inFamilies += n
		}
	}
	if sum != len(catalogue.Rules) || inFamilies != sum {
		t.Errorf("counted %d rules in all and %d in families, want %d", sum, inFamilies, len(catalogue.Rules))
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	checks := []rules.Check{{Rule: "PEC-GEN-001", Verdict: rules.Pass}}
	tests := []struct {
		name   string
		result rules.RuleResult
		want   Account // "": judged, which is in no list
	}{
		{"judged", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.Pass, Judged: true, Checks: checks}, ""},
		{"a failure is judged", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.Fail, Judged: true, Checks: checks}, ""},
		{"excluded", rules.RuleResult{ID: "PEC-SIG-010", Verdict: rules.NotExercised}, AccountExcluded},
		{"declared", rules.RuleResult{ID: "PEC-SIG-010", Verdict: rules.NotExercised, Declared: true}, AccountDeclared},
		{"inapplicable", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.Inapplicable, Judged: true}, AccountInapplicable},
		{"inconclusive", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.Inconclusive, Judged: true}, AccountInconclusive},
		{"the harness failed", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.Error, Judged: true}, AccountInconclusive},
		{"not exercised", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.NotExercised, Judged: true}, AccountNotExercised},
		{"neither judged nor excluded", rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.NotExercised}, AccountUnaccounted},
		{"a verdict of another version", rules.RuleResult{ID: "PEC-GEN-001", Verdict: "splendid", Judged: true}, AccountInconclusive},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := Cover(&rules.Result{Rules: []rules.RuleResult{test.result}}, catalogue)
			if diff := cmp.Diff(test.want, accountIn(c, test.result.ID)); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCoverageIsUnsound(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	all := func() *rules.Result {
		r := &rules.Result{}
		for _, law := range catalogue.Rules {
			r.Rules = append(r.Rules, rules.RuleResult{ID: law.ID, Verdict: rules.Pass, Judged: true})
		}
		return r
	}
	if c := Cover(all(), catalogue); !c.Complete() {
		t.Fatalf("a run that judges everything is not complete: %v", c.Total)
	}
	tests := []struct {
		name  string
		spoil func(*rules.Result)
		says  string
	}{
		{"a rule without judge and without exclusion", func(r *rules.Result) { r.Rules[3] = rules.RuleResult{ID: r.Rules[3].ID, Verdict: rules.NotExercised} }, "unaccounted 1"},
		{"a scenario without a rule", func(r *rules.Result) { r.Scenarios = []rules.ScenarioResult{{ID: "idle-scenario"}} }, "idle-scenario"},
		{"a scenario of an unknown rule", func(r *rules.Result) {
			r.Scenarios = []rules.ScenarioResult{{ID: "stray", Rules: []string{"PEC-ZZ-001"}}}
		}, "PEC-ZZ-001"},
		{"an unknown rule in run.json", func(r *rules.Result) { r.Rules = append(r.Rules, rules.RuleResult{ID: "PEC-ZZ-002"}) }, "PEC-ZZ-002"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := all()
			test.spoil(r)
			c := Cover(r, catalogue)
			if c.Sound() {
				t.Error("it counts as sound")
			}
			var b strings.Builder
			if err := WriteCoverage(&b, c, 100); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), test.says) {
				t.Errorf("the words do not say %q:\n%s", test.says, b.String())
			}
		})
	}
}
